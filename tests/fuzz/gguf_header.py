"""Any bytes as a GGUF file: its header, and the shape of the model in it."""

from __future__ import annotations

import sys
from pathlib import Path

from steward.errors import ModelError
from steward.models.gguf import read_header
from steward.models.shape import shape_of

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from ggufs import TABLE, TINY, Bytes, Listed, gguf

_LAYERED = {**TINY, "llama.vocab": ["a", "b"], "llama.rope.freq_base": 1e4}
SEEDS = (
    gguf(),
    gguf(_LAYERED, [TABLE, Listed("output.weight", (32, 8), 2, 1024)], data=1024 + 144),
    gguf({**TINY, "general.alignment": 64}, [Listed("blk.0.ffn_up_exps.weight", (32, 4, 2))]),
    gguf(version=2),
)


def one(data: bytes) -> None:
    """Read `data` as a file; what is accepted must hold what it says."""
    try:
        header = read_header(Bytes(data))
        for tensor in header.tensors:
            assert 0 <= header.data + tensor.offset <= len(data) - tensor.bytes
        shape = shape_of("m.gguf", [header])
        assert 0 < shape.layers <= len(header.tensors)
        assert 0 <= shape.bytes_a_token <= shape.bytes <= len(data)
        assert shape.cached_values(100) >= 0
    except ModelError as error:
        assert error.hint
