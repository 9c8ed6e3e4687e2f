"""Presidio with its own network, and with one made here: rules in the place of learnt weights."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import spacy
from spacy.pipeline import EntityRuler

from steward.errors import DeviceError, ModelError
from steward.models.redact import Kind, Recognisers
from steward.models.redaction import presidio
from steward.models.store import Store


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = spacy.blank("en")
    ruler = made.add_pipe("entity_ruler")
    assert isinstance(ruler, EntityRuler)
    ruler.add_patterns(
        [
            {"label": "PERSON", "pattern": "Zyx Qwrt\nSecond"},
            {"label": "ORG", "pattern": "night owl bakery"},
            {"label": "ORG", "pattern": "SSN"},
            {"label": "DATE", "pattern": "next week"},
        ]
    )
    folder = tmp_path_factory.mktemp("network")
    made.to_disk(folder)
    return folder


def test_what_the_network_finds_is_added(network: Path) -> None:
    text = "we buy from the night owl bakery with 4111 1111 1111 1111; my SSN next week"
    with_it = Recognisers.with_presidio(network).find(text)
    found = {text[span.start : span.end]: span.kind for span in with_it}
    assert found == {"night owl bakery": Kind.ORGANIZATION, "4111 1111 1111 1111": Kind.CARD}


def test_its_own_network_finds_who_is_in_no_lexicon(store: Store) -> None:
    text = "A cake was brought by Oluwaseyi Threlkeld."
    found = Recognisers.with_presidio(store.folder(presidio.WEIGHTS)).find(text)
    assert "Oluwaseyi Threlkeld" in {text[span.start : span.end] for span in found}


def test_its_finds_end_with_the_line(network: Path) -> None:
    text = "zyx\nZyx Qwrt\nSecond"
    assert text[4:12] in {text[span.start : span.end] for span in presidio.load(network).find(text)}


def test_it_is_not_asked_about_chinese(network: Path) -> None:
    assert list(presidio.load(network).find("我在night owl bakery上班")) == []


def test_a_folder_without_a_network(network: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="steward setup --with en-core-web-sm"):
        presidio.load(tmp_path)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(DeviceError, match=r"steward-edge\[redact\]"):
        presidio.load(tmp_path)
