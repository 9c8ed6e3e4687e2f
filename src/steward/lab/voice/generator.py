"""The last part of Kokoro, nine tenths of the work, as a graph that needs no whole clause.

Kokoro's generator (iSTFTNet: Kaneko et al., 2022) normalises every layer by the mean and variance
of the whole clause, so that its first sample waits for its last one. With the voice's usual mean
and variance in their place every layer sees its neighbourhood only. What follows a convolution and
is linear then becomes part of its weights, and the activation x + sin(ax)**2 / a becomes
v - sin(v) with v = 2ax + pi/2, all else being moved into the weights before and after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from steward.lab.voice.pieces import Graph, Source

PLACE = "/decoder/decoder/generator/"
_WEIGHTS = "decoder.decoder.generator."
DILATIONS = (1, 3, 5)
STAGES = ((10, 20, 5), (6, 12, 3))
"""Stride, kernel and padding of what makes 80 frames a second 800, and these 4,800."""
_HOP, _BINS = 5, 11

Array = NDArray[np.float32]
Affine = Mapping[str, tuple[Array, Array]]
"""Scale and shift of each normalisation, by its name ("resblocks.0/adain1.2")."""


class _Block:
    """Where the weights of a residual block are; they have no names of their own in the file."""

    def __init__(self, source: Source, name: str) -> None:
        self.source, self.name = source, name
        self._convs = {
            node.name: node
            for node in source.graph.node
            if node.op_type == "ConvInteger" and node.name.startswith(f"{PLACE}{name}/")
        }

    def weight(self, part: str) -> tuple[str, str, str]:
        """Return the names of a convolution's 8-bit weights, their scale and their zero."""
        node = self._convs[f"{PLACE}{self.name}/{part}/Conv_quant"]
        quantized = node.input[1]
        return quantized, quantized.removesuffix("_quantized") + "_scale", node.input[3]

    def alpha(self, number: int, layer: int) -> Array:
        """Return the activation's frequency, one a channel."""
        name = f"{_WEIGHTS}{self.name}.alpha{number}.{layer}"
        return np.asarray(self.source.array(name), np.float32).reshape(-1)

    def bias(self, part: str) -> Array:
        """Return a convolution's bias."""
        return np.asarray(self.source.array(f"{_WEIGHTS}{self.name}.{part}.bias"), np.float32)


def generator(source: Source, affine: Affine) -> onnx.ModelProto:
    """Return the graph to sound from `x`, 80 frames a second, and `harmonics`, 60 times as many."""
    graph = Graph(source)
    x = "x"
    for stage, (stride, kernel, padding) in enumerate(STAGES):
        noise = _residual(graph, _noise(graph, stage), f"noise_res.{stage}", affine)
        x = graph.op("LeakyRelu", x, alpha=0.1)
        place = f"{PLACE}Mul{'' if stage == 0 else '_1'}_output_0"
        weight, bias = graph.kokoro(place), graph.kokoro(f"{_WEIGHTS}ups.{stage}.bias")
        sizes: dict[str, object] = {"strides": [stride], "pads": [padding] * 2}
        x = graph.op("ConvTranspose", x, weight, bias, kernel_shape=[kernel], **sizes)
        if stage == 1:
            pads = graph.constant(np.array([0, 0, 1, 0, 0, 0], np.int64))
            x = graph.op("Pad", x, pads, mode="reflect")
        x = graph.op("Add", x, noise)
        blocks = [_residual(graph, x, f"resblocks.{3 * stage + i}", affine) for i in range(3)]
        x = graph.op("Sum", *blocks)
        x = graph.op("Mul", x, graph.number(1 / 3))
    model = graph.model(
        {"x": [1, 512, "frames"], "harmonics": [1, 2 * _BINS, "hops"]},
        {_waves(graph, x): [1, 1, "samples"]},
    )
    model.graph.output[0].name = model.graph.node[-1].output[0] = "audio"
    return model


def _noise(graph: Graph, stage: int) -> str:
    name = f"{_WEIGHTS}noise_convs.{stage}"
    nodes = graph.source.graph.node
    node = next(n for n in nodes if n.name.endswith(f"noise_convs.{stage}/Conv_quant"))
    weight = _dequantized(graph, f"{name}.weight_quantized", f"{name}.weight_scale", node.input[3])
    sizes: dict[str, object] = {"strides": [6], "pads": [3, 3]} if stage == 0 else {}
    return graph.op("Conv", "harmonics", weight, graph.kokoro(f"{name}.bias"), **sizes)


def _residual(graph: Graph, x: str, name: str, affine: Affine) -> str:
    """Add a residual block: three times normalise, activate, convolve, twice each."""
    block = _Block(graph.source, name)
    for layer, dilation in enumerate(DILATIONS):
        scale, shift = affine[f"{name}/adain1.{layer}"]
        turn = 2 * block.alpha(1, layer)
        v = graph.op("Mul", x, _column(graph, turn * scale))
        v = graph.op("Add", v, _column(graph, turn * shift + np.pi / 2))
        scale, shift = affine[f"{name}/adain2.{layer}"]
        next_turn = 2 * block.alpha(2, layer)
        out = (next_turn * scale, next_turn * shift + np.pi / 2)
        v = _convolve(graph, _active(graph, v), block, f"convs1.{layer}", dilation, turn, out)
        one = (np.ones_like(scale), np.zeros_like(shift))
        v = _convolve(graph, _active(graph, v), block, f"convs2.{layer}", 1, next_turn, one)
        x = graph.op("Add", x, v)
    return x


def _active(graph: Graph, v: str) -> str:
    return graph.op("Sub", v, graph.op("Sin", v))


def _convolve(
    graph: Graph,
    v: str,
    block: _Block,
    part: str,
    dilation: int,
    turn: Array,
    out: tuple[Array, Array],
) -> str:
    """Convolve what the activation left: (v - sin v - pi/2 + 1) / turn is what it stands for."""
    quantized, scale, zero = block.weight(part)
    array = graph.source.array(quantized).astype(np.float32)
    floats = (array - graph.source.array(zero)) * graph.source.array(scale)
    offset = (floats.sum(2) * ((1 - np.pi / 2) / turn)).sum(1)
    bias = out[0] * (block.bias(part) + offset) + out[1]
    weight = _dequantized(graph, quantized, scale, zero)
    weight = graph.op("Mul", weight, graph.constant((1 / turn)[None, :, None].astype(np.float32)))
    weight = graph.op("Mul", weight, graph.constant(out[0][:, None, None].astype(np.float32)))
    pad = dilation * (array.shape[2] - 1) // 2
    sizes: dict[str, object] = {"pads": [pad] * 2, "dilations": [dilation]}
    return graph.op("Conv", v, weight, graph.constant(bias.astype(np.float32)), **sizes)


def _dequantized(graph: Graph, quantized: str, scale: str, zero: str) -> str:
    # Not DequantizeLinear, which onnxruntime would keep for quantised kernels.
    floats = graph.op("Cast", graph.kokoro(quantized), to=onnx.TensorProto.FLOAT)
    lowest = graph.number(float(graph.source.array(zero)))
    return graph.op("Mul", graph.op("Sub", floats, lowest), graph.kokoro(scale))


def _column(graph: Graph, values: Array) -> str:
    return graph.constant(values[None, :, None].astype(np.float32))


def _waves(graph: Graph, x: str) -> str:
    """Add the last convolution and the inverse Fourier transform."""
    x = graph.op("LeakyRelu", x, alpha=0.01)
    weight, bias = graph.kokoro(f"{PLACE}Mul_2_output_0"), graph.kokoro(f"{_WEIGHTS}conv_post.bias")
    x = graph.op("Conv", x, weight, bias, pads=[3, 3])
    loud = graph.op("Exp", _rows(graph, x, 0, _BINS))
    phase = graph.op("Sin", _rows(graph, x, _BINS, 2 * _BINS))
    real = graph.op("Mul", loud, graph.op("Cos", phase))
    imaginary = graph.op("Mul", loud, graph.op("Sin", phase))
    both = graph.op("Concat", real, imaginary, axis=1)
    basis = graph.kokoro(f"{_WEIGHTS}stft.istft.stft.inverse_basis")
    waves = graph.op("ConvTranspose", both, basis, strides=[_HOP], pads=[10, 10])
    return graph.op("Mul", waves, graph.constant(_overlap(graph.source)))


def _rows(graph: Graph, x: str, begin: int, end: int) -> str:
    limits = [graph.constant(np.array([v], np.int64)) for v in (begin, end, 1)]
    return graph.op("Slice", x, *limits)


def _overlap(source: Source) -> NDArray[Any]:
    """Return what the inverse transform multiplies by."""
    return np.asarray(source.array(f"{PLACE}istft/stft/Constant_19_output_0"), np.float32)
