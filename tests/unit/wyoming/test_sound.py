"""Sound of any kind that peers send."""

from __future__ import annotations

import struct

import pytest
from wyoming.audio import AudioChunk

from steward.wyoming.sound import Incoming


@pytest.mark.parametrize(
    ("width", "channels", "payload", "expected"),
    [
        (2, 1, struct.pack("<3h", 1, -2, 3), (1, -2, 3)),
        (2, 2, struct.pack("<4h", 100, 200, -100, 300), (150, 100)),
        (4, 1, struct.pack("<2i", 1 << 30, -(1 << 31)), (1 << 14, -(1 << 15))),
        (1, 1, bytes([128, 255, 0]), (0, 127 << 8, -(1 << 15))),
        (2, 1, struct.pack("<h", 7) + b"\x01", (7,)),
    ],
)
def test_sound_of_any_kind_becomes_ours(
    width: int, channels: int, payload: bytes, expected: tuple[int, ...]
) -> None:
    heard = Incoming().received(AudioChunk(8_000, width, channels, payload).event())
    assert heard.rate == 8_000
    assert struct.unpack(f"<{len(heard.pcm) // 2}h", heard.pcm) == expected


@pytest.mark.parametrize("channels", [1, 2])
def test_a_sample_that_is_split_between_two_events_is_whole_again(channels: int) -> None:
    samples = struct.pack("<12h", *range(-3, 9))
    incoming = Incoming()
    pieces = (samples[:1], samples[1:6], samples[6:9], samples[9:])
    events = [AudioChunk(8_000, 2, channels, each).event() for each in pieces]
    heard = b"".join(incoming.received(each).pcm for each in events)
    assert heard == Incoming().received(AudioChunk(8_000, 2, channels, samples).event()).pcm


def test_half_a_sample_is_not_the_beginning_of_the_next_sound() -> None:
    incoming = Incoming()
    incoming.received(AudioChunk(8_000, 2, 1, b"\x01").event())
    incoming.begin()
    chunk = AudioChunk(8_000, 2, 1, struct.pack("<h", 7)).event()
    assert incoming.received(chunk).pcm == struct.pack("<h", 7)
