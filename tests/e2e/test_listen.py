"""`steward listen` on recordings: the word, what is said after it, and waiting again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from steward.audio.files import read_audio, write_wav
from steward.audio.pcm import RATE, Samples, from_samples, to_samples

STEWARD = Path(sys.executable).with_name("steward")
SPEECH = Path(__file__).parents[1] / "data" / "speech"


def spoken(name: str) -> Samples:
    """A recording without the silence around it."""
    samples = to_samples(read_audio(SPEECH / name))
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    return samples[loud[0] : loud[-1]]


def pause(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def test_what_follows_the_word_is_done_and_nothing_else(tmp_path: Path) -> None:
    light, chinese = spoken("living_room_light_en.wav"), spoken("living_room_light_zh.wav")
    word, other = spoken("jarvis_1.flac"), spoken("jarvis_2.flac")
    parts = [pause(1), light, pause(2), word, pause(0.8), light, pause(3), other, pause(0.1)]
    sound, reply = tmp_path / "in.wav", tmp_path / "out.wav"
    write_wav(sound, [from_samples(np.concatenate([*parts, chinese, pause(1)]), RATE)])
    config = tmp_path / "steward.toml"
    config.write_text(f'[paths]\nstate = "{tmp_path / "state"}"\n')

    def steward(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [STEWARD, "--config", config, *arguments], capture_output=True, text=True, check=True
        )

    done = steward("listen", "--wav", sound, "--say", reply)
    assert done.stdout.splitlines() == ["The living room light is on.", "客厅的灯打开了。"]
    assert read_audio(reply).seconds > 2
    assert "2 wakes" in steward("wake", "diary").stdout
    steward("wake", "diary", "--false", "1")
    assert "false" in steward("wake", "diary").stdout
