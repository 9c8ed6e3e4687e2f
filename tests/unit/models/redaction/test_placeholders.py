from __future__ import annotations

import pytest

from steward.models.redact import Kind, Restorer, Vault, restore
from steward.models.redaction.placeholders import replaced
from steward.models.redaction.spans import Span


@pytest.fixture
def vault() -> Vault:
    vault = Vault()
    for kind, words in [
        (Kind.PERSON, "Ada Byron"),
        (Kind.PERSON, "王芳"),
        (Kind.PHONE, "555-0123"),
    ]:
        vault.placeholder(kind, words)
    return vault


@pytest.mark.parametrize(
    ("bent", "whole"),
    [
        ("<PERSON_1>", "Ada Byron"),
        ("<person_1>", "Ada Byron"),
        ("Person_1", "Ada Byron"),
        ("[PERSON_1]", "Ada Byron"),
        ("《PERSON_2》您好", "王芳您好"),
        ("＜PERSON_2＞", "王芳"),
        ("【person_2】", "王芳"),
        ("<PERSON 1>", "Ada Byron"),
        ("< PERSON_1 >", "Ada Byron"),
        ("<PERSON\\_1>", "Ada Byron"),
        ("**<PERSON_1>**", "**Ada Byron**"),
        ("`<PERSON_1>`", "`Ada Byron`"),
        ("PERSON_1's phone", "Ada Byron's phone"),
        ("<PERSON_1>’s phone", "Ada Byron’s phone"),
        ("(PERSON_1)", "(Ada Byron)"),
        ("请找PERSON_2，电话PHONE_1。", "请找王芳，电话555-0123。"),
        ("<PERSON_1>, <PERSON_2> and <PHONE_1>", "Ada Byron, 王芳 and 555-0123"),
    ],
)
def test_bent_placeholders_are_understood(vault: Vault, bent: str, whole: str) -> None:
    assert restore(bent, vault) == whole


@pytest.mark.parametrize(
    "text",
    [
        *("<PERSON_3>", "<PERSON_12>", "PERSON_1x", "xPERSON_1"),
        *("PERSON 1", "persona_1", "<EMAIL_1>", "<>"),
    ],
)
def test_what_was_not_given_out_stays(vault: Vault, text: str) -> None:
    assert restore(text, vault) == text


def test_placeholders_in_the_text_come_back_as_they_were(vault: Vault) -> None:
    text = "write <PERSON_1> and person_2 into the template for Bo"
    sent = replaced(text, [Span(52, 54, Kind.PERSON, 1.0)], vault)
    assert sent == "write <LITERAL_1> and <LITERAL_2> into the template for <PERSON_3>"
    assert restore(sent, vault) == text


def test_what_is_put_back_is_not_looked_at_again(vault: Vault) -> None:
    nested = vault.placeholder(Kind.URL, "http://<PERSON_1>/")
    assert restore(nested, vault) == "http://<PERSON_1>/"


def test_a_stream_says_what_is_certain_at_once(vault: Vault) -> None:
    restorer = Restorer(vault)
    said = [
        restorer.feed(piece)
        for piece in ["Call ", "<PER", "SON_1", "> at", " PHONE", "_1", ". 5 < 6"]
    ]
    assert said == ["Call ", "", "", "Ada Byron at", " ", "", "555-0123. 5 < 6"]
    assert restorer.close() == ""
