"""What every Reader must do. A new one joins by adding its maker to `READERS`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.errors import ModelError
from steward.models.encoder import LIKELY
from steward.models.reader import SHIPPED, OnnxReader
from steward.plan.reader.canonical import SENSES
from steward.plan.reader.marks import COUNT
from steward.plan.reader.trained import INTENTS
from steward.thinking import Reader

READERS: dict[str, Callable[[], Reader]] = {"shipped": OnnxReader}
made = {name: maker() for name, maker in READERS.items()}
texts = st.text(max_size=120) | st.text("开关灯把客厅的空调 abcdefg,.!?0123456789", max_size=60)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=texts, data=st.data())
def test_a_reading_has_shares_for_labels_and_characters(
    name: str, text: str, data: st.DataObject
) -> None:
    known = data.draw(st.lists(st.integers(0, COUNT - 1), min_size=len(text), max_size=len(text)))
    reading = made[name].read(text, known)
    shares = [share for _, share in reading.labels]
    assert shares == sorted(shares, reverse=True)
    assert 0 < len(shares) <= LIKELY
    assert all(0 <= share <= 1 for share in shares) and sum(shares) < 1.001
    assert len(reading.tags) == len(text)
    assert all(sum(row) == pytest.approx(1, abs=1e-3) for row in reading.tags)
    assert reading == READERS[name]().read(text, known)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("turn the lights off", "off"),
        ("把灯关了", "off"),
        ("屋里太热了", "temperature -"),
        ("could we have it a little cooler", "temperature -"),
        ("what is on the shopping list", "ask list"),
        ("她昨天跟我说了好多话", "none"),
    ],
)
def test_plain_sentences_have_the_label_that_people_would_give(
    name: str, said: str, label: str
) -> None:
    assert made[name].read(said, [1] * len(said)).labels[0][0] == label


def test_every_label_of_the_shipped_reader_is_known_to_the_plan() -> None:
    found = {
        label
        for said in ("turn it off", "what time is it", "add milk", "太热了", "灯开着吗", "")
        for label, _ in made["shipped"].read(said, [1] * len(said)).labels
    }
    assert found <= {*SENSES, *INTENTS, "none", "compound"}


def test_a_missing_reader_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        OnnxReader(tmp_path).read("hello", [0] * 5)
    assert "python -m steward.lab.reader" in str(caught.value.hint)


def test_a_damaged_reader_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reader.onnx").write_bytes((SHIPPED / "reader.onnx").read_bytes()[:50_000])
    (tmp_path / "reader.json").write_bytes((SHIPPED / "reader.json").read_bytes())
    with pytest.raises(ModelError, match="cannot be loaded"):
        OnnxReader(tmp_path).read("hello", [0] * 5)
