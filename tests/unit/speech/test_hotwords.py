from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.audio.pcm import resample
from steward.models.store import Store
from steward.speech.hibari import HibariVoice
from steward.speech.hotwords import LIKELIER, MOST, Candidate, better, candidates, distances
from steward.speech.pronounce import Pronouncer
from steward.speech.whisper import WhisperRecognizer
from steward.types import AudioChunk

NAMES = ("Bertie's Speaker", "Mabel", "Cellar", "Kitchen Light", "West Wing")
ZH = ("堂屋", "红灯笼", "净水器", "厨房灯")
SPEECH = Path(__file__).parents[2] / "data" / "speech"


@pytest.fixture(scope="module")
def pronouncer() -> Pronouncer:
    return Pronouncer()


@pytest.mark.parametrize(
    ("heard", "names", "wanted"),
    [
        ("Turn off birdie speaker.", NAMES, "Turn off Bertie's Speaker."),
        ("is Mable cleaning?", NAMES, "is Mabel cleaning?"),
        ("糖乌的煮灯打开", ZH, "堂屋的煮灯打开"),
        ("精水器关一下", ZH, "净水器关一下"),
    ],
)
def test_words_that_sound_like_a_name_may_be_it(
    pronouncer: Pronouncer, heard: str, names: tuple[str, ...], wanted: str
) -> None:
    found = candidates(heard, names, pronouncer.sound)
    assert wanted in {each.text for each in found}
    assert len(found) <= MOST


@pytest.mark.parametrize(
    ("heard", "names"),
    [
        ("turn on the kitchen light", NAMES),
        ("tell me a long story about the sea", NAMES),
        ("打开厨房灯", ZH),
        ("哪些灯开着？", ("夜灯", "前门")),
        ("打开厨房的灯", ("地灯", "厨房")),
        ("把客厅的灯关了", ("客厅射灯", "客厅")),
        ("", NAMES),
        ("turn on the lamp", ()),
    ],
)
def test_what_is_a_name_or_like_none_is_left_alone(
    pronouncer: Pronouncer, heard: str, names: tuple[str, ...]
) -> None:
    assert candidates(heard, names, pronouncer.sound) == ()


def test_a_chinese_name_has_as_many_syllables_as_what_was_heard(pronouncer: Pronouncer) -> None:
    found = candidates("把咖啡加到购物清单", ("咖啡机",), pronouncer.sound)
    assert "把咖啡机加到购物清单" not in {each.text for each in found}


def test_a_longer_name_may_begin_with_one_that_was_heard(pronouncer: Pronouncer) -> None:
    found = candidates("打开客堂印象", ("客堂", "客堂音箱"), pronouncer.sound)
    assert [each.text for each in found] == ["打开客堂音箱"]


def test_a_name_may_fit_somewhat_worse_and_a_long_one_more_so(pronouncer: Pronouncer) -> None:
    near, far = Candidate("near", 5.0), Candidate("far", 15.0)
    assert better(-3.0, [(near, -20.0), (far, -17.9)]) == "far"
    assert better(-3.0, [(near, -4.0), (far, -17.9)]) == "near"
    assert better(-3.0, [(near, -8.1), (far, -18.1)]) is None
    assert better(-3.0, []) is None
    (short,) = candidates("打开动物", ("东屋",), pronouncer.sound)
    (long,) = candidates("打开手地机器人", ("扫地机器人",), pronouncer.sound)
    assert LIKELIER < short.likelier < long.likelier


async def spoken(text: str) -> AudioChunk:
    pieces = [resample(piece, 16_000) async for piece in HibariVoice().speak(text, "en")]
    pause = np.zeros(4800, "<i2").tobytes()
    return AudioChunk(pause + b"".join(piece.pcm for piece in pieces) + pause, 16_000)


async def test_names_of_the_home_are_heard_and_other_words_stay(store: Store) -> None:
    vad = store.file("silero-vad", "silero_vad.onnx")
    plain = WhisperRecognizer(store.folder("whisper-base"), vad, 2)
    home = WhisperRecognizer(store.folder("whisper-base"), vad, 2, names=lambda: NAMES)
    name = await spoken("turn off Bertie's speaker")
    assert "Bertie" not in (await plain.recognize(name, "en")).text
    assert "Bertie's Speaker" in (await home.recognize(name, "en")).text
    other = await spoken("what is the weather like tomorrow morning")
    assert (await home.recognize(other, "en")).text == (await plain.recognize(other, "en")).text


def apart(a: str, b: str) -> float:
    """The textbook's distance, in which s and z, and a and i, differ by half."""
    if not a or not b:
        return len(a) + len(b)
    alike = a[0] != b[0] and ({a[0], b[0]} == set("sz") or {a[0], b[0]} <= set("ai"))
    differ = 0.5 if alike else float(a[0] != b[0])
    return min(apart(a[1:], b) + 1, apart(a, b[1:]) + 1, apart(a[1:], b[1:]) + differ)


SOUNDS = st.text("saizk", max_size=6)


@given(st.lists(st.tuples(SOUNDS, SOUNDS), max_size=5))
def test_all_distances_at_once_are_those_of_each_pair(pairs: list[tuple[str, str]]) -> None:
    assert distances(pairs) == [apart(a, b) for a, b in pairs]
