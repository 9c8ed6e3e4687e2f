"""What is measured of this machine, and kept."""

import json
from dataclasses import asdict
from pathlib import Path

import gguf as official
import numpy as np
import pytest

from steward.errors import ModelError, StateError
from steward.lab.fit import probe, stand_in
from steward.lab.fit.running import Trial, measure


def machine(fingerprint: str, busy: float = 0.0) -> probe.Machine:
    runs = (("Q4_1", 100.0, 20.0), ("Q4_0", 200.0, 25.0))
    return probe.Machine(fingerprint, "test", 2, 1 << 34, 2e10, 5e10, 1e11, runs, busy)


def keep(folder: Path, found: probe.Machine) -> None:
    (folder / probe.FILE).write_text(json.dumps(asdict(found)))


def test_what_was_measured_is_known_until_the_machine_is_another_one(tmp_path: Path) -> None:
    assert probe.kept(tmp_path) is None
    keep(tmp_path, here := machine(probe.fingerprint()))
    assert probe.kept(tmp_path) == here
    keep(tmp_path, machine("another processor"))
    assert probe.kept(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"runs": 1}', '{"runs": [], "more": 1}'])
def test_a_damaged_file_is_said_to_be_so(tmp_path: Path, text: str) -> None:
    (tmp_path / probe.FILE).write_text(text)
    with pytest.raises(StateError, match="cannot read"):
        probe.kept(tmp_path)


def test_what_others_disturbed_is_said_to_be_so() -> None:
    assert machine("x", busy=0.5).disturbed
    assert not machine("x", busy=0.1).disturbed


def test_the_stand_in_has_the_other_kernels_matrices_and_all_else(tmp_path: Path) -> None:
    path, other = tmp_path / "a.gguf", tmp_path / "b.gguf"
    writer = official.GGUFWriter(path, "llama")
    writer.add_string("general.name", "matrix.weight")
    rows = np.ones((8, 64), np.float32)
    kind = official.GGMLQuantizationType.Q4_1
    writer.add_tensor("matrix.weight", official.quants.quantize(rows, kind), raw_dtype=kind)
    writer.add_tensor("norm.weight", np.arange(7, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    stand_in.write(path, other)
    matrix, norm = official.GGUFReader(other).tensors
    assert matrix.tensor_type == official.GGMLQuantizationType.Q4_0
    assert matrix.shape.tolist() == [64, 8]
    values = official.quants.dequantize(matrix.data, matrix.tensor_type)
    assert np.isfinite(values).all() and values.std() > 0
    assert norm.data.tolist() == list(range(7))


def test_a_model_that_cannot_be_run_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF but no more")
    with pytest.raises(ModelError, match=r"broken.gguf could not be run") as caught:
        measure(Trial(tmp_path / "broken.gguf"))
    assert "steward models check" in caught.value.hint
