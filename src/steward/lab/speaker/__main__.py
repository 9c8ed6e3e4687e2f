"""Make the graph of the speaker's voice: python -m steward.lab.speaker

`speech/graphs/speaker.onnx` gets Resemblyzer's network without the weights, which stay in the file
that PyTorch wrote: the graph names each gate by its place in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from steward.config import Config
from steward.lab.speaker.places import Place, places
from steward.models.store import Store
from steward.speech.speaker import BANDS, FRAME, GRAPH, WEIGHTS, WEIGHTS_SET
from steward.speech.spectrogram import mel_filters

HIDDEN = 256
LAYERS = 3
GATES = (0, 3, 1, 2)
"""ONNX orders the gates of an LSTM input, output, forget, cell; PyTorch puts output last."""
_TINY = 1e-9


def main() -> None:
    """Make the graph."""
    data = Store(Config().paths.cache).file(WEIGHTS_SET, WEIGHTS).read_bytes()
    GRAPH.write_bytes(model(places(data)).SerializeToString())


def model(found: Mapping[str, Place]) -> onnx.ModelProto:
    """Return the network, from the power of the frames (pieces, frames, bins) to one row a piece.

    A row is of length 1. Network and loss: Wan et al., Generalized End-to-End Loss for Speaker
    Verification (2018).
    """
    builder = _Builder(found)
    mel = builder.op("MatMul", "power", builder.filters())
    hidden = builder.op("Transpose", mel, perm=[1, 0, 2])
    last = ""
    for layer in range(LAYERS):
        hidden, last = builder.layer(hidden, layer)
    last = builder.op("Squeeze", last, builder.constant(np.array([0])))
    weight, bias = builder.tensor("linear.weight"), builder.tensor("linear.bias")
    raw = builder.op("Relu", builder.op("Gemm", last, weight, bias, transB=1))
    length = builder.op("ReduceL2", raw, builder.constant(np.array([1])), keepdims=1)
    floor = builder.constant(np.array(_TINY, np.float32))
    builder.nodes.append(
        helper.make_node("Div", [raw, builder.op("Max", length, floor)], ["voice"])
    )
    shapes: dict[str, list[str | int]] = {
        "power": ["pieces", "frames", FRAME // 2 + 1],
        "voice": ["pieces", HIDDEN],
    }
    power, voice = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    )
    graph = helper.make_graph(builder.nodes, "speaker", [power], [voice], builder.weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


class _Builder:
    def __init__(self, found: Mapping[str, Place]) -> None:
        self._found = found
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, value: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(value, name))
        return name

    def filters(self) -> str:
        return self.constant(np.ascontiguousarray(mel_filters(BANDS).T, np.float32))

    def layer(self, sequence: str, layer: int) -> tuple[str, str]:
        """Add an LSTM layer; return its outputs and the last of them."""
        inputs = [
            self.op("Concat", *self.gates(f"lstm.weight_{kind}_l{layer}"), axis=1)
            for kind in ("ih", "hh")
        ]
        biases = [g for kind in ("ih", "hh") for g in self.gates(f"lstm.bias_{kind}_l{layer}")]
        bias = self.op("Concat", *biases, axis=1)
        every, last = f"every{layer}", f"last{layer}"
        self.nodes.append(
            helper.make_node("LSTM", [sequence, *inputs, bias], [every, last], hidden_size=HIDDEN)
        )
        return self.op("Squeeze", every, self.constant(np.array([1]))), last

    def gates(self, name: str) -> list[str]:
        """Add the four gates of a weight, each (1, 256, …), in ONNX's order."""
        _, *rest = self._found[name].shape
        return [self.tensor(name, (1, HIDDEN, *rest), gate) for gate in GATES]

    def tensor(self, name: str, shape: tuple[int, ...] | None = None, part: int = 0) -> str:
        """Add part number `part`, of `shape`, of a weight in the file; without a shape all."""
        place = self._found[name]
        tensor = TensorProto(name=f"{name}.{part}", data_type=TensorProto.FLOAT)
        tensor.dims.extend(shape or place.shape)
        tensor.data_location = TensorProto.EXTERNAL
        length = int(np.prod(tensor.dims)) * 4
        for key, value in (
            ("location", WEIGHTS),
            ("offset", place.offset + part * length),
            ("length", length),
        ):
            tensor.external_data.add(key=key, value=str(value))
        self.weights.append(tensor)
        return tensor.name


if __name__ == "__main__":
    main()
