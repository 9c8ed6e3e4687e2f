from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_weights

from steward.errors import UserError
from steward.lab.fit.device import Device
from steward.lab.fit.kernels import PROCESSOR
from steward.lab.shrink import model, scores
from steward.lab.shrink.importance import importance
from steward.lab.shrink.quantise import Quantise, tried
from steward.lab.shrink.sensitivity import Bench, matrices, parts_of
from steward.lab.shrink.target import Target, target
from steward.lab.shrink.text import divide, windows
from steward.models.ahead.network import Network
from steward.models.formats import BY_NAME

DEVICE = Device("here", "cpu", 3e10, 8 << 30, {"fp32": 2e11}, "a test", PROCESSOR)
TEXT = "turn off the light in the kitchen, then turn on the heating of the hall. " * 40
F16 = BY_NAME["F16"]


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    model.write(tiny_weights.weights("gemma3"), path)
    return path


@pytest.fixture
def exact(original: Path, tmp_path: Path) -> Path:
    path = tmp_path / "exact.gguf"
    made = model.load(original)
    model.write(made, path, dict.fromkeys(matrices(made), F16))
    return path


@pytest.mark.parametrize("architecture", model.ARCHITECTURES)
def test_importance_is_the_mean_square_of_what_a_matrix_meets(
    architecture: str, tmp_path: Path
) -> None:
    path = tmp_path / "m.gguf"
    made = tiny_weights.weights(architecture)
    model.write(made, path)
    network = Network(path)
    window = windows(network, [TEXT], 64)[0]
    found = importance(path, matrices(made), [window], threads=1, on=lambda *_: None)
    assert set(found) == set(matrices(made)) - (
        {"token_embd.weight"} if "output.weight" in made.tensors else set()
    )
    # The first layer's queries meet the normed embeddings, which can be told by hand.
    rows = made.array("token_embd.weight")[list(window)]
    rows = rows * (np.sqrt(tiny_weights.WIDTH) if architecture == "gemma3" else 1.0)
    rows = rows / np.sqrt((rows**2).mean(axis=1, keepdims=True) + 2.0**-17)
    rows = rows * made.array("blk.0.attn_norm.weight")
    expected = (rows**2).mean(axis=0)
    np.testing.assert_allclose(found["blk.0.attn_q.weight"], expected, rtol=1e-3)


def test_a_part_that_is_rounded_changes_the_output_and_is_put_back(
    exact: Path, tmp_path: Path
) -> None:
    search = windows(Network(exact), [TEXT], 48)[:1]
    copy = tmp_path / "copy.gguf"
    bench = Bench(exact, copy, search, 1)
    parts = parts_of(model.load(exact))
    first = {part: bench.harm(names, {}) for part, names in parts.items()}
    assert copy.read_bytes() == exact.read_bytes()
    assert {part: bench.harm(names, {}) for part, names in parts.items()} == first
    # The harm is that of a file in which this part is packed so.
    names = parts["ffn_down.1"]
    small = tmp_path / "small.gguf"
    model.write(model.load(exact), small, dict.fromkeys(names, BY_NAME["Q4_0"]))
    told = scores.compare(exact, small, search, threads=1, on=lambda *_: None)
    assert told.kl == pytest.approx(first["ffn_down.1"], rel=0.35)


def test_a_model_compared_with_itself_is_itself(exact: Path) -> None:
    search = windows(Network(exact), [TEXT], 48)[:2]
    told = scores.compare(exact, exact, search, threads=1, on=lambda *_: None)
    assert told.kl == pytest.approx(0, abs=1e-9)
    assert told.agreement == 1
    assert told.original == told.small
    assert told.tokens == sum(map(len, search))


@pytest.mark.parametrize("architecture", model.ARCHITECTURES)
def test_the_mixture_keeps_to_the_size_and_is_better_where_there_is_more_room(
    architecture: str, tmp_path: Path
) -> None:
    made = tiny_weights.weights(architecture)
    sizes = [model.file_size(made, dict.fromkeys(matrices(made), BY_NAME[k])) for k in KINDS]
    kls = []
    for size in sizes:
        step = Quantise([TEXT], Target(bytes=size + 32 * len(made.tensors)), DEVICE, threads=1)
        folder = tmp_path / "work"
        small = step.run(made, folder, lambda *_: None)
        path = step.own(folder) / "chosen.gguf"
        assert path.stat().st_size <= size + 32 * len(made.tensors)
        assert model.load(path).tensors.keys() == small.tensors.keys()
        chosen = next(each for each in tried(step.own(folder)) if each.name == "chosen")
        assert chosen.bytes == path.stat().st_size
        kls.append(chosen.kl)
    assert kls[0] > kls[1] > 0


KINDS = ("Q4_1", "Q8_0")


def test_a_target_out_of_reach_is_refused_with_what_can_be_reached(tmp_path: Path) -> None:
    made = tiny_weights.weights("llama")
    for wish, said in ((Target(bytes=1000), "smallest"), (Target(speed=1e9), "fastest")):
        with pytest.raises(UserError, match=said):
            Quantise([TEXT], wish, DEVICE, threads=1).run(made, tmp_path / "w", lambda *_: None)
    assert not (tmp_path / "w").exists()


def test_too_little_text_is_refused(exact: Path) -> None:
    with pytest.raises(UserError, match="too short"):
        divide(windows(Network(exact), [TEXT[:200]], 64), 4)


def test_targets_are_read_as_people_write_them() -> None:
    assert target("300 MB") == Target(bytes=300_000_000)
    assert target("1.5GiB, 30 tokens/s") == Target(int(1.5 * 2**30), 30.0)
    assert target("30 tok/s，45mb") == Target(45_000_000, 30.0)
    for wrong in ("", "300", "fast", "300 MB, 200 MB", "0 MB", "-3 MB", "300 MB,"):
        with pytest.raises(UserError):
            target(wrong)


RUN = """
import os, signal, sys
from pathlib import Path
from test_quantise import *
step = Quantise([TEXT], Target(bytes=400_000), DEVICE, threads=1)
at, left = 0, int(sys.argv[3])
def on(what, done, total):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
step.run(model.load(Path(sys.argv[1])), Path(sys.argv[2]), on)
print(step.own(Path(sys.argv[2])) / "chosen.gguf")
"""


def test_killed_at_any_point_it_goes_on_and_ends_with_the_same_file(
    original: Path, tmp_path: Path
) -> None:
    def run(folder: Path, after: int) -> subprocess.CompletedProcess[str]:
        paths = [str(Path(__file__).parent), str(Path(tiny_weights.__file__).parent), *sys.path]
        return subprocess.run(
            [sys.executable, "-c", RUN, str(original), str(folder), str(after)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            timeout=120,
        )

    whole = run(tmp_path / "whole", 0)
    assert whole.returncode == 0, whole.stderr
    expected = Path(whole.stdout.strip()).read_bytes()
    kills = 0
    for after in (3, 40, 25, 60, 30):
        done = run(tmp_path / "killed", after)
        kills += done.returncode == -signal.SIGKILL
    done = run(tmp_path / "killed", 0)
    assert kills >= 3
    assert Path(done.stdout.strip()).read_bytes() == expected
