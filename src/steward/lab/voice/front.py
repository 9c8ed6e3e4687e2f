"""The first part of Kokoro, from symbols to what the generator needs, as it came."""

from __future__ import annotations

from collections.abc import Iterable

import onnx
from onnx import TensorProto, helper

from steward.lab.voice.generator import PLACE
from steward.lab.voice.pieces import Source

OUTPUTS = {
    "/encoder/Clip_output_0": "durations",
    "/decoder/decoder/decode.3/Div_4_output_0": "x",
    f"{PLACE}Concat_3_output_0": "harmonics",
}
"""What Kokoro calls the outputs, and what we do: frames a symbol, and what `generator` takes."""


def front(source: Source) -> onnx.ModelProto:
    """Return the part of the graph that OUTPUTS need, with short names."""
    needed, nodes = set(OUTPUTS), list[onnx.NodeProto]()
    for node in reversed(source.graph.node):
        if needed.intersection(node.output):
            nodes.insert(0, node)
            needed.update(node.input)
    names = _Short([i.name for i in source.graph.input])
    for node in nodes:
        node.ClearField("name")
        node.ClearField("doc_string")
        for side in (node.input, node.output):
            side[:] = [names.of(name) for name in side]
    weights = [source.reference(name) for name in source.tensors if name in needed]
    for tensor in weights:
        tensor.name = names.of(tensor.name)
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in OUTPUTS.values()
    ]
    graph = helper.make_graph(nodes, "front", list(source.graph.input), outputs, weights)
    # Kokoro's file names eight sets of operators, of which these two are used.
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


class _Short:
    def __init__(self, kept: Iterable[str]) -> None:
        self._names = {"": "", **OUTPUTS, **{name: name for name in kept}}

    def of(self, name: str) -> str:
        return self._names.setdefault(name, f"n{len(self._names)}")
