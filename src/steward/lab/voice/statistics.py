"""What the generator's normalisations see on average, and what they do with it in one voice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from steward.lab.voice.generator import PLACE, Affine, Array
from steward.lab.voice.pieces import Source
from steward.speech.kokoro import DECODED, timbre
from steward.speech.symbols import SYMBOLS

_SHARED = {f"resblocks.{i}": f"resblocks.{i // 3 * 3}" for i in (1, 2, 4, 5)}
"""Blocks of a stage have one input, whose mean the file computes once."""
_EPSILON = 1e-5
Moments = dict[str, NDArray[np.float64]]


def _layers() -> Iterator[tuple[str, str]]:
    blocks = [*(f"noise_res.{i}" for i in range(2)), *(f"resblocks.{i}" for i in range(6))]
    for block in blocks:
        for kind in ("adain1", "adain2"):
            for layer in range(3):
                part = f"{kind}.{layer}"
                seen = _SHARED.get(block, block) if part == "adain1.0" else block
                yield f"{block}/{part}", f"{PLACE}{seen}/{part}/ReduceMean"


def moments(source: Source, styles: Array, clauses: Iterable[str]) -> Moments:
    """Return means and variances over `clauses`, given in Kokoro's symbols, by their names."""
    names = sorted({f"{n}{k}_output_0" for _, n in _layers() for k in ("", "_2")})
    graph = onnx.GraphProto()
    graph.CopyFrom(source.graph)
    graph.output.extend(helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names)
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    sums: Moments = {}
    total = 0
    for clause in clauses:
        numbers = [SYMBOLS[c] for c in clause]
        inputs = {
            "tokens": np.array([[0, *numbers, 0]], np.int64),
            "style": timbre(styles, len(numbers)),
            "speed": np.ones(1, np.float32),
        }
        sound, *found = session.run(["audio", *names], inputs)
        total += sound.size
        for name, value in zip(names, found, strict=True):
            sums[name] = sums.get(name, 0) + value.ravel().astype(np.float64) * sound.size
    return {name: value / total for name, value in sums.items()}


def affine(source: Source, styles: Array, seen: Moments) -> Affine:
    """Return what every normalisation of the generator does in the voice of `styles`."""
    style = timbre(styles, 1)[0, :DECODED]
    zeros = {n.input[1]: n.input[3] for n in source.graph.node if n.op_type == "MatMulInteger"}
    found: dict[str, tuple[Array, Array]] = {}
    for layer, name in _layers():
        place = f"decoder.decoder.generator.{layer.replace('/', '.')}.fc."
        quantized = f"{place}weight_quantized"
        weight = source.array(quantized).astype(np.float32) - source.array(zeros[quantized])
        both = style @ (weight * source.array(f"{place}weight_scale")) + source.array(
            f"{place}bias"
        )
        gamma, beta = np.split(both, 2)
        scale = (1 + gamma) / np.sqrt(seen[f"{name}_2_output_0"] + _EPSILON)
        shift = beta - scale * seen[f"{name}_output_0"]
        found[layer] = (scale.astype(np.float32), shift.astype(np.float32))
    return found
