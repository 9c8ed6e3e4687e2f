"""The file that thresholds are certified on: what is read, and what is said of a bad line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.errors import UserError
from steward.lab.tiers.rows import Row, parsed, read


def test_a_line_is_a_question(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"task": "en", "confidence": 0.8, "local": 1, "big": 1, "why": "ignored"}\n\n'
        '{"task": "zh", "confidence": 0, "local": 0, "big": 7.5, "tier": "hub"}\n',
        encoding="utf-8",
    )
    assert read(path) == [Row("en", 0.8, 1.0, 1.0), Row("zh", 0.0, 0.0, 7.5, "hub")]
    assert [row.worse for row in read(path)] == [False, True]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2"),
        ("[1]", "no JSON object"),
        ('{"task": "en", "local": 1, "big": 1}', "no 'confidence'"),
        ('{"task": "", "confidence": 1, "local": 1, "big": 1}', "are names"),
        ('{"task": "en", "confidence": 1.2, "local": 1, "big": 1}', "from 0 to 1"),
        ('{"task": "en", "confidence": "1", "local": 1, "big": 1}', "are numbers"),
        ('{"task": "en", "confidence": 1, "local": NaN, "big": 1}', "are numbers"),
        ('{"task": "en", "confidence": 1, "local": 1e999, "big": 1}', "are numbers"),
        ("[" * 100_000, "line 2"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, said: str) -> None:
    with pytest.raises(UserError, match="file, line 2") as error:
        parsed(["\n", line], "file")
    assert said in error.value.message
    assert "confidence" in error.value.hint


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "empty", "binary"):
        with pytest.raises(UserError, match=name):
            read(tmp_path / name)


@given(st.lists(st.text()))
def test_any_text_is_rows_or_a_user_error(lines: list[str]) -> None:
    with suppress(UserError):
        assert all(0 <= row.confidence <= 1 for row in parsed(lines, "file"))
