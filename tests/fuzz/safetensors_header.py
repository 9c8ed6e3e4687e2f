"""Any bytes as a safetensors file, and as a config.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from steward.errors import ModelError
from steward.models.configured import shape_of_config
from steward.models.safetensors import read_header

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from ggufs import Bytes

_HEAD = (
    b'{"__metadata__": {"format": "pt"}, "a": {"dtype": "F16", "shape": [2, 4], "data_offsets":'
    b' [0, 16]}, "b": {"dtype": "F32", "shape": [], "data_offsets": [16, 20]}}'
)
_CONFIG = {
    "model_type": "lfm2",
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 8,
    "num_experts": 4,
    "num_experts_per_tok": 2,
    "layer_types": ["conv", "full_attention"],
    "sliding_window": 16,
}
SEEDS = (
    len(_HEAD).to_bytes(8, "little") + _HEAD + bytes(20),
    json.dumps(_CONFIG).encode(),
    json.dumps({"text_config": _CONFIG | {"model_type": "gpt_oss"}}).encode(),
)


def one(data: bytes) -> None:
    """Read `data` as either; what is accepted must hold what it says."""
    source = Bytes(data)
    try:
        if data[:1] == b"{":
            shape = shape_of_config(source, "config.json")
            assert 0 < shape.layers <= len(shape.tensors)
            assert 0 <= shape.bytes_a_token <= shape.bytes
            return
        header = read_header(source)
        assert header.data + sum(tensor.bytes for tensor in header.tensors) == len(data)
    except ModelError as error:
        assert error.hint
