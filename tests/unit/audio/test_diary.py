from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from steward.audio.diary import KEPT, Diary
from steward.audio.files import read_audio
from steward.errors import UserError
from steward.hearing import Wake
from steward.types import AudioChunk

NOON = datetime(2026, 11, 21, 12).astimezone()
SOUND = AudioChunk(b"\x01\x02" * 16_000, 16_000)
WAKE = Wake("jarvis", 3.0, 0.4, 0.93, SOUND, AudioChunk(b"", 16_000))


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=2)
        return self.time


def test_a_wake_is_kept_with_its_sound(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "wakes", Clock())
    assert diary.entries() == ()
    diary.keep(WAKE)
    (entry,) = diary.entries()
    assert (entry.word, entry.sure, entry.false) == ("jarvis", 0.93, False)
    assert entry.when == datetime(2026, 11, 21, 12, 0, 2)
    assert read_audio(entry.file).pcm == SOUND.pcm


def test_an_entry_is_forgotten_after_a_day_unless_it_was_marked(tmp_path: Path) -> None:
    clock = Clock()
    diary = Diary(tmp_path, clock)
    for _ in range(3):
        diary.keep(WAKE)
    marked = diary.mark(2)
    assert marked.false
    assert marked.file.is_file()
    clock.time += KEPT
    diary.keep(WAKE)
    assert [(e.when, e.false) for e in diary.entries()] == [
        (marked.when, True),
        (clock.time.replace(tzinfo=None), False),
    ]


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_a_number_that_is_not_there_is_refused(tmp_path: Path, number: int) -> None:
    diary = Diary(tmp_path, Clock())
    diary.keep(WAKE)
    with pytest.raises(UserError):
        diary.mark(number)


def test_marking_twice_is_once(tmp_path: Path) -> None:
    diary = Diary(tmp_path, Clock())
    diary.keep(WAKE)
    assert diary.mark(1) == diary.mark(1) == diary.entries()[0]


def test_a_folder_that_cannot_be_written_costs_the_entry_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "wakes").write_text("in the way")
    Diary(tmp_path / "wakes", Clock()).keep(WAKE)
    assert "not in the diary" in caplog.text


@pytest.mark.parametrize("name", ["note.wav", "20261399T999999.000-jarvis-0.93.wav"])
def test_other_files_are_no_entries(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert Diary(tmp_path, Clock()).entries() == ()
