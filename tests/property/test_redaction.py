"""What redaction takes out comes back, whatever the text and however it is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.models.redact import Kind, Recognisers, Restorer, Vault, redact, restore
from steward.models.redaction.home import Words
from steward.models.redaction.placeholders import replaced
from steward.models.redaction.spans import Span, settle
from steward.models.redaction.windows import LONGEST, SHARED, windows

FAST = settings(max_examples=300, deadline=None)
RECOGNISERS = Recognisers(Words(["Bee"], ["Horse Barn"]))
PIECES = st.sampled_from(
    [
        *("<PERSON_1>", "person_2", "<", ">", "[PHONE_1]", "PERSON", "_1", "<literal_1>", "1", " "),
        *("Bee", "Anna Berg", "王芳", "13812345678", "ada@example.org", "14 Elm Street", "\n", "."),
        *("《", "》", "\\", "*", "_", "'s", "，", "4111 1111 1111 1111", "Norway", "the"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join)


@st.composite
def spanned(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS)
    place = st.integers(0, len(text))
    spans = draw(
        st.lists(
            st.builds(
                lambda one, two, kind, score: Span(min(one, two), max(one, two), kind, score),
                place,
                place,
                st.sampled_from(Kind),
                st.floats(0, 1),
            ),
            max_size=6,
        )
    )
    return text, spans


@FAST
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_conversations_come_back(texts: list[str]) -> None:
    vault = Vault()
    for text in texts:
        out = redact(text, vault, RECOGNISERS)
        if not out.blocked:
            assert restore(out.text, vault) == text


@FAST
@given(spanned())
def test_any_spans_come_back(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    vault = Vault()
    assert restore(replaced(text, spans, vault), vault) == text


@FAST
@given(spanned())
def test_settled_spans_stay_within_what_was_found(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    settled = settle(text, spans)
    assert all(one.end <= two.start for one, two in pairwise(settled))
    covered = {at for span in settled for at in range(span.start, span.end)}
    found = {at for span in spans for at in range(span.start, span.end)}
    sure = {at for span in spans if span.score >= 0.5 for at in range(span.start, span.end)}
    assert covered <= found
    assert all(not text[at].isalnum() for at in sure - covered)


@FAST
@given(TEXTS, st.data())
def test_a_stream_is_restored_as_the_whole(text: str, data: st.DataObject) -> None:
    vault = Vault()
    for kind, words in [(Kind.PERSON, "Ada"), (Kind.PERSON, "王芳"), (Kind.PHONE, "555-0123")]:
        vault.placeholder(kind, words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    restorer = Restorer(vault)
    parts = [restorer.feed(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join([*parts, restorer.close()]) == restore(text, vault)


@FAST
@given(st.lists(st.sampled_from(["12 Main ", "Main", "\n", " ", "。", "王", "a.b"]), max_size=40))
def test_the_work_on_a_text_is_bounded_by_its_length(pieces: list[str]) -> None:
    text = "".join(piece * 300 for piece in pieces)
    seen = list(windows(text))
    assert seen[0][0] == 0 and seen[-1][1] == len(text)
    assert all(end - start <= LONGEST for start, end in seen)
    assert all(one[1] - two[0] >= SHARED for one, two in pairwise(seen))
    assert sum(end - start for start, end in seen) <= 2 * len(text) + LONGEST


@pytest.mark.parametrize("filler", ["12 Main ", "Unit 1 ", "A.", "省", "a-", "The end.\n", "x"])
def test_odd_long_texts_hide_nothing(filler: str) -> None:
    odd = filler * (6_000 // len(filler))
    for at in (LONGEST, 5_000):
        text = f"{odd[:at]}\nMail ada@example.org, card 4111 1111 1111 1111.\n{odd[at:]}"
        out = redact(text, vault := Vault(), RECOGNISERS)
        assert "ada@example.org" not in out.text and "4111" not in out.text
        assert restore(out.text, vault) == text


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2 * LONGEST), st.sampled_from(["We saw it. ", "他们看见了。", "go\n"]))
def test_what_stands_at_a_cut_is_found(at: int, filler: str) -> None:
    odd = filler * (3 * LONGEST // len(filler))
    at = odd.rfind(filler[-1], 0, at) + 1
    for said in ("14 Elm Street", "13812345678", "Anna Kowalski"):
        text = f"{odd[:at]}{said}. {odd[at:]}"
        assert said not in redact(text, Vault(), RECOGNISERS).text


def test_only_what_was_sent_comes_back() -> None:
    vault = Vault()
    first = redact("Anna Kowalski rang.", vault, RECOGNISERS).text
    second = redact("Bee rang.", vault, RECOGNISERS).text
    sent = vault.only([second])
    assert restore(f"{second} {first} [PERSON_2]", sent) == f"Bee rang. {first} Bee"
