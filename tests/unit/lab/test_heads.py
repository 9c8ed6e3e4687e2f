"""Heads learn what a model says, and change nothing of it."""

import json
from pathlib import Path

import numpy as np
import pytest
import tiny
from typer.testing import CliRunner

from steward.cli import app
from steward.errors import ModelError, UserError
from steward.lab.heads import corpus
from steward.lab.heads.collect import Answer, Chorus, held
from steward.lab.heads.corpus import Corpus, read
from steward.lab.heads.train import Point, known, learn, table, windows
from steward.models.ahead.decode import Decoder, Wish
from steward.models.ahead.heads import Heads, find_heads, write_heads
from steward.models.ahead.model import Ahead
from steward.models.ahead.network import Network, Past
from steward.models.ahead.rules import Vocabulary
from steward.models.disk import sha256
from steward.models.profile import Profile
from steward.models.schema import grammar_of


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="module")
def network(path: Path) -> Network:
    return Network(path)


PROMPTS = ["turn the light on", "light light light", "off, in turn", "turn"]


def prompts(network: Network) -> list[list[int]]:
    return [network.tokenize(f"say: {prompt}".encode()) for prompt in PROMPTS]


def test_a_chorus_says_what_each_would_say_alone(network: Network) -> None:
    chorus = Chorus(network, voices=4, room=128, threads=1)
    answers = chorus.answers(prompts(network), [30, 30, 7, 1])
    assert [len(each.tokens) for each in answers] == [30, 30, 7, 1]
    past = Past(network, context=256, threads=1)
    rows = table(network.path)
    for prompt, answer in zip(prompts(network), answers, strict=True):
        said = answer.tokens.tolist()
        past.keep(0)
        past.compute([*prompt, *said[:-1]], [True] * (len(prompt) + len(said) - 1))
        alone = np.array([past.scores(len(prompt) - 1 + at) for at in range(len(said))])
        # Batches round differently, and ties may break.
        assert (alone.max(1) - alone[range(len(said)), said]).max() < 0.05
        logits = answer.states.astype(np.float32) @ rows.T
        assert np.abs(logits - alone).max() < 0.05


def test_what_a_grammar_forces_does_not_count(network: Network) -> None:
    past = Past(network, context=256, threads=1, states=True)
    grammar = grammar_of(
        {
            "type": "object",
            "properties": {"name": {"enum": ["on", "off"]}},
            "required": ["name"],
            "additionalProperties": False,
        }
    )
    answer = held(past, Vocabulary(network), prompts(network)[0], grammar)
    said = b"".join(map(network.piece, answer.tokens.tolist()))
    assert said in (b'{"name":"on"}', b'{"name":"off"}')
    assert answer.free.sum() == 1
    assert len(answer.states) == len(answer.tokens)


def test_collecting_goes_on_where_it_ended(network: Network, tmp_path: Path) -> None:
    first, *_ = Corpus(network, tmp_path, 1).rounds(1)
    kept = tmp_path / "000-chat.npz"
    changed = kept.stat().st_mtime_ns
    again, *_ = Corpus(network, tmp_path, 1).rounds(1)
    assert kept.stat().st_mtime_ns == changed
    assert len(first) == len(again) == len(read(kept)) == 16
    for one, other in zip(first, again, strict=True):
        assert one.tokens.tolist() == other.tokens.tolist()
        assert np.array_equal(one.states, other.states)


def test_heads_learn_and_guess(network: Network, tmp_path: Path) -> None:
    chorus = Chorus(network, voices=4, room=200, threads=1)
    asked = [network.tokenize(f"{number} light".encode()) for number in range(32)]
    rounds = [chorus.answers(asked[at : at + 4], [40] * 4) for at in range(0, 32, 4)]
    file = tmp_path / "some.heads"
    curve: list[Point] = []
    write_heads(file, *learn(rounds, network, 4, 1, curve.append))
    assert curve[-1].held_loss < curve[0].held_loss
    past = Past(network, context=256, threads=1, states=True)
    decoder = Decoder(past, [Heads(past, file, 0.5)])
    plain = Decoder(Past(network, context=256, threads=1))
    for prompt in asked[:4]:
        expected = [each.token for each in plain.answer(prompt, Wish(60))]
        found = [each.token for each in decoder.answer(prompt, Wish(60))]
        assert found == expected
    assert decoder.count.right > decoder.count.guessed / 2 > 0


def test_rare_tokens_are_any_other(network: Network) -> None:
    answer = Answer(
        np.zeros((4, tiny.WIDTH), np.float16),
        np.array([7, 9, 7, 7], np.int32),
        np.array([1, 1, 0, 1], np.bool_),
    )
    tokens = known([answer])
    assert tokens.tolist() == [7]
    cut = windows([answer], tokens, network.size)
    assert cut.words[:, :3].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert cut.counted[:, :3].tolist() == [
        [True, False, True],
        [False, True, False],
        [True, False, False],
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "steward.toml"
    file.write_text(
        f'[paths]\ncache = "{tmp_path}/cache"\n[model]\ncontext = 256\n', encoding="utf-8"
    )
    return file


def test_from_a_model_to_its_heads(
    path: Path, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The list of a home's tools has more letters than there are places in a corpus.
    monkeypatch.setattr(corpus, "KINDS", ("chat",))
    command = ["--config", str(settings), "heads", str(path), "--work", str(tmp_path / "work")]
    done = CliRunner().invoke(app, [*command, "--rounds", "16", "--epochs", "1", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [point["epoch"] for point in told["curve"]] == [1]
    assert Path(told["file"]) == find_heads(tmp_path / "cache", sha256(path))
    Ahead(path, Profile(1, ahead=True, heads=told["file"], sure=0.5), 256).close()


def test_too_little_is_not_learned_from(path: Path, settings: Path, tmp_path: Path) -> None:
    command = ["--config", str(settings), "heads", str(path), "--minutes", "0", "--work"]
    done = CliRunner().invoke(app, [*command, str(tmp_path / "work")])
    assert isinstance(done.exception, UserError)
    assert "0 rounds are too few" in done.exception.message
    assert find_heads(tmp_path / "cache", sha256(path)) is None
    done = CliRunner().invoke(app, [*command, str(settings)])
    assert isinstance(done.exception, ModelError)
