"""A small ONNX graph under construction, whose weights stay where they are: in Kokoro's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

INLINE = 1024
"""Bytes; what is longer is not copied but named by its place in the weights file."""
WEIGHTS = "model.onnx"
"""The weights file, as a graph beside which it lies would call it."""
OPSET = 20


@dataclass
class Source:
    """Kokoro's network: the graph, and the bytes of the file that it came from."""

    graph: onnx.GraphProto
    data: bytes
    tensors: Mapping[str, onnx.TensorProto] = field(init=False)

    def __post_init__(self) -> None:
        self.tensors = {tensor.name: tensor for tensor in self.graph.initializer}

    def array(self, name: str) -> NDArray[Any]:
        """Return a weight."""
        return numpy_helper.to_array(self.tensors[name])

    def reference(self, name: str, shape: Sequence[int] | None = None) -> onnx.TensorProto:
        """Return the weight `name` without its bytes, or with them when they are few."""
        tensor = self.tensors[name]
        found = onnx.TensorProto()
        found.CopyFrom(tensor)
        if shape is not None:
            del found.dims[:]
            found.dims.extend(shape)
        raw = tensor.raw_data
        if len(raw) <= INLINE:
            return found
        at = self.data.find(raw)
        if at < 0 or self.data.find(raw, at + 1) >= 0:
            return found
        found.ClearField("raw_data")
        found.data_location = TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", at), ("length", len(raw))):
            found.external_data.add(key=key, value=str(value))
        return found


class Graph:
    """Nodes and weights in the order in which they are added; every method returns a name."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output."""
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, value: NDArray[Any]) -> str:
        """Add a weight of our own."""
        name = f"c{len(self.weights)}"
        self.weights[name] = numpy_helper.from_array(value, name)
        return name

    def number(self, value: float) -> str:
        """Add a single float."""
        return self.constant(np.array(value, np.float32))

    def kokoro(self, name: str) -> str:
        """Add one of Kokoro's weights under its own name."""
        self.weights[name] = self.source.reference(name)
        return name

    def model(
        self, inputs: Mapping[str, Sequence[str | int]], outputs: Mapping[str, Sequence[str | int]]
    ) -> onnx.ModelProto:
        """Return the whole, with all inputs and outputs in 32-bit floats."""
        graph = helper.make_graph(
            self.nodes,
            "generator",
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
            list(self.weights.values()),
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10
        )
