"""Phrases made in advance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from steward.audio.pcm import join
from steward.models.store import Store
from steward.speech.kokoro import KokoroVoice
from steward.speech.phrases import MOST, Phrases
from steward.speech.visemes import joined
from steward.speech.voices import CHINESE


async def test_what_was_rehearsed_is_said_at_once_and_alike(store: Store, tmp_path: Path) -> None:
    def voice() -> KokoroVoice:
        return KokoroVoice(store.root, CHINESE, 2, str, tmp_path / "phrases")

    fresh = [chunk async for chunk in voice().speak("客厅的灯打开了。", "zh")]
    await voice().rehearse("客厅的灯打开了。", "zh")
    (file,) = (tmp_path / "phrases").iterdir()
    other = voice()
    (kept,) = [chunk async for chunk in other.speak("客厅的灯打开了。", "zh")]
    assert kept == replace(join(fresh), mouth=joined(fresh))
    # Nothing was made, nor even loaded for it.
    assert not {"_front", "_generator"} & set(vars(other))
    made = file.stat().st_mtime_ns
    await other.rehearse("客厅的灯打开了。", "zh")
    assert file.stat().st_mtime_ns == made


def test_only_the_newest_phrases_stay(tmp_path: Path) -> None:
    phrases = Phrases(tmp_path, "voice")
    for number in range(MOST + 5):
        phrases.put(str(number), b"\n\0", ((0.0, "open"),))
    assert len(list(tmp_path.iterdir())) == MOST
    assert phrases.get(str(MOST + 4)) == (b"\n\0", ((0.0, "open"),))
    assert Phrases(tmp_path, "another voice").get(str(MOST + 4)) is None
