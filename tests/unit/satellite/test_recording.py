"""A recording in the place of a microphone."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.audio.files import write_wav
from steward.audio.pcm import RATE
from steward.satellite import recording
from steward.types import AudioChunk

SAID = b"\x01\x02" * 512


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    file = tmp_path / "said.wav"
    write_wav(file, [AudioChunk(SAID, RATE)])
    return file


async def test_it_waits_for_a_hub_and_is_then_heard_once(wav: Path) -> None:
    looks = iter([False, False, True])
    heard = recording.listen(wav, lambda: next(looks), lambda: False)
    pieces = [(await anext(heard)).pcm for _ in range(4)]
    assert pieces == [bytes(1024), bytes(1024), SAID, bytes(1024)]
    await heard.aclose()


async def test_without_a_hub_it_is_heard_in_the_end(
    wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "HUB_SECONDS", 0.0)
    heard = recording.listen(wav, lambda: False, lambda: False)
    assert (await anext(heard)).pcm == SAID
    await heard.aclose()
