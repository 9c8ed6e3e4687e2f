"""Shapes of what is named: files, folders, and addresses of which only the header is fetched."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ggufs import TINY, Listed, gguf
from sites import Site, serving

from steward.errors import ModelError, PeerError, UserError
from steward.models.reading import read_shape
from steward.models.source import address
from steward.models.store import Store

SMALL = {
    "model_type": "llama",
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "vocab_size": 100,
    "tie_word_embeddings": True,
}
HELD = 32 * 100 + 4 * 32 * 32 + 3 * 32 * 64 + 3 * 32
"""The parameters of SMALL."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        yield served


def safetensors(numbers: int) -> bytes:
    entry = {"w": {"dtype": "F16", "shape": [numbers], "data_offsets": [0, 2 * numbers]}}
    head = json.dumps(entry).encode()
    return len(head).to_bytes(8, "little") + head + bytes(2 * numbers)


def test_of_a_file_elsewhere_only_the_header_is_fetched(store: Store, site: Site) -> None:
    path = store.file("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
    site.files["/m.gguf"] = path.read_bytes()
    shape = read_shape(f"{site.url}/m.gguf")
    assert shape.parameters == 134_515_008
    assert site.sent < 3_000_000


def test_hugging_face_is_asked_at_the_mirror(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"{site.url}/hub/")
    site.files["/hub/o/r/resolve/main/m.gguf"] = gguf()
    site.files["/hub/o/r/resolve/v2/m.gguf"] = gguf({**TINY, "llama.context_length": 256})
    site.files["/hub/o/r/resolve/main/config.json"] = json.dumps(SMALL).encode()
    assert read_shape("hf:o/r/m.gguf").context == 128
    assert read_shape("hf:o/r@v2/m.gguf").context == 256
    assert read_shape("https://huggingface.co/o/r/blob/main/m.gguf?download=true").context == 128
    assert read_shape("hf:o/r").parameters == HELD
    assert address("hf:o/r/deep/m.gguf") == f"{site.url}/hub/o/r/resolve/main/deep/m.gguf"


def test_a_server_that_gives_no_parts_is_not_read_to_the_end(site: Site) -> None:
    site.files["/m.gguf"] = gguf()
    site.ranges = False
    with pytest.raises(PeerError, match="answered 200"):
        read_shape(f"{site.url}/m.gguf")
    with pytest.raises(PeerError, match="answered 404"):
        read_shape(f"{site.url}/absent.gguf")


def test_a_split_model_is_all_of_its_files(tmp_path: Path) -> None:
    split = {**TINY, "split.count": 2}
    (tmp_path / "m-00001-of-00002.gguf").write_bytes(gguf(split))
    (tmp_path / "m-00002-of-00002.gguf").write_bytes(gguf(tensors=[Listed("a.weight", (32,))]))
    shape = read_shape(str(tmp_path / "m-00001-of-00002.gguf"))
    assert shape.parameters == 32 * 8 + 32
    assert read_shape(str(tmp_path)) == shape
    (tmp_path / "m-00002-of-00002.gguf").unlink()
    with pytest.raises(ModelError, match="00002-of-00002"):
        read_shape(str(tmp_path))


def test_weights_are_read_with_their_config(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(SMALL))
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(safetensors(HELD))
    assert read_shape(str(weights)).bytes == 2 * HELD + 2 * 3 * 32
    # A file of another model beside it.
    weights.write_bytes(safetensors(2 * HELD))
    with pytest.raises(ModelError, match="describes"):
        read_shape(str(weights))


def test_what_names_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no model"):
        read_shape(str(tmp_path))
    with pytest.raises(UserError, match="names no file"):
        address("hf:owner")
    with pytest.raises(UserError, match="no address"):
        address("http://[half/m.gguf")
    with pytest.raises(ModelError, match="No such file"):
        read_shape(str(tmp_path / "absent.gguf"))
