from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from steward.errors import StateError
from steward.skills.speaking import HOLDS, LIMITS, Chosen, Speaking
from steward.types import Call, Done, Meaning

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def call(change: str) -> Call:
    return Call("c1", "voice.set", Meaning("x"), {"change": change})


async def test_steps_stay_within_their_limits_and_are_kept(tmp_path: Path) -> None:
    speaking = Speaking(tmp_path / "state" / "voice.json", lambda: NOON)
    assert speaking.chosen() == Chosen()
    found = [await speaking.perform(call("slower")) for _ in range(5)]
    assert found == [Done("c1", {"changed": True})] * 4 + [Done("c1", {"changed": False})]
    assert Speaking(tmp_path / "state" / "voice.json", lambda: NOON).chosen().speed == LIMITS[0]
    await speaking.perform(call("faster"))
    await speaking.perform(call("louder"))
    assert speaking.chosen() == Chosen(speed=0.6, loudness=1.5)
    await speaking.perform(call("normal"))
    assert (speaking.chosen().speed, speaking.chosen().loudness) == (1.0, 1.0)


async def test_a_whisper_is_over_in_the_morning(tmp_path: Path) -> None:
    now = NOON
    speaking = Speaking(tmp_path / "voice.json", lambda: now)
    await speaking.perform(call("whisper"))
    assert speaking.chosen().whisper is True
    now += HOLDS - timedelta(seconds=1)
    assert speaking.chosen().whisper is True
    now += timedelta(seconds=1)
    assert speaking.chosen() == Chosen()


@pytest.mark.parametrize("text", ["", "{", '{"speed": 9}', '{"pitch": 1}', "x" * 5000, "\udcff"])
def test_a_damaged_file_is_told_of(tmp_path: Path, text: str) -> None:
    file = tmp_path / "voice.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StateError, match=r"voice\.json") as failed:
        Speaking(file, lambda: NOON).chosen()
    assert failed.value.hint
