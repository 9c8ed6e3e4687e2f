"""What a model's tensors become when llama.cpp quantises it, without doing so.

Source: `llama_tensor_get_type` in llama.cpp's llama-quant.cpp, without an importance matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from steward.errors import UserError
from steward.models.formats import BY_NAME
from steward.models.shape import Shape, Tensor, build


def _better(when: str, layer: int, layers: int) -> bool:
    """Tell whether a layer is one of "all", "more" (llama.cpp's `use_more_bits`) or the first."""
    eighth = layers // 8
    match when:
        case "all":
            return True
        case "more":
            return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2
        case "1/8":
            return layer < eighth
        case "1/16":
            return layer < layers // 16
    return layer < int(when)


@dataclass(frozen=True)
class _Mix:
    """The type of most matrices, and better ones: (part of the name, in which layers, type).

    `grouped` is that of the values where four or more query heads share them.
    """

    usual: str
    better: tuple[tuple[str, str, str], ...] = ()
    output: str = "Q6_K"
    grouped: str = ""


_MIXES: Mapping[str, _Mix] = {
    "F16": _Mix("F16", output="F16"),
    "BF16": _Mix("BF16", output="BF16"),
    "Q8_0": _Mix("Q8_0", output="Q8_0"),
    "Q6_K": _Mix("Q6_K"),
    "Q5_0": _Mix("Q5_0"),
    "Q5_1": _Mix("Q5_1"),
    "Q5_K_M": _Mix("Q5_K", (("attn_v.", "more", "Q6_K"), ("ffn_down", "more", "Q6_K"))),
    "Q5_K_S": _Mix("Q5_K"),
    "Q4_0": _Mix("Q4_0"),
    "Q4_1": _Mix("Q4_1"),
    "Q4_K_M": _Mix("Q4_K", (("attn_v.", "more", "Q6_K"), ("ffn_down", "more", "Q6_K"))),
    "Q4_K_S": _Mix("Q4_K", (("attn_v.", "4", "Q5_K"), ("ffn_down", "1/8", "Q5_K"))),
    "IQ4_NL": _Mix("IQ4_NL", (("ffn_down", "1/8", "Q5_K"),), grouped="Q5_K"),
    "IQ4_XS": _Mix("IQ4_XS", (("ffn_down", "1/8", "Q5_K"),), grouped="Q5_K"),
    "Q3_K_L": _Mix(
        "Q3_K",
        (("attn_v.", "all", "Q5_K"), ("ffn_down", "all", "Q5_K"), ("attn_output", "all", "Q5_K")),
    ),
    "Q3_K_M": _Mix(
        "Q3_K",
        (
            ("attn_v.", "2", "Q5_K"),
            ("attn_v.", "all", "Q4_K"),
            ("ffn_down", "1/16", "Q5_K"),
            ("ffn_down", "all", "Q4_K"),
            ("attn_output", "all", "Q4_K"),
        ),
    ),
    "Q3_K_S": _Mix("Q3_K"),
    "Q2_K": _Mix(
        "Q2_K",
        (("attn_v.", "all", "Q3_K"), ("ffn_down", "all", "Q3_K"), ("attn_output", "all", "Q3_K")),
        grouped="Q4_K",
    ),
    "MXFP4": _Mix("Q8_0", (("_exps.", "all", "MXFP4"),), output="Q8_0"),
}
KINDS = tuple(_MIXES)
"""The names of the mixtures, as in files' names: "Q4_K_M"."""
_GROUPED = 4
_FALLBACK = {
    "Q2_K": "IQ4_NL",
    "Q3_K": "IQ4_NL",
    "IQ4_XS": "IQ4_NL",
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
}
"""What rows become that are not whole blocks of 256."""


def quantised(shape: Shape, kind: str) -> Shape:
    """Return `shape` with its matrices packed as a file of this kind ("Q4_K_M") has them.

    Raises:
        UserError: there is no such kind.
    """
    mix = _MIXES.get(kind.upper())
    if mix is None:
        raise UserError(
            f"no quantisation is called {kind!r:.30}", hint=f"there are {', '.join(KINDS)}"
        )
    return build(
        name=shape.name,
        architecture=shape.architecture,
        width=shape.width,
        heads=shape.heads,
        feed_forward=shape.feed_forward,
        context=shape.context,
        experts=shape.experts,
        experts_used=shape.experts_used,
        layers=shape.layers,
        attention=shape.attention,
        tensors=[_packed(tensor, shape, mix) for tensor in shape.tensors],
    )


def _packed(tensor: Tensor, shape: Shape, mix: _Mix) -> Tensor:
    if len(tensor.shape) == 1 or "ffn_gate_inp" in tensor.name or "shortconv.conv" in tensor.name:
        return tensor
    name = _type(tensor, shape, mix)
    if not BY_NAME[name].fits(tensor.shape):
        name = _FALLBACK.get(name, "F16")
    if not BY_NAME[name].fits(tensor.shape):
        name = "F16"
    packing = BY_NAME[name]
    return replace(tensor, type=packing, bytes=packing.size(tensor.shape))


def _type(tensor: Tensor, shape: Shape, mix: _Mix) -> str:
    if tensor.name == "output.weight" or (shape.tied and tensor.name == "token_embd.weight"):
        return mix.output
    if mix.grouped and "attn_v." in tensor.name and shape.heads >= _GROUPED * shape.kv_heads:
        return mix.grouped
    if tensor.name.startswith("blk."):
        layer = int(tensor.name.split(".")[1])
        for part, when, name in mix.better:
            if part in tensor.name and _better(when, layer, shape.layers):
                return name
    return mix.usual
