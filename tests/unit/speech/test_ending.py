from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steward.audio.files import read_audio
from steward.audio.pcm import to_samples
from steward.hearing import NOBODY, Completeness
from steward.models.store import Store
from steward.speech.activity import ActivityStream, Samples, SpeechDetector
from steward.speech.ending import (
    FINISHED,
    KEPT,
    OPEN,
    RESIDUE,
    STEP,
    UNSURE,
    Turn,
    begin_anew,
    ended,
    forget,
    is_residue,
    step,
)

SPEECH = Path(__file__).parents[2] / "data" / "speech"
COMMANDS = ("living_room_light_en.wav", "living_room_light_zh.wav", "living_room_light_de.wav")


@pytest.fixture(scope="module")
def detector(store: Store) -> SpeechDetector:
    return SpeechDetector(store.file("silero-vad", "silero_vad.onnx"))


def hear(turn: Turn, *runs: tuple[float, float]) -> Turn:
    for probability, seconds in runs:
        for _ in range(round(seconds / STEP)):
            turn = step(turn, probability)
    return turn


def last_sound(samples: Samples) -> float:
    """Seconds to the last hundredth that is at most 35 dB below the loudest."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
    return float(np.flatnonzero(level > level.max() - 35)[-1] + 1) / 100


def ends_at(detector: SpeechDetector, samples: Samples, meaning: Completeness) -> float | None:
    turn = Turn()
    for index, probability in enumerate(ActivityStream(detector).feed(samples)):
        turn = step(turn, float(probability))
        if ended(turn, meaning):
            return (index + 1) * STEP
    return None


@pytest.mark.parametrize("name", COMMANDS)
def test_a_whole_command_ends_within_a_quarter_second_of_its_last_sound(
    detector: SpeechDetector, name: str
) -> None:
    said = to_samples(read_audio(SPEECH / name))
    room = np.random.default_rng(1).standard_normal(48_000).astype(np.float32) * np.float32(1e-4)
    at = ends_at(detector, np.concatenate([said, room]), Completeness.FINISHED)
    assert at is not None
    assert 0 < at - last_sound(said) <= 0.25


def test_a_pause_after_half_a_command_is_waited_for(detector: SpeechDetector) -> None:
    said = to_samples(read_audio(SPEECH / "living_room_light_en.wav"))
    middle = 12_800
    halting = np.concatenate(
        [said[:middle], np.zeros(16_000, np.float32), said[middle:], np.zeros(48_000, np.float32)]
    )
    cut = ends_at(detector, halting, Completeness.FINISHED)
    assert cut is not None
    assert cut < 1.8
    whole = ends_at(detector, halting, Completeness.OPEN)
    assert whole is not None
    assert whole > 1 + len(said) / 16_000


def test_the_meaning_decides_how_long_a_pause_ends_it() -> None:
    spoken = hear(Turn(), (0.9, 1.0))
    for meaning, wanted in (
        (Completeness.FINISHED, FINISHED),
        (Completeness.UNSURE, UNSURE),
        (Completeness.OPEN, OPEN),
    ):
        assert not ended(hear(spoken, (0.0, wanted - 2 * STEP)), meaning)
        assert ended(hear(spoken, (0.0, wanted + STEP)), meaning)


def test_who_has_spoken_long_or_halted_before_is_waited_for_longer() -> None:
    pause = (0.0, UNSURE + 0.1)
    assert ended(hear(Turn(), (0.9, 1.0), pause), Completeness.UNSURE)
    assert not ended(hear(Turn(), (0.9, 6.0), pause), Completeness.UNSURE)
    halted = ((0.9, 0.5), (0.0, 0.9), (0.9, 0.5), pause)
    assert not ended(hear(Turn(), *halted), Completeness.UNSURE)


def test_a_click_begins_nothing_and_nobody_speaking_ends() -> None:
    clicked = hear(Turn(), (0.9, STEP), (0.0, 3.0))
    assert not clicked.begun
    assert clicked.voiced == 0
    assert not ended(clicked, Completeness.UNSURE)
    assert ended(hear(Turn(), (0.0, NOBODY)), Completeness.UNSURE)


def test_an_hour_of_silence_before_a_turn_is_no_part_of_it() -> None:
    turn = Turn()
    for _ in range(round(3600 / STEP)):
        turn = forget(step(turn, 0.0))
    assert turn == Turn(KEPT, skipped=round(3600 / STEP) - KEPT)
    assert ended(turn, Completeness.UNSURE)
    assert not ended(turn, Completeness.UNSURE, nobody=float("inf"))
    spoken = hear(turn, (0.9, 1.0))
    assert forget(spoken) == spoken
    assert not ended(spoken, Completeness.UNSURE)


def test_the_end_of_a_wake_word_is_no_turn() -> None:
    turn = hear(Turn(residue=RESIDUE), (1.0, 0.3), (0.0, 0.2))
    assert not turn.begun
    assert not turn.voiced
    # What is said after a pause is one, and so is what goes on after the word without any.
    assert hear(turn, (0.0, 0.3), (1.0, 0.2), (0.0, 0.2)).begun
    assert hear(Turn(residue=RESIDUE), (1.0, 0.6), (0.0, 0.2)).begun


def test_a_slow_end_of_a_wake_word_is_no_turn_unless_it_means_something() -> None:
    after = Turn(residue=RESIDUE)
    slow = hear(after, (1.0, 0.6), (0.0, 0.2))
    assert is_residue(slow, Completeness.UNSURE)
    assert is_residue(slow, Completeness.OPEN)
    assert not is_residue(slow, Completeness.FINISHED)
    for turn in (
        hear(after, (1.0, 1.0), (0.0, 0.2)),
        hear(after, (0.0, 0.2), (1.0, 0.4), (0.0, 0.2)),
        hear(Turn(), (1.0, 0.6), (0.0, 0.2)),
    ):
        assert not is_residue(turn, Completeness.UNSURE)
    anew = begin_anew(slow)
    assert not anew.voiced
    assert anew.heard == slow.pause
    assert anew.heard_until == slow.heard_until
