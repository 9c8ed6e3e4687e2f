"""The mouth moves with the sound: shapes, their times, and both voices."""

from __future__ import annotations

import numpy as np
import pytest

from steward.audio.pcm import to_samples
from steward.models.store import Store
from steward.speech.visemes import joined, mouth, part
from steward.speech.voices import Voices
from steward.types import AudioChunk


def test_shapes_follow_the_sounds() -> None:
    found = mouth(["", "b", "ˈ", "ɑ", "t", " ", ""], [0.1, 0.02, 0.02, 0.2, 0.1, 0.15, 0.1])
    assert found == ((0.0, "rest"), (0.1, "closed"), (0.14, "open"), (0.34, "wide"), (0.44, "rest"))


def test_what_is_too_short_to_be_seen_is_left_out_but_for_closed_lips() -> None:
    assert mouth(["ɑ", "t", "ɑ"], [0.2, 0.02, 0.2]) == ((0.0, "open"),)
    assert mouth(["ɑ", "m", "ɑ"], [0.2, 0.02, 0.2])[1] == (0.2, "closed")


def test_a_part_begins_with_the_shape_that_it_begins_in() -> None:
    whole = ((0.0, "rest"), (0.5, "open"), (0.8, "round"))
    assert part(whole, 0.6, 1.0) == ((0.0, "open"), (0.2, "round"))
    assert part(whole, 0.0, 0.5) == ((0.0, "rest"),)
    halves = [AudioChunk(bytes(1200), 1000, mouth=part(whole, t, t + 0.6)) for t in (0.0, 0.6)]
    assert joined(halves) == ((0.0, "rest"), (0.5, "open"), (0.6, "open"), (0.8, "round"))


@pytest.mark.parametrize(
    ("text", "language"),
    [("Papa, the lamp is on now. All is fine.", "en"), ("客厅的灯已经打开了。", "zh")],
)
async def test_the_mouth_is_open_where_it_is_loud(store: Store, text: str, language: str) -> None:
    loud: list[tuple[float, bool]] = []
    async for chunk in Voices(store.root, 2).speak(text, language):
        assert chunk.mouth and chunk.mouth[0][0] == 0.0
        times = [time for time, _ in chunk.mouth]
        assert times == sorted(times)
        assert times[-1] <= chunk.seconds
        samples = to_samples(chunk)
        ends = [*times[1:], chunk.seconds]
        for (begin, shape), end in zip(chunk.mouth, ends, strict=True):
            span = samples[int(begin * chunk.rate) : int(end * chunk.rate)]
            if len(span):
                loud.append((float(np.sqrt(np.mean(span**2))), shape != "rest"))
    speaking, still = (
        [level for level, moved in loud if moved is wanted] for wanted in (True, False)
    )
    assert len(speaking) > 5
    assert still
    assert np.median(speaking) > 4 * np.median(still)
