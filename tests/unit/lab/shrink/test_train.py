"""Training: from a teacher, in eight and four bits, and through a kill at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import decoders
import numpy as np
import pytest

from steward.errors import ModelError, UserError
from steward.lab.shrink.ggml import pack, unpack
from steward.lab.shrink.metadata import texts
from steward.lab.shrink.model import Weights, load
from steward.models.formats import BY_NAME

pytest.importorskip("jax", reason="needs the extra train")

from steward.lab.shrink import prune, train, vocabulary
from steward.lab.shrink.rounding import Kind
from steward.lab.shrink.seen import Rows
from steward.lab.shrink.train import Lesson, Recipe, perplexity, teacher_of

RANDOM = np.random.default_rng(0)
TABLE = RANDOM.integers(0, 256, (256, 2))
"""What can follow each byte of a made-up language."""


def rows(count: int, seed: int, length: int = 24) -> Rows:
    """Return texts of the made-up language."""
    random = np.random.default_rng(seed)
    found = random.integers(0, 256, (count, length))
    for at in range(1, length):
        found[:, at] = TABLE[found[:, at - 1], random.integers(0, 2, count)]
    return found.astype(np.int32)


def nothing(done: int, of: int, loss: float) -> None:
    """Hear of the progress."""


def learnt(weights: Weights, folder: Path, steps: int, **more: object) -> Weights:
    """Return the model after it has learnt the made-up language."""
    recipe = Recipe(steps=steps, batch=16, rate=5e-3, **more)  # type: ignore[arg-type]
    return train.train(weights, Lesson.of(rows(512, 1)), None, recipe, folder, nothing)[0]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """A model that knows the made-up language."""
    return learnt(decoders.model("llama", layers=3), tmp_path_factory.mktemp("teacher"), 150)


def test_a_pruned_model_learns_from_its_teacher(teacher: Weights, tmp_path: Path) -> None:
    held = rows(64, 2)
    small = prune.with_layers(teacher, [0, 2])
    # Nothing from the text itself: whatever comes back comes from the teacher.
    recipe = Recipe(steps=100, batch=16, rate=3e-3, hidden=0.5, soft=1.0)
    lesson = Lesson.of(rows(512, 3))
    taught, curve = train.train(
        small, lesson, teacher_of(teacher, small), recipe, tmp_path, nothing
    )
    before, pruned, after = (perplexity(each, held) for each in (teacher, small, taught))
    assert len(curve) == 100
    kept, losses = train.reached(small, tmp_path)
    assert losses == curve
    assert all((kept.array(name) == taught.array(name)).all() for name in small.tensors)
    assert curve[-1] < curve[0]
    assert before < pruned
    assert (pruned - after) / (pruned - before) > 0.9


def test_training_in_four_bits_loses_less_than_rounding_afterwards(
    teacher: Weights, tmp_path: Path
) -> None:
    held = rows(64, 2)
    kinds: dict[str, Kind] = {
        name: "Q4_0" for name, value in teacher.tensors.items() if len(value.shape) == 2
    }
    # Its own teacher and no text: a longer training alone would bring nothing.
    recipe = Recipe(steps=80, batch=16, rate=1e-3, soft=1.0, kinds=kinds)
    aware, _ = train.train(
        teacher, Lesson.of(rows(512, 3)), teacher_of(teacher, teacher), recipe, tmp_path, nothing
    )
    exact, plain, trained = (perplexity(each, held) for each in (teacher, q4(teacher), q4(aware)))
    assert plain > exact
    assert plain - trained >= (plain - exact) / 2


def q4(weights: Weights) -> Weights:
    """Return the model as a file in Q4_0 has it."""
    kind = BY_NAME["Q4_0"]
    return weights.with_tensors(
        {
            name: unpack(pack(weights.array(name), kind), kind).reshape(value.shape)
            for name, value in weights.tensors.items()
            if len(value.shape) == 2
        }
    )


def test_a_student_with_a_smaller_vocabulary_has_a_teacher_with_the_whole(tmp_path: Path) -> None:
    whole = decoders.model("qwen2", layers=1)
    small = vocabulary.trim(whole, range(256))
    found = teacher_of(whole, small)
    assert list(found.tokens) == list(vocabulary.needed(whole, range(256)))
    recipe = Recipe(steps=1, batch=2, soft=1.0, temperature=1.0)
    _, curve = train.train(small, Lesson.of(rows(4, 1)), found, recipe, tmp_path, nothing)
    # Both say the same of the tokens that stayed.
    assert curve[0] == pytest.approx(0, abs=1e-5)


def test_a_teacher_who_does_not_know_the_tokens_is_refused() -> None:
    weights = decoders.model("llama", layers=1)
    tokens = [f"x{at}" for at in range(len(decoders.vocabulary()))]
    other = weights.with_entries({"tokenizer.ggml.tokens": texts(tokens)})
    with pytest.raises(ModelError, match="does not know"):
        teacher_of(other, weights)


def test_what_does_not_count_is_not_learnt(tmp_path: Path) -> None:
    weights = decoders.model("llama", layers=1)
    lesson = Lesson(rows(8, 1), np.zeros((8, 24), np.float32))
    recipe = Recipe(steps=3, batch=4, rate=1e-2)
    same, curve = train.train(weights, lesson, None, recipe, tmp_path, nothing)
    assert curve == (0.0, 0.0, 0.0)
    np.testing.assert_array_equal(same.array("output.weight"), weights.array("output.weight"))


def test_too_little_text_and_a_damaged_state_are_refused(tmp_path: Path) -> None:
    weights = decoders.model("llama", layers=1)
    with pytest.raises(UserError, match="2 rows"):
        train.train(weights, Lesson.of(rows(2, 1)), None, Recipe(), tmp_path, nothing)
    (tmp_path / "state.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(ModelError, match="damaged"):
        train.train(weights, Lesson.of(rows(8, 1)), None, Recipe(batch=2), tmp_path, nothing)


CHILD = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
import decoders, test_train
from steward.lab.shrink import train
from steward.lab.shrink.model import write
train.KEPT = 1
def told(done, of, loss):
    print(done, flush=True)
folder = Path(sys.argv[1])
recipe = train.Recipe(steps=6, batch=4)
lesson = train.Lesson.of(test_train.rows(32, 5))
weights = decoders.model("llama", layers=1)
write(train.train(weights, lesson, None, recipe, folder, told)[0], Path(sys.argv[2]))
"""


def test_killed_at_any_point_it_ends_with_the_same_model(tmp_path: Path) -> None:
    def start(folder: str, out: str) -> subprocess.Popen[str]:
        paths = [str(Path(decoders.__file__).parent), str(Path(__file__).parent)]
        command = [sys.executable, "-c", CHILD, str(tmp_path / folder), str(tmp_path / out), *paths]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})

    with start("straight", "straight.gguf") as straight:
        straight.communicate()
    assert straight.returncode == 0
    for steps in (1, 3):
        with start("killed", "killed.gguf") as child:
            assert child.stdout is not None
            for line in child.stdout:
                if int(line) >= steps:
                    child.send_signal(signal.SIGKILL)
                    break
    assert not (tmp_path / "killed.gguf").exists()
    with start("killed", "killed.gguf") as last:
        assert last.stdout is not None
        first = int(last.stdout.readline())
        last.stdout.read()
    assert last.returncode == 0
    assert first > 1
    one, two = load(tmp_path / "straight.gguf"), load(tmp_path / "killed.gguf")
    assert (tmp_path / "straight.gguf").read_bytes() == (tmp_path / "killed.gguf").read_bytes()
    assert one.entries == two.entries
