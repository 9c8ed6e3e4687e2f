"""Who speaks: real voices, the encrypted file, what is refused."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from steward.audio.files import read_audio
from steward.audio.pcm import resample
from steward.errors import AudioError, StateError, UserError
from steward.lab.speaker.__main__ import GATES, HIDDEN, LAYERS
from steward.lab.speaker.places import places
from steward.lazy import Lazy
from steward.models.store import Store
from steward.speech.activity import Samples, SpeechDetector
from steward.speech.known import KnowingRecognizer, KnownVoices
from steward.speech.people import LIKELY, MOST, People, Person, score
from steward.speech.speaker import WEIGHTS, WEIGHTS_SET, SpeakerEncoder, _pieces, _power
from steward.speech.spectrogram import mel_filters
from steward.types import GUEST, AudioChunk, Utterance

SPEECH = Path(__file__).parents[2] / "data" / "speech" / "people"
ANNA, BO = ([read_audio(f) for f in sorted(SPEECH.glob(f"{n}-*"))] for n in (1688, 1998))


class Ear:
    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        return Utterance("hello", "en", 0.9)


@pytest.fixture
def known(store: Store, tmp_path: Path) -> KnownVoices:
    encoder = Lazy(lambda: SpeakerEncoder(store.folder(WEIGHTS_SET)))
    detector = Lazy(lambda: SpeechDetector(store.file("silero-vad", "silero_vad.onnx")))
    return KnownVoices(People(tmp_path / "people"), encoder.get, detector.get)


async def enrol(known: KnownVoices, name: str, sounds: list[AudioChunk]) -> None:
    await known.enrol(name, "2026-11-21", {str(i): sound for i, sound in enumerate(sounds)})


async def test_people_are_told_apart_and_strangers_are_guests(known: KnownVoices) -> None:
    await enrol(known, "Anna", ANNA[:3])
    mine, other = await known.who(ANNA[3]), await known.who(BO[3])
    assert mine is not None and mine.name == "Anna" and mine.score >= LIKELY
    assert other is not None and other.name is None and other.score < LIKELY
    await enrol(known, "Bo", BO[1:])
    assert (await known.who(resample(BO[0], 48_000))).name == "Bo"  # type: ignore[union-attr]
    assert (await known.who(AudioChunk(bytes(32_000), 16_000))) == GUEST


async def test_nothing_is_loaded_while_nobody_is_known(tmp_path: Path) -> None:
    async def never() -> SpeakerEncoder:
        raise AssertionError("loaded")

    async def nor() -> SpeechDetector:
        raise AssertionError("loaded")

    known = KnownVoices(People(tmp_path / "people"), never, nor)
    assert await known.who(ANNA[0]) is None
    assert not (tmp_path / "people").exists()


async def test_utterances_tell_who_speaks_and_drafts_do_not(known: KnownVoices) -> None:
    await enrol(known, "Anna", ANNA[:3])
    ear = KnowingRecognizer(Ear(), known)
    heard, draft = await ear.recognize(ANNA[3]), await ear.recognize(ANNA[3], draft=True)
    assert heard.speaker is not None and heard.speaker.name == "Anna"
    assert draft.speaker is None


async def test_a_broken_file_makes_guests_of_all_and_nobody_deaf(
    known: KnownVoices, tmp_path: Path
) -> None:
    await enrol(known, "Anna", ANNA[:3])
    (tmp_path / "people" / "people.enc").write_bytes(b"damaged")
    assert (await KnowingRecognizer(Ear(), known).recognize(ANNA[3])).speaker == GUEST
    with pytest.raises(StateError, match="cannot be read with the key"):
        await known.people()


@pytest.mark.parametrize(
    ("name", "sounds", "error", "says"),
    [
        ("", ANNA[:3], UserError, "cannot be the name"),
        ("Anna\n" * 30, ANNA[:3], UserError, "cannot be the name"),
        ("Anna", ANNA[:1], AudioError, "too few"),
        ("Anna", [*ANNA[1:3], BO[0]], AudioError, "does not sound like the others"),
        ("Anna", [*ANNA[1:3], AudioChunk(bytes(64_000), 16_000)], AudioError, "no speech"),
    ],
)
async def test_what_nobody_can_be_known_by(
    known: KnownVoices, name: str, sounds: list[AudioChunk], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        await enrol(known, name, sounds)
    assert await known.people() == {}


def person(name: str) -> Person:
    return Person(name, "2026-11-21", *[(1.0, *[0.0] * 255)] * 2)


def test_the_file_is_private_and_tells_nothing(tmp_path: Path) -> None:
    people = People(tmp_path / "people")
    people.add(person("Anna"))
    for name in ("people.enc", "people.key"):
        assert stat.S_IMODE((tmp_path / "people" / name).stat().st_mode) == 0o600
    assert b"Anna" not in (tmp_path / "people" / "people.enc").read_bytes()
    assert [p.name for p in People(tmp_path / "people").known()] == ["Anna"]


def test_another_process_is_seen_and_deleting_leaves_nothing(tmp_path: Path) -> None:
    here, there = People(tmp_path / "people"), People(tmp_path / "people")
    here.add(person("Bo"))
    here.add(person("Anna"))
    assert [p.name for p in there.known()] == ["Anna", "Bo"]
    here.add(person("anna"))
    assert [p.name for p in there.known()] == ["anna", "Bo"]
    assert there.delete("ANNA")
    assert not there.delete("Anna")
    assert there.delete("bo")
    assert here.known() == ()
    assert [p.name for p in (tmp_path / "people").iterdir()] == [".lock"]


def test_a_household_is_not_a_crowd(tmp_path: Path) -> None:
    people = People(tmp_path / "people")
    for number in range(MOST):
        people.add(person(f"P{number}"))
    with pytest.raises(UserError, match="known already"):
        people.add(person("one more"))
    people.add(person("P1"))


def test_a_score_is_a_probability() -> None:
    scores = [score(x / 20) for x in range(-20, 21)]
    assert scores == sorted(scores)
    assert 0 < scores[0] < 0.001 < 0.999 < scores[-1] < 1


def test_the_graph_computes_what_the_weights_say(store: Store) -> None:
    data = store.file(WEIGHTS_SET, WEIGHTS).read_bytes()
    tensors = {
        name: np.frombuffer(data, "<f4", int(np.prod(p.shape)), p.offset).reshape(p.shape)
        for name, p in places(data).items()
    }
    speech = np.frombuffer(ANNA[0].pcm, "<i2")[:20_000].astype(np.float32) / np.float32(32_768)
    raised = speech * np.float32(10 ** (-22 / 20) / np.sqrt(np.mean(speech**2)))
    power = _pieces(_power(raised))[0]
    assert [HIDDEN, LAYERS, sorted(GATES)] == [256, 3, [0, 1, 2, 3]]
    sequence = power @ mel_filters(40).T
    for layer in range(3):
        sequence = lstm(sequence, tensors, layer)
    raw = np.maximum(tensors["linear.weight"] @ sequence[-1] + tensors["linear.bias"], 0)
    found = SpeakerEncoder(store.folder(WEIGHTS_SET)).encode(speech)
    np.testing.assert_allclose(found, raw / np.linalg.norm(raw), atol=1e-4)


def lstm(sequence: Samples, tensors: dict[str, Samples], layer: int) -> Samples:
    def sigmoid(x: Samples) -> Samples:
        return np.asarray(1 / (1 + np.exp(-x)), np.float32)

    w, r, b, c = (
        tensors[f"lstm.{k}_l{layer}"] for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    hidden = cell = np.zeros(256, np.float32)
    found = []
    for x in sequence:
        i, f, g, o = np.split(w @ x + b + r @ hidden + c, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        hidden = sigmoid(o) * np.tanh(cell)
        found.append(hidden)
    return np.stack(found)


def test_a_checkpoint_that_asks_for_more_is_refused() -> None:
    import pickle

    from steward.errors import ModelError

    with pytest.raises(ModelError, match="asks for"):
        places(pickle.dumps(Path))
    with pytest.raises(ModelError, match="no PyTorch checkpoint"):
        places(b"")
