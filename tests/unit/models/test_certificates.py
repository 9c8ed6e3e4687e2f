"""The file of certified thresholds: kept, found again, refused when it is damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log
from pathlib import Path

import pytest

from steward.errors import StateError
from steward.models.certificates import FILE, Certificate, Certificates
from steward.models.confidence import Curve
from steward.thinking import Token

ONE = Certificate(
    "device", "en", 0.1, 0.95, Curve(((0.1, 0.2), (0.6, 0.95))), 0.95, 100, 60, 1, 0.08
)


def test_what_is_kept_is_found_also_by_another_process(tmp_path: Path) -> None:
    mine, other = Certificates(tmp_path / "state"), Certificates(tmp_path / "state")
    assert other.of("device", "en") is None
    mine.keep([ONE, replace(ONE, task="zh", threshold=None)])
    assert other.of("device", "en") == ONE
    assert other.of("hub", "en") is None
    other.keep([replace(ONE, tier="hub")])
    assert [(c.tier, c.task) for c in mine.all()] == [
        ("device", "en"),
        ("device", "zh"),
        ("hub", "en"),
    ]
    mine.keep([replace(ONE, task="de")])
    assert [(c.tier, c.task) for c in other.all()] == [("device", "de"), ("hub", "en")]
    mine.path.unlink()
    assert other.all() == ()


def test_an_answer_is_judged_by_what_was_certified_of_its_tier(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    tokens = (Token("Paris", log(0.7)),)
    seems, threshold = certificates.judge("device", "en", tokens)
    assert seems == pytest.approx(0.7)
    assert threshold is None
    certificates.keep([ONE])
    assert certificates.judge("device", "en", tokens) == (0.95, 0.95)
    assert certificates.judge("device", "en", (Token("Lyon", -9.0),)) == (0.2, 0.95)
    assert certificates.judge("device", "zh", tokens)[1] is None
    assert certificates.judge("device", "en", ()) == (0.2, 0.95)


def test_by_a_damaged_file_no_answer_is_sure(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    assert Certificates(tmp_path).judge("device", "en", (Token("a", 0.0),)) == (1.0, None)


@pytest.mark.parametrize(
    "change",
    [
        {"alpha": 2},
        {"threshold": "0.9"},
        {"kept": 200},
        {"curve": {"steps": []}},
        {"curve": {"steps": [[0.5, 0.2], [0.4, 0.3]]}},
        {"curve": None},
        {"tier": 3},
        {"more": 1},
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    kept = Certificates(tmp_path)
    kept.keep([ONE])
    text = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps([text[0] | change]))
    with pytest.raises(StateError, match="damaged"):
        Certificates(tmp_path).of("device", "en")


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}x", b"[[[", b"5", b'[{"tier": "a"}]'])
def test_what_is_no_such_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(StateError):
        Certificates(tmp_path).all()
