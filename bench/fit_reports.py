"""The published speeds that predictions are tested against: two tables, read into points.

`data/apple_silicon.csv`: llama.cpp's discussion 4167 (one 7B model on Apple's chips).
`data/user_reports.csv`: what users reported, as collected by the llmfit project (MIT).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from steward.errors import UserError
from steward.lab.fit.catalogue import find as find_device
from steward.lab.fit.device import Device
from steward.models.families import find as find_model
from steward.models.families import shape as shape_of_member
from steward.models.quantised import KINDS, quantised
from steward.models.shape import Shape

DATA = Path(__file__).parent / "data"
BITS = {
    "IQ1_S": 1.8,
    "IQ1_M": 2.0,
    "IQ2_XXS": 2.3,
    "IQ2_M": 2.9,
    "Q2_K": 3.0,
    "Q2_K_XL": 3.1,
    "Q2_K_S": 2.9,
    "IQ3_XXS": 3.3,
    "Q3_K_S": 3.5,
    "Q3_K_M": 3.95,
    "Q3_K_XL": 4.1,
    "INT4": 4.5,
    "IQ4_XS": 4.35,
    "IQ4_NL": 4.6,
    "Q4_0": 4.6,
    "Q4_K_S": 4.65,
    "Q4_K_M": 4.87,
    "Q4_K_L": 4.95,
    "Q4_K_XL": 4.9,
    "MXFP4": 4.4,
    "NVFP4": 4.6,
    "Q5_K_M": 5.7,
    "Q6_K": 6.57,
    "Q6_K_XL": 6.9,
    "Q8_0": 8.5,
    "Q8_K_XL": 9.5,
    "INT8": 8.5,
    "FP8": 8.5,
    "BF16": 16.0,
    "F16": 16.0,
    "MLX-8BIT": 8.5,
    "MLX-4BIT": 4.5,
}
"""Bits a weight of whole files of a kind, for models whose shape is not known."""
_ACTIVE = {"gpt-oss-20b": 3.6, "lfm2-8b-a1b": 1.5, "trinity-mini": 3.0}
"""Billions of active parameters that makers state where neither name nor report does."""
_SAME = {
    "functiongemma-270m-it": "Gemma-3-270M-it",
    "LFM2.5-350M": "LFM2-350M",
    "LFM2.5-1.2B-Instruct": "LFM2-1.2B",
    "LFM2.5-1.2B-Thinking": "LFM2-1.2B",
    "LFM2.5-8B-A1B": "LFM2-8B-A1B",
    "Phi-4-mini-reasoning": "Phi-4-mini-instruct",
    "Meta-Llama-3-8B-Instruct": "Llama-3.1-8B-Instruct",
    "Qwen2.5-Coder-7B-Instruct": "Qwen2.5-7B-Instruct",
    "godot-qwen2.5-coder-7b-instruct-bnb-4bit": "Qwen2.5-7B-Instruct",
    "Qwen3-Coder-30B-A3B-Instruct": "Qwen3-30B-A3B",
    "Mistral-Small-3.2-24B-Instruct-2506": "Mistral-Small-24B-Instruct",
    "Mistral-Nemo-Instruct-2407": "Mistral-Nemo-Instruct",
    "Ministral-3-3B-Instruct-2512": "Ministral-3-3B-Instruct",
}
"""Models of the shape of another one."""
_LONG = 4096
"""The longest prompt of a model whose cache is not known."""
_WORDS = 150_000
"""Entries of the vocabulary of most models since 2024."""
_MANY = range(2, 129)
_DEPTH = 64
"""Tokens before the middle one of 128."""
_CARD = 0.97
_IMPOSSIBLE = 1.1
_LIKE = {"Q4_K_XL": "Q4_K_M", "Q2_K_S": "Q2_K"}


@dataclass(frozen=True)
class Load:
    """What a token costs: bytes of weights and of cache, layers, words to choose from.

    `whole` is the bytes of all weights.
    """

    bytes: float
    whole: float
    cache: float
    layers: int
    vocabulary: int


@dataclass(frozen=True)
class Point:
    """One report: `decode` and `prefill` are tokens/s; 0 where a prompt was not measured."""

    device: Device
    model: str
    kind: str
    load: Load
    decode: float
    engine: str
    prefill: float = 0.0


def apple() -> list[Point]:
    """Return the table of Apple's chips."""
    shape = shape_of_member(find_model("Llama-2-7B"))
    cache = _DEPTH * 2 * shape.cached_values(1)
    return [
        Point(
            device=find_device(f"{row['device']} {row['gpu_cores']}-core"),
            model="Llama 2 7B",
            kind=row["quant"],
            load=Load(float(row["model_bytes"]), 0.0, cache, shape.layers, shape.vocabulary),
            decode=float(row["decode_tok_s"]),
            engine="llama.cpp",
            prefill=float(row["prefill_tok_s"]),
        )
        for row in _rows("apple_silicon.csv")
    ]


def reports(*, possible: bool = True) -> tuple[list[Point], Mapping[str, int]]:
    """Return what can be used of the users' reports, and how many were left out, and why.

    Those that are faster than the memory can be read are left out where only `possible` ones are
    wanted: they name another model than the one that ran (an RTX 3090 is said to read the same 16
    GB file at 103 to 521 tokens/s on one day, with the layer counts of far smaller models).
    """
    points, left = [], Counter[str]()
    for row in _rows("user_reports.csv"):
        point = _point(row)
        if isinstance(point, str):
            left[point] += 1
        elif possible and point.decode * point.load.bytes > _IMPOSSIBLE * point.device.bandwidth:
            left["faster than the memory can be read (mislabelled)"] += 1
        else:
            points.append(point)
    return points, dict(left.most_common())


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _point(row: dict[str, str]) -> Point | str:
    """Return a report as a point, or why it cannot be used."""
    if reason := _unusable(row):
        return reason
    device = _device(row)
    kind = _kind(row)
    load = _known_load(row, kind) or _told_load(row, kind)
    if isinstance(load, str):
        return load
    if device.kind == "gpu" and load.whole > _CARD * device.memory:
        return "does not fit into the card"
    speed = float(row["decode_tok_s"])
    name = row["model"].split("/")[-1]
    return Point(device, name, kind, load, speed, row["engine"])


def _unusable(row: dict[str, str]) -> str:
    if row["spec_decoding"] == "True" or row["mtp"] == "True":
        return "speculative decoding"
    if row["gpu_count"] not in ("", "1"):
        return "more than one card"
    if row["batch"] and int(row["batch"]) in _MANY:
        return "several answers at a time"
    if not row["decode_tok_s"]:
        return "no speed"
    if any(
        word in row["model"] for word in ("diffusion", "inystories", "TinyStories", "Falcon-H1")
    ):
        return "no transformer of usual kind or size"
    return "" if _kind(row) in BITS else "a packing of unknown size"


def _kind(row: dict[str, str]) -> str:
    kind = row["quant"].upper().removeprefix("UD-").removesuffix("-QAT")
    return "F16" if kind == "FP16" else kind


def _known_load(row: dict[str, str], kind: str) -> Load | None:
    """Return what a token costs, where the family of the model is known."""
    shape = shape_of(row["model"])
    file = _LIKE.get(kind, kind)
    if shape is None or file not in KINDS:
        return None
    packed = quantised(shape, file)
    depth = int(row["prompt_tokens"] or 0) + int(row["output_tokens"] or 0) / 2
    return Load(
        bytes=packed.bytes_a_token,
        whole=packed.bytes,
        cache=2 * shape.cached_values(round(depth)),
        layers=shape.layers,
        vocabulary=shape.vocabulary,
    )


def _told_load(row: dict[str, str], kind: str) -> Load | str:
    """Return about what a token costs by what the name of the model tells, or why it cannot be."""
    billions, active = sizes(row)
    if not billions:
        return "no size"
    if row["moe"] == "True" and not active:
        return "active parameters not told"
    if int(row["prompt_tokens"] or 0) > _LONG:
        return "a long prompt, with a cache that is not known"
    bytes_ = BITS[kind] / 8 * 1e9
    return Load(
        bytes=(active or billions) * bytes_,
        whole=billions * bytes_,
        cache=0.0,
        layers=guessed_layers(billions, active is not None),
        vocabulary=_WORDS,
    )


def _device(row: dict[str, str]) -> Device:
    name = row["device"].removeprefix("AMD ").removeprefix("Intel R ").replace("Core TM ", "Core ")
    if "780M" in name:
        name = "Radeon 780M"
    return find_device(name)


def shape_of(model: str) -> Shape | None:
    """Return the shape of a model whose family is known."""
    from steward.models.families import shape as shape_of_member

    name = re.sub(r"-(GGUF|it-qat-GGUF|BF16)$", "", model.split("/")[-1])
    try:
        return shape_of_member(find_model(_SAME.get(name, name)))
    except UserError:
        return None


def sizes(row: dict[str, str]) -> tuple[float, float | None]:
    """Return billions of parameters, and of active ones where these are fewer and known."""
    name = row["model"].split("/")[-1]
    whole = re.search(r"(?<![\dA-Za-z.])E?(\d+(?:\.\d+)?)([BM])(?![a-z])", name, re.IGNORECASE)
    active = re.search(r"-A(\d+(?:\.\d+)?)B", name, re.IGNORECASE)
    billions = float(whole[1]) / (1000 if whole[2] in "mM" else 1) if whole else 0.0
    billions = billions or float(row["params_b"] or 0)
    told = float(active[1]) if active else float(row["active_params_b"] or 0) or None
    for known, count in _ACTIVE.items():
        if known in name.casefold():
            told = count
    return billions, told


def guessed_layers(billions: float, mixture: bool) -> int:
    """Return about how many layers a model of that size has."""
    if mixture:
        return 24 if billions < 22 else 44
    if billions < 3:
        return 30
    return 36 if billions < 13 else 64
