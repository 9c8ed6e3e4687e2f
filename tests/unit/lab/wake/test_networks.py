from __future__ import annotations

from pathlib import Path

import jax
import numpy as np
import onnxruntime
import pytest

from steward.audio.wake import EMBEDDINGS, WINDOW, WakeDetector
from steward.lab.wake import network
from steward.lab.wake.embedding import Embedding
from steward.lab.wake.export import export_first, export_head
from steward.lab.wake.network import Data, Point
from steward.models.store import Store

RNG = np.random.default_rng(9)
MELS = RNG.uniform(0, 10, (7, WINDOW, 32)).astype(np.float16)


@pytest.fixture(scope="module")
def model(store: Store) -> Path:
    return store.file("speech-embedding", "embedding_model.onnx")


def test_the_written_first_network_is_the_learnt_one(tmp_path: Path) -> None:
    start = network.first_start(jax.random.key(0))
    export_first(network.numpy(start), tmp_path / "first.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "first.onnx")
    (found,) = session.run(None, {"mel": MELS.astype(np.float32)})
    wanted = network.sigmoid(network.judge(network.first, start, MELS)[:, 0])
    assert found == pytest.approx(wanted, abs=1e-4)


def test_the_written_head_is_the_learnt_one(tmp_path: Path) -> None:
    mean, deviation = RNG.normal(0, 3, 96), RNG.uniform(1, 2, 96)
    start = network.head_start(
        jax.random.key(0), mean.astype(np.float32), deviation.astype(np.float32)
    )
    export_head(network.numpy(start), tmp_path / "second.onnx")
    inputs = RNG.normal(0, 5, (6, EMBEDDINGS, 96)).astype(np.float16)
    session = onnxruntime.InferenceSession(tmp_path / "second.onnx")
    probability, since = session.run(None, {"embedding": inputs.astype(np.float32)})
    wanted = network.judge(network.head, start, inputs)
    assert probability == pytest.approx(network.sigmoid(wanted[:, 0]), abs=1e-4)
    assert since == pytest.approx(wanted[:, 1], abs=1e-3)


def test_the_widened_embedding_is_the_packaged_one(model: Path) -> None:
    from steward.audio.wake import WORDS

    packaged = WakeDetector(WORDS / "jarvis", model)
    wanted = np.stack([packaged.embed(window.astype(np.float32)) for window in MELS])
    assert Embedding(model)(MELS) == pytest.approx(wanted, abs=0.05, rel=0.01)


@pytest.mark.parametrize(("mixed", "epochs"), [(False, 4), (True, 6)])
def test_learning_tells_loud_from_quiet_ends_and_repeats_itself(mixed: bool, epochs: int) -> None:
    wake = RNG.integers(0, 2, 256).astype(np.float32)
    mels = RNG.uniform(0, 4, (256, WINDOW, 32)).astype(np.float16)
    mels[wake == 1, -60:] += np.float16(5)
    data = Data(mels, wake, np.zeros(256, np.float32), np.ones(256, np.float32))

    def learnt() -> tuple[network.Parameters, list[Point]]:
        curve: list[Point] = []
        start = network.first_start(jax.random.key(1))
        held = data.rows(np.arange(64))
        found = network.learn(network.first, start, data, held, epochs, 1, curve.append, mixed)
        return found, curve

    found, curve = learnt()
    assert [p.epoch for p in curve] == list(range(1, epochs + 1))
    assert curve[-1].loss < 0.7 * curve[0].loss
    right = (network.judge(network.first, found, mels)[:, 0] > 0) == (wake == 1)
    assert right.mean() > 0.95
    again, _ = learnt()
    assert all(np.array_equal(found[k], again[k]) for k in found)
