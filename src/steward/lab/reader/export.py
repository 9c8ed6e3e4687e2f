"""The trained reader as one ONNX file with 8-bit weights."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from steward.lab.reader.network import EPSILON, HEADS, UPPER, Parameters, depth

OPSET = 17


class _Graph:
    """Nodes and weights of a graph under construction; each method returns an output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, value: NDArray[np.generic]) -> str:
        self.weights.append(numpy_helper.from_array(value, name))
        return name

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def linear(self, x: str, name: str, parameters: Parameters) -> str:
        weight = self.weight(f"{name}.w", np.asarray(parameters[f"{name}.w"]))
        bias = self.weight(f"{name}.b", np.asarray(parameters[f"{name}.b"]))
        product = self.add("MatMul", [x, weight], f"{name}.product")
        return self.add("Add", [product, bias], f"{name}.out")

    def norm(self, x: str, name: str, parameters: Parameters) -> str:
        weight = self.weight(f"{name}.w", np.asarray(parameters[f"{name}.w"]))
        bias = self.weight(f"{name}.b", np.asarray(parameters[f"{name}.b"]))
        return self.add(
            "LayerNormalization", [x, weight, bias], f"{name}.out", axis=-1, epsilon=EPSILON
        )


def export(parameters: Parameters, labels: Sequence[str], path: Path) -> None:
    """Write the reader to `path`.

    Inputs "pieces" and "marks" (int64, length), outputs "labels" and "tags" (probabilities); the
    names of the labels are in the metadata, joined by tabs.
    """
    graph = _Graph()
    x = _embedded(graph, parameters)
    layers = depth(parameters)
    for layer in range(layers):
        if layer == max(0, layers - UPPER):
            mark = graph.weight("mark", np.asarray(parameters["mark"]))
            known = graph.add("Gather", [mark, "marks"], "known")
            x = graph.add("Add", [x, known], "marked")
        x = _block(graph, x, str(layer), parameters)
    mean = graph.add("ReduceMean", [x], "mean", axes=[0], keepdims=0)
    scores = graph.linear(mean, "label", parameters)
    graph.add("Softmax", [scores], "labels", axis=-1)
    graph.add("Softmax", [graph.linear(x, "tag", parameters)], "tags", axis=-1)
    made = helper.make_graph(
        graph.nodes,
        "reader",
        [_value(name, TensorProto.INT64, ["length"]) for name in ("pieces", "marks")],
        [
            _value("labels", TensorProto.FLOAT, [len(labels)]),
            _value("tags", TensorProto.FLOAT, ["length", "tags"]),
        ],
        graph.weights,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    entry = model.metadata_props.add()
    entry.key, entry.value = "labels", "\t".join(labels)
    onnx.checker.check_model(model)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        onnx.save(model, whole)
        quantize_dynamic(
            whole,
            path,
            op_types_to_quantize=["MatMul", "Gather"],
            weight_type=QuantType.QInt8,
            per_channel=True,
        )


def _value(name: str, kind: int, shape: Sequence[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, list(shape))


def _embedded(graph: _Graph, parameters: Parameters) -> str:
    word = graph.weight("word", np.asarray(parameters["word"]))
    place = graph.weight("place", np.asarray(parameters["place"]))
    words = graph.add("Gather", [word, "pieces"], "words")
    length = graph.add("Shape", ["pieces"], "length")
    zero = graph.weight("zero", np.array([0]))
    places = graph.add("Slice", [place, zero, length, zero], "places")
    total = graph.add("Add", [words, places], "sum")
    return graph.norm(total, "ln", parameters)


def _block(graph: _Graph, x: str, layer: str, parameters: Parameters) -> str:
    width = parameters["ln.w"].shape[0]
    shape = graph.weight(f"{layer}.shape", np.array([-1, HEADS, width // HEADS]))
    flat = graph.weight(f"{layer}.flat", np.array([-1, width]))

    def heads(name: str, order: Sequence[int]) -> str:
        made = graph.linear(x, f"{layer}.{name}", parameters)
        parted = graph.add("Reshape", [made, shape], f"{layer}.{name}.parted")
        return graph.add("Transpose", [parted], f"{layer}.{name}.heads", perm=list(order))

    query, key, value = heads("q", (1, 0, 2)), heads("k", (1, 2, 0)), heads("v", (1, 0, 2))
    root = np.array(1 / np.sqrt(width // HEADS), np.float32)
    products = graph.add("MatMul", [query, key], f"{layer}.products")
    scaled = graph.add("Mul", [products, graph.weight(f"{layer}.root", root)], f"{layer}.scaled")
    shares = graph.add("Softmax", [scaled], f"{layer}.shares", axis=-1)
    seen = graph.add("MatMul", [shares, value], f"{layer}.seen")
    turned = graph.add("Transpose", [seen], f"{layer}.turned", perm=[1, 0, 2])
    joined = graph.add("Reshape", [turned, flat], f"{layer}.joined")
    projected = graph.linear(joined, f"{layer}.ao", parameters)
    x = graph.norm(graph.add("Add", [x, projected], f"{layer}.a"), f"{layer}.aln", parameters)
    inner = graph.linear(x, f"{layer}.fi", parameters)
    outer = graph.linear(_gelu(graph, inner, layer), f"{layer}.fo", parameters)
    return graph.norm(graph.add("Add", [x, outer], f"{layer}.o"), f"{layer}.oln", parameters)


def _gelu(graph: _Graph, x: str, layer: str) -> str:
    """x/2 * (1 + erf(x / sqrt 2)), Hendrycks and Gimpel 2016, arXiv:1606.08415."""
    root = graph.weight(f"{layer}.root2", np.array(np.sqrt(0.5), np.float32))
    one = graph.weight(f"{layer}.one", np.array(1, np.float32))
    half = graph.weight(f"{layer}.half", np.array(0.5, np.float32))
    erf = graph.add("Erf", [graph.add("Mul", [x, root], f"{layer}.g1")], f"{layer}.g2")
    gate = graph.add("Mul", [graph.add("Add", [erf, one], f"{layer}.g3"), half], f"{layer}.g4")
    return graph.add("Mul", [x, gate], f"{layer}.g5")
