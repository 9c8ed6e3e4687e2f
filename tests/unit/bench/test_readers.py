"""The small models that are compared as readers, at toy sizes."""

import random

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from reading import decoder, fitting, speed, texts
from reading.decoder import Batch, Parameters, Shape
from steward.lab.reader.corpus import COMPOUND, NONE, template
from steward.lab.reader.examples import Example, example
from steward.lab.reader.homes import generate
from steward.types import World

SHAPE = Shape(layers=2, width=32, heads=4, groups=2, inner=48, vocabulary=40)


def toy(seed: int = 0) -> Batch:
    """Sentences of five pieces whose target is their second and fourth."""
    said = np.random.default_rng(seed).integers(3, SHAPE.vocabulary, (24, 5))
    target = np.concatenate([said[:, [1, 3]], np.full((24, 1), 2)], axis=1)
    pieces = np.concatenate([said, np.zeros((24, 1), int), target], axis=1)
    return {
        "pieces": jnp.asarray(pieces),
        "marks": jnp.zeros_like(jnp.asarray(pieces)),
        "begin": jnp.full(24, 5),
        "target": jnp.asarray(target),
        "counted": jnp.ones((24, 3)),
        "named": jnp.asarray([[1.0, 0, 0]] * 24),
    }


def learn(base: Parameters, free: Parameters, steps: int, rate: float) -> tuple[Parameters, float]:
    """Train `free`, which is all of `base` or low-rank changes of it."""
    data, optimizer = toy(), optax.adam(rate)

    def whole(free: Parameters) -> Parameters:
        return decoder.adapted(base, free) if "q.a" in free else free

    @jax.jit
    def step(
        free: Parameters, state: optax.OptState
    ) -> tuple[Parameters, optax.OptState, jax.Array]:
        value, slopes = jax.value_and_grad(lambda p: decoder.loss(whole(p), SHAPE, data))(free)
        updates, state = optimizer.update(slopes, state)
        return optax.apply_updates(free, updates), state, value

    state = optimizer.init(free)
    for _ in range(steps):
        free, state, value = step(free, state)
    return free, float(value)


def test_the_decoder_learns_to_write_what_it_read() -> None:
    start = decoder.random_start(SHAPE, seed=1)
    before = float(decoder.loss(start, SHAPE, toy()))
    assert before == pytest.approx(np.log(SHAPE.vocabulary), rel=0.1)
    made, after = learn(start, start, steps=150, rate=1e-2)
    assert after < 0.1 * before
    named, right = decoder.judge(made, SHAPE, toy())
    assert float(named.mean()) >= float(right.mean()) > 0.9
    assert float(decoder.judge(start, SHAPE, toy())[1].mean()) < 0.2


def test_low_rank_changes_learn_and_leave_the_base_as_it_is() -> None:
    base = decoder.random_start(SHAPE, seed=1)
    kept = {name: np.array(value) for name, value in base.items()}
    changes = decoder.adapters(SHAPE, seed=2)
    before = float(decoder.loss(base, SHAPE, toy()))
    same = decoder.adapted(base, changes)
    assert float(decoder.loss(same, SHAPE, toy())) == pytest.approx(before, abs=1e-6)
    made, after = learn(base, changes, steps=60, rate=3e-2)
    assert after < 0.95 * before
    assert all(np.array_equal(kept[name], value) for name, value in base.items())
    changed = decoder.adapted(base, made)
    differing = {name for name in base if not np.array_equal(base[name], changed[name])}
    assert differing == {"layer.q", "layer.v", "mark"}


def test_writing_piece_by_piece_sees_what_reading_at_once_sees() -> None:
    parameters = decoder.random_start(SHAPE, seed=3)
    pieces = toy()["pieces"][:2]
    marks = jnp.arange(pieces.size).reshape(pieces.shape) % 7
    parameters["mark"] = jnp.asarray(np.random.default_rng(0).normal(0, 1, (7, SHAPE.width)))
    at_once, _ = decoder.run(parameters, SHAPE, pieces, marks)
    cache = decoder.empty_cache(SHAPE, 2, pieces.shape[1])
    x, kept = decoder.run(parameters, SHAPE, pieces[:, :4], marks[:, :4], 0, cache)
    found = [x]
    for at in range(4, pieces.shape[1]):
        one = slice(at, at + 1)
        x, kept = decoder.run(parameters, SHAPE, pieces[:, one], marks[:, one], at, kept)
        found.append(x)
    np.testing.assert_allclose(jnp.concatenate(found, 1), at_once, atol=1e-5)


def test_the_time_of_writing_a_sentence_is_taken_on_one_core() -> None:
    assert 0 < speed.decoder_ms(SHAPE, 5, 3) < 1000


def test_a_later_piece_does_not_change_an_earlier_state() -> None:
    parameters = decoder.random_start(SHAPE, seed=3)
    pieces = toy()["pieces"]
    changed = pieces.at[:, 5:].set(7)
    one, _ = decoder.run(parameters, SHAPE, pieces, 0 * pieces)
    other, _ = decoder.run(parameters, SHAPE, changed, 0 * pieces)
    np.testing.assert_allclose(one[:, :5], other[:, :5], atol=1e-6)
    assert not np.allclose(one[:, 5:], other[:, 5:])


def vocabulary() -> texts.Vocabulary:
    made = Tokenizer(models.BPE(vocab={"<": 0, "-": 1, ">": 2, "?": 3}, merges=[], unk_token="?"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.add_tokens([*"abcdefghijklmnopqrstuvwxyz |+="])
    return texts.Vocabulary(made, begin=0, end=2)


def test_what_is_to_be_written_names_the_label_and_what_counts() -> None:
    world = World()
    text = "kill the lamps but not the hall"
    tags = tuple(1 if 5 <= i < 14 else 2 if i >= 23 else 0 for i in range(len(text)))
    said = Example(text, "en", "off", tags, world)
    assert texts.target(said) == ("off |", " the lamps | - the hall |")
    silent = Example(text, "en", COMPOUND, (0,) * len(text), world)
    assert texts.target(silent) == ("compound |", "")
    talk = Example(text, "en", NONE, tags, world)
    assert texts.target(talk) == ("none |", "")


@pytest.mark.parametrize("seed", range(5))
def test_a_batch_holds_sentence_and_target_in_a_row(seed: int) -> None:
    rng = random.Random(seed)
    asked = template("off", "en", "kill {light}")
    made = texts.written([example(rng, asked, generate(rng)) for _ in range(4)], vocabulary())
    data = texts.batch(made)
    for row, one in enumerate(made):
        begin = int(data["begin"][row])
        pieces = tuple(int(piece) for piece in data["pieces"][row])
        assert pieces[begin] == 0
        assert pieces[begin + 1 : begin + 1 + len(one.target)] == one.target
        assert int(data["counted"][row].sum()) == len(one.target)
        assert int(data["named"][row].sum()) == one.named < len(one.target)
        assert tuple(int(p) for p in data["target"][row][: len(one.target)]) == one.target


def test_what_is_excused_costs_nothing() -> None:
    clock = fitting.Clock()
    total = clock.excuse(sum, range(3_000_000))
    assert total == 4_499_998_500_000
    excused = clock.seconds()
    sum(range(3_000_000))
    assert clock.seconds() - excused > 5 * excused


def test_the_rate_rises_and_falls() -> None:
    rates = [fitting.schedule(share) for share in np.linspace(0, 1, 101)]
    assert rates[0] < 0.2 and max(rates) == pytest.approx(1, abs=0.01)
    assert rates[-1] == pytest.approx(0.05)
    assert rates[10:] == sorted(rates[10:], reverse=True)
