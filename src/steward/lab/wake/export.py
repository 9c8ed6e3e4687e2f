"""The two networks as ONNX files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from steward.audio.mel import BANDS
from steward.audio.wake import EMBEDDINGS, WINDOW
from steward.lab.wake.network import DEPTH, EMBEDDING, LAYERS

_OPSET = 17
_IR = 8

Arrays = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Nodes in a row, each on the output of the one before."""

    def __init__(self, arrays: Arrays) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants = [numpy_helper.from_array(a, n) for n, a in arrays.items()]

    def add(self, kind: str, inputs: Sequence[str], output: str = "", **more: Any) -> str:
        name = output or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **more))
        return name

    def constant(self, name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def convolutions(self, x: str, strides: Sequence[int]) -> str:
        for index, stride in enumerate(strides):
            x = self.add("Conv", [x, f"w{index}", f"b{index}"], strides=[stride])
            x = self.add("Relu", [x])
        return x

    def out(self, x: str, since: bool) -> None:
        """Add the dense layers: the probability and, where wanted, the seconds since the end."""
        x = self.add("Flatten", [x], axis=1)
        x = self.add("Relu", [self.add("Add", [self.add("MatMul", [x, "wh"]), "bh"])])
        x = self.add("Add", [self.add("MatMul", [x, "wo"]), "bo"])
        zero, one = np.array(0, np.int64), np.array(1, np.int64)
        logit = self.add("Gather", [x, self.constant("zero", zero)], axis=1)
        self.add("Sigmoid", [logit], "probability")
        if since:
            self.add("Gather", [x, self.constant("one", one)], "since", axis=1)

    def save(self, file: Path, entry: str, shape: tuple[int, int], outputs: Sequence[str]) -> None:
        inside = helper.make_tensor_value_info(entry, TensorProto.FLOAT, ["n", *shape])
        outside = [helper.make_tensor_value_info(o, TensorProto.FLOAT, ["n"]) for o in outputs]
        graph = helper.make_graph(self.nodes, file.stem, [inside], outside, self.constants)
        opset = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=_IR)
        onnx.checker.check_model(model)
        file.write_bytes(model.SerializeToString())


def export_first(arrays: Arrays, file: Path) -> None:
    """Write the first network: mel windows to probabilities."""
    graph = _Graph(arrays)
    loudest = graph.add("ReduceMax", ["mel"], axes=[1, 2], keepdims=1)
    depth = graph.constant("depth", np.array(DEPTH, np.float32))
    x = graph.add("Max", ["mel", graph.add("Sub", [loudest, depth])])
    x = graph.add("Sub", [x, graph.add("ReduceMean", [x], axes=[1, 2], keepdims=1)])
    x = graph.add("Transpose", [x], perm=[0, 2, 1])
    graph.out(graph.convolutions(x, [stride for _, stride in LAYERS]), since=False)
    graph.save(file, "mel", (WINDOW, BANDS), ["probability"])


def export_head(arrays: Arrays, file: Path) -> None:
    """Write the second network: embeddings to probabilities and seconds since the word."""
    graph = _Graph(arrays)
    x = graph.add("Div", [graph.add("Sub", ["embedding", "mean"]), "deviation"])
    x = graph.add("Transpose", [x], perm=[0, 2, 1])
    graph.out(graph.convolutions(x, [1, 1]), since=True)
    graph.save(file, "embedding", (EMBEDDINGS, EMBEDDING), ["probability", "since"])
