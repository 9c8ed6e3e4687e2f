"""Heads change nothing of an answer, whatever their numbers are; damaged ones are refused."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny

from steward.errors import ModelError
from steward.models.ahead.decode import Decoder, Wish
from steward.models.ahead.heads import Heads, find_heads, place_of, read_heads, write_heads
from steward.models.ahead.network import Network, Past
from steward.models.ahead.rules import Rules, Vocabulary
from steward.models.schema import grammar_of

KNOWN = np.arange(40, 120, dtype=np.int32)
CALL = grammar_of(
    {
        "type": "object",
        "properties": {
            "name": {"enum": ["turn_on", "turn_off"]},
            "note": {"type": "string", "maxLength": 9},
        },
        "required": ["name", "note"],
        "additionalProperties": False,
    }
)


def arrays(seed: int = 0) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    shapes = {
        "enter": (tiny.WIDTH, 24),
        "words": (len(KNOWN) + 1, 16),
        "bias": (len(KNOWN) + 1,),
        "mix": (40, 32),
        "lift": (32,),
        "back": (32, 24),
        "leave": (24, 16),
    }
    return {name: random.normal(0, 0.3, shape) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return Network(tiny.write(tmp_path_factory.mktemp("tiny") / "tiny.gguf"))


def past_of(network: Network, *, states: bool) -> Past:
    return Past(network, context=256, threads=1, batch=32, cache="f32", flash=False, states=states)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_random_heads_change_nothing(network: Network, tmp_path: Path, temperature: float) -> None:
    vocabulary = Vocabulary(network)
    plain = Decoder(past_of(network, states=False))
    for seed in range(3):
        write_heads(tmp_path / "some.heads", arrays(seed), KNOWN)
        past = past_of(network, states=True)
        ahead = Decoder(past, [Heads(past, tmp_path / "some.heads", 0.0)])
        for prompt in ("turn the light on", "light light", "off"):
            tokens = network.tokenize(prompt.encode())
            for grammar in (None, CALL):
                wish = Wish(40, temperature, seed, scored=True)
                said = [
                    [
                        each.token
                        for each in decoder.answer(
                            tokens, wish, Rules(vocabulary, grammar) if grammar else None
                        )
                    ]
                    for decoder in (plain, ahead)
                ]
                assert said[0] == said[1]
        assert ahead.count.guessed > 0


def test_the_state_is_of_the_last_token_that_was_kept(network: Network) -> None:
    past = past_of(network, states=True)
    assert past.last_state() is None
    past.compute([5, 6, 7], [False, False, True])
    last = past.state(2).copy()
    assert past.last_state() == pytest.approx(last, abs=0)
    past.keep(2)
    assert past.last_state() != pytest.approx(last, abs=1e-2)
    past.compute([7], [True])
    assert past.last_state() == pytest.approx(last, abs=1e-4)
    # A part of a prompt that nobody asks of has none.
    past.compute([8, 9], [False, False])
    assert past.last_state() is None


def test_heads_guess_nothing_when_unsure_or_far(network: Network, tmp_path: Path) -> None:
    write_heads(tmp_path / "some.heads", arrays(), KNOWN)
    past = past_of(network, states=True)
    sure, unsure = (Heads(past, tmp_path / "some.heads", limit) for limit in (0.0, 1.1))
    assert sure.guess([5, 6]) == []
    past.compute([5], [True])
    assert 0 < len(sure.guess([5, 6])) <= 7
    assert unsure.guess([5, 6]) == []
    assert sure.guess([5, *range(6, 16)]) == []


def test_heads_belong_to_a_model(tmp_path: Path) -> None:
    assert find_heads(tmp_path, "a" * 64) is None
    file = place_of(tmp_path, "a" * 64)
    write_heads(file, arrays(), KNOWN)
    assert find_heads(tmp_path, "a" * 64) == file
    assert find_heads(tmp_path, "b" * 64) is None
    assert read_heads(file)["tokens"].tolist() == KNOWN.tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"enter": np.zeros((tiny.WIDTH + 1, 24))},
        {"words": np.zeros((len(KNOWN), 16))},
        {"bias": np.zeros((3, 2))},
        {"mix": np.zeros((39, 32))},
        {"lift": np.full(32, np.nan)},
    ],
)
def test_heads_that_do_not_fit_are_refused(
    network: Network, tmp_path: Path, change: dict[str, Any]
) -> None:
    write_heads(tmp_path / "some.heads", {**arrays(), **change}, KNOWN)
    with pytest.raises(ModelError, match="cannot be used"):
        Heads(past_of(network, states=True), tmp_path / "some.heads", 0.5)


@pytest.mark.parametrize("tokens", [KNOWN + 10_000, KNOWN - 50, KNOWN[:0], KNOWN + 0.5])
def test_heads_for_other_tokens_are_refused(network: Network, tmp_path: Path, tokens: Any) -> None:
    found = arrays()
    found["words"], found["bias"] = (
        found["words"][: len(tokens) + 1],
        found["bias"][: len(tokens) + 1],
    )
    write_heads(tmp_path / "some.heads", found, tokens)
    with pytest.raises(ModelError, match="cannot be used"):
        Heads(past_of(network, states=True), tmp_path / "some.heads", 0.5)


def test_every_damage_is_found(tmp_path: Path) -> None:
    file = tmp_path / "some.heads"
    write_heads(file, arrays(), KNOWN)
    whole = file.read_bytes()
    random = np.random.default_rng(0)
    for damage in range(100):
        broken = bytearray(whole)
        if damage % 2:
            del broken[random.integers(len(broken)) :]
        else:
            broken[random.integers(len(broken))] ^= 1 << int(random.integers(8))
        file.write_bytes(broken)
        with pytest.raises(ModelError, match="the file is damaged"):
            read_heads(file)
    with pytest.raises(ModelError, match="cannot be used"):
        read_heads(tmp_path / "none.heads")


ONE_ARRAY = BytesIO()
np.save(ONE_ARRAY, KNOWN)


@pytest.mark.parametrize(
    "content", [ONE_ARRAY.getvalue(), b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x80\x04N."]
)
def test_what_was_never_written_as_heads_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some.heads"
    file.write_bytes(sha256(content).digest() + content)
    with pytest.raises(ModelError, match="cannot be used"):
        read_heads(file)
