from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soxr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steward.audio.files import read_audio
from steward.audio.mel import BANDS
from steward.audio.pcm import RATE, Samples, from_samples, to_samples
from steward.audio.wake import (
    HOP,
    KEPT,
    SEEN,
    WORDS,
    WakeDetector,
    WakeStream,
    find,
    widened,
)
from steward.errors import AudioError, ModelError
from steward.hearing import Wake
from steward.models.store import Store
from steward.types import AudioChunk

SPEECH = Path(__file__).parents[2] / "data" / "speech"
JARVIS = [to_samples(read_audio(SPEECH / f"jarvis_{n}.flac")) for n in (1, 2)]
BUTLER = to_samples(read_audio(SPEECH / "nihao_guanjia.flac"))
LIGHT = to_samples(read_audio(SPEECH / "living_room_light_en.wav"))
STREAMS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def embedding(store: Store) -> Path:
    return store.file("speech-embedding", "embedding_model.onnx")


@pytest.fixture(scope="module")
def detector(embedding: Path) -> WakeDetector:
    return WakeDetector(WORDS / "jarvis", embedding)


def heard(
    detector: WakeDetector, samples: Samples, piece: int = 512, rate: int = RATE
) -> list[Wake]:
    stream = WakeStream(detector)
    pieces = (samples[i : i + piece] for i in range(0, len(samples), piece))
    return [wake for p in pieces for wake in stream.feed(from_samples(p, rate))]


def in_quiet(samples: Samples) -> Samples:
    return np.pad(samples, (RATE // 2, RATE))


@pytest.mark.parametrize("said", JARVIS, ids=["one", "other"])
def test_the_word_is_heard_once(detector: WakeDetector, said: Samples) -> None:
    (wake,) = heard(detector, in_quiet(said))
    assert wake.word == "jarvis"
    assert wake.first >= detector.word.first
    assert wake.second >= detector.word.second
    assert 0.5 < wake.end < 0.5 + len(said) / RATE + 0.2


def test_a_word_that_opens_the_stream_is_heard(detector: WakeDetector) -> None:
    assert len(heard(detector, np.pad(JARVIS[0], (0, RATE)))) == 1


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(5 * RATE, np.float32),
        np.random.default_rng(1).normal(0, 0.1, 5 * RATE).astype(np.float32),
        np.sin(np.arange(5 * RATE) / 5).astype(np.float32),
        np.tile(np.array([1, -1], np.float32), 3 * RATE),
        LIGHT,
        to_samples(read_audio(SPEECH / "living_room_light_zh.wav")),
        to_samples(read_audio(SPEECH / "living_room_light_de.wav")),
    ],
    ids=["silence", "noise", "tone", "full scale", "English", "Chinese", "German"],
)
def test_nothing_else_wakes(detector: WakeDetector, samples: Samples) -> None:
    assert heard(detector, samples) == []


def test_what_follows_in_one_breath_is_whole(detector: WakeDetector) -> None:
    # The command begins where the word ends: nothing of it may be missing, nor come twice.
    said = in_quiet(JARVIS[0])[: RATE // 2 + len(JARVIS[0])]
    samples, stream = np.concatenate([said, LIGHT]), WakeStream(detector)
    pcm = from_samples(samples, RATE).pcm
    for at in range(0, len(samples), 512):
        found = stream.feed(from_samples(samples[at : at + 512], RATE))
        if found:
            after, so_far = found[0].after, min(at + 512, len(samples))
            begin = round(after.time * RATE)
            assert after.pcm == pcm[2 * begin : 2 * so_far]
            # The recording ends with a pause, which may be counted to either.
            assert 0 <= begin <= len(said)
            return
    pytest.fail("not heard")


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_any_usual_rate(detector: WakeDetector, rate: int) -> None:
    samples = soxr.resample(in_quiet(JARVIS[0]), RATE, rate)
    assert len(heard(detector, samples, rate // 31, rate)) == 1


@STREAMS
@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=12))
def test_pieces_of_any_length_give_the_same(detector: WakeDetector, sizes: list[int]) -> None:
    samples, stream, at = in_quiet(JARVIS[1]), WakeStream(detector), 0
    found: list[Wake] = []
    while at < len(samples):
        for size in (*sizes, 400):
            found += stream.feed(from_samples(samples[at : at + size], RATE))
            at += size
    (whole,) = heard(detector, samples)
    (wake,) = found
    assert wake.end == pytest.approx(whole.end, abs=1e-3)
    assert wake.second == pytest.approx(whole.second, abs=1e-3)


@STREAMS
@given(
    st.lists(
        st.tuples(
            st.binary(max_size=4_000), st.integers(-1, 200_000) | st.sampled_from([8_000, RATE])
        )
    )
)
def test_hostile_streams_are_refused_or_survived(
    detector: WakeDetector, pieces: list[tuple[bytes, int]]
) -> None:
    stream = WakeStream(detector)
    for pcm, rate in pieces:
        try:
            stream.feed(AudioChunk(pcm, rate))
        except AudioError as error:
            assert error.hint
            assert len(pcm) % 2 or not 2_000 <= rate <= 192_000
    # Whatever came before, the next word of a new stream is heard.
    stream.feed(AudioChunk(b"", 8_000))
    samples = in_quiet(JARVIS[0])
    assert len(stream.feed(from_samples(samples, RATE))) == 1


def test_a_long_piece_is_the_same_as_many(detector: WakeDetector) -> None:
    gap = np.zeros(20 * RATE, np.float32)
    samples = np.concatenate([gap, JARVIS[0], gap, JARVIS[1], gap])
    found = WakeStream(detector).feed(from_samples(samples, RATE))
    assert len(found) == len(heard(detector, samples)) == 2
    assert all(w.after.seconds <= KEPT + 10 for w in found)


def test_reset_forgets(detector: WakeDetector) -> None:
    stream = WakeStream(detector)
    half = len(JARVIS[0]) // 2
    stream.feed(from_samples(JARVIS[0][:half], RATE))
    stream.reset()
    rest = np.pad(JARVIS[0][half + half // 2 :], (0, RATE))
    assert stream.feed(from_samples(rest, RATE)) == ()


@pytest.mark.parametrize("file", ["first.onnx", "second.onnx", "word.json"])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_damaged_word_says_so(tmp_path: Path, embedding: Path, file: str, damage: str) -> None:
    folder = tmp_path / "word"
    shutil.copytree(WORDS / "jarvis", folder)
    if damage == "missing":
        (folder / file).unlink()
    else:
        (folder / file).write_bytes((folder / file).read_bytes()[:50])
    with pytest.raises(ModelError) as caught:
        WakeDetector(folder, embedding)
    assert "wake" in caught.value.hint


def test_a_threshold_outside_its_range_is_refused(tmp_path: Path, embedding: Path) -> None:
    folder = tmp_path / "word"
    shutil.copytree(WORDS / "jarvis", folder)
    word = json.loads((folder / "word.json").read_bytes()) | {"first": 1.5}
    (folder / "word.json").write_text(json.dumps(word))
    with pytest.raises(ModelError):
        WakeDetector(folder, embedding)


def test_shipped_words_are_small() -> None:
    for folder in WORDS.iterdir():
        assert sum(f.stat().st_size for f in folder.iterdir()) < 2_000_000


def copied(folder: Path, embedding: Path, **changes: object) -> WakeDetector:
    """Jarvis, with some of what its word.json says changed."""
    shutil.copytree(WORDS / "jarvis", folder)
    word = json.loads((folder / "word.json").read_bytes())
    (folder / "word.json").write_text(json.dumps({**word, **changes}))
    return WakeDetector(folder, embedding)


def test_several_words_are_listened_for_at_once(
    detector: WakeDetector, embedding: Path, tmp_path: Path
) -> None:
    hard = copied(tmp_path / "hard", embedding, name="hard", second=0.999999)
    easy = copied(tmp_path / "easy", embedding, name="easy", second=0.3)
    sound = from_samples(in_quiet(JARVIS[0]), RATE)
    # Whichever is heard first tells, and the others are silent about the same sound.
    (alone,) = WakeStream(detector).feed(sound)
    (with_hard,) = WakeStream(hard, detector).feed(sound)
    assert with_hard == alone
    (with_easy,) = WakeStream(hard, detector, easy).feed(sound)
    assert with_easy.end <= alone.end + 0.2
    assert WakeStream(hard).feed(sound) == ()


def test_a_doubted_word_is_looked_at_again_though_another_listens(
    detector: WakeDetector, embedding: Path, tmp_path: Path
) -> None:
    other = copied(tmp_path / "other", embedding, name="other", second=0.999999)
    samples, stream, told = in_quiet(JARVIS[0]), WakeStream(other, detector), []
    for at in range(0, len(samples), 512):
        for wake in stream.feed(from_samples(samples[at : at + 512], RATE)):
            told.append(wake.word)
            stream.doubt()
    assert len(told) > 1
    assert set(told) == {"jarvis"}


def test_behind_a_trigger_the_first_network_is_not_asked(embedding: Path, tmp_path: Path) -> None:
    deaf = copied(tmp_path / "deaf", embedding, first=0.999999)
    sound, stream = from_samples(in_quiet(JARVIS[0]), RATE), WakeStream(deaf)
    assert stream.feed(sound) == ()
    stream.reset(triggered=True)
    assert len(stream.feed(sound)) == 1


def test_words_are_found_by_name_phrase_and_folder(tmp_path: Path) -> None:
    assert find("jarvis") == find("Jarvis") == find("hey jarvis") == WORDS / "jarvis"
    assert find("你好管家") == find("nihao-guanjia") == WORDS / "nihao-guanjia"
    assert find(str(tmp_path)) == tmp_path


def test_the_chinese_word_is_heard_and_neither_is_taken_for_the_other(
    detector: WakeDetector, embedding: Path
) -> None:
    chinese = WakeDetector(find("你好管家"), embedding)
    for said, named in ((BUTLER, "你好管家"), (JARVIS[0], "jarvis")):
        stream = WakeStream(detector, chinese)
        wakes = stream.feed(from_samples(in_quiet(said), RATE))
        assert [wake.word for wake in wakes] == [named]


def test_the_widened_embedding_gives_what_the_network_gives_each_window(
    detector: WakeDetector, embedding: Path
) -> None:
    frames = np.random.default_rng(3).uniform(0, 8, (SEEN + 4 * HOP, BANDS)).astype(np.float32)
    original = onnxruntime.InferenceSession(str(embedding), providers=["CPUExecutionProvider"])
    windows = np.stack([frames[at : at + SEEN] for at in range(0, 5 * HOP, HOP)])
    expected = original.run(None, {"input_1": windows[..., None]})[0].reshape(5, -1)
    np.testing.assert_allclose(detector.embed(frames), expected, rtol=1e-4, atol=1e-3)


def test_another_network_is_not_widened() -> None:
    with pytest.raises(ValueError, match="not the speech embedding"):
        widened((WORDS / "jarvis" / "first.onnx").read_bytes())
