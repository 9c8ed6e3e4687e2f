from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steward.audio.files import write_wav
from steward.audio.pcm import RATE, Samples, from_samples
from steward.errors import UserError
from steward.lab.wake.examples import LATEST, LENGTH
from steward.lab.wake.recordings import (
    COPIES,
    HELD,
    TIMES,
    Recordings,
    count,
    others,
    pieces,
    read,
    words,
)


def noise(seconds: float, seed: int = 1) -> Samples:
    made = np.random.default_rng(seed).standard_normal(int(seconds * RATE)) / 8
    return made.astype(np.float32)


def test_examples_of_the_word_end_where_it_does() -> None:
    # A word that is loud until 1.2 s; what follows it is still.
    sound = np.concatenate([noise(1.2), np.zeros(RATE, np.float32)])
    made = list(words([sound], [1.2], (), seed=1))
    assert len(made) == COPIES
    for clip, samples, since in made:
        assert clip.kind == "wake"
        assert len(samples) == LENGTH
        assert 0 <= since <= LATEST
    # In the plainest one, what is loud ends `since` before the window does.
    quietest = min(made, key=lambda m: float(np.abs(m[1][-int(0.02 * RATE) :]).max(initial=0)))
    until = np.flatnonzero(np.abs(quietest[1]) > 0.2 * np.abs(quietest[1]).max())[-1]
    assert abs((LENGTH - until) / RATE - quietest[2]) < 0.05


def test_other_speech_is_gone_through_as_it_is_first() -> None:
    sound = noise(20)
    made = list(others([sound], pieces([sound]), seed=1))
    assert abs(len(made) - count([sound])) < 0.1 * len(made)
    assert {(clip.kind, since) for clip, _, since in made} == {("other", 0.0)}
    window = made[20][1]
    begins = np.flatnonzero(sound == window[0])
    assert any(np.array_equal(sound[b : b + LENGTH], window) for b in begins)


def test_a_part_of_the_others_is_held_and_false_wakes_count_more() -> None:
    several = tuple(noise(1, seed) for seed in range(2 * HELD))
    real = Recordings(others=several, false=(noise(2),))
    assert len(real.held) == 2
    assert len(real.learnt) == 2 * HELD - 2 + TIMES
    assert not any(held is learnt for held in real.held for learnt in real.learnt)


def test_a_folder_is_read_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for index, name in enumerate(("a.wav", "b/c.wav")):
        write_wav(tmp_path / name, [from_samples(noise(1 + index), RATE)])
    (tmp_path / "notes.txt").write_text("no sound")
    assert [len(sound) // RATE for sound in read(tmp_path)] == [1, 2]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path)
    assert ".wav" in caught.value.hint
