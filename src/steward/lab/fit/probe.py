"""This machine: what it is, how fast its memory and arithmetic are, and what two short runs take.

Kept in the state folder, and measured again once the machine or the runtime is another one.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil

from steward.errors import StateError
from steward.lab.fit import stand_in
from steward.lab.fit.arithmetic import flops
from steward.lab.fit.calibration import Sample, calibrated
from steward.lab.fit.device import Device
from steward.lab.fit.kernels import PROCESSOR
from steward.lab.fit.running import Trial, measure
from steward.models.disk import writing
from steward.models.gguf import read_header
from steward.models.processor import processor
from steward.models.shape import shape_of
from steward.models.source import opened
from steward.models.store import Store

FILE = "machine.json"
MODEL, NAME = "smollm2-135m-instruct", "SmolLM2-135M-Instruct"
"""The small model of the calibration, in the list of weights."""
STEPS = 5
"""How often a probe reports that it got on."""
_BYTES = 128 << 20
_ROUNDS = 8
_WATCHED = 1.0
_BUSY = 0.25
PROMPT, ANSWER, CONTEXT = 256, 48, 1024
"""The calibration runs, in tokens."""


@dataclass(frozen=True)
class Machine:
    """What a probe found: bytes/s copied, float operations/s of one core and of all, and of each
    calibration run the model's quantisation and its prefill and decode speed, tokens/s; `busy` is
    the share of the cores that others used."""

    fingerprint: str
    name: str
    cores: int
    memory: int
    bandwidth: float
    one_core: float
    all_cores: float
    runs: tuple[tuple[str, float, float], ...]
    busy: float

    @property
    def disturbed(self) -> bool:
        """Tell whether other programs took so much of it that it seemed slower than it is."""
        return self.busy > _BUSY


def this_machine(store: Store, state: Path, on: Callable[[str], None], *, again: bool) -> Device:
    """Return this machine, measured now where it is not known yet, or `again`.

    `on` is told what is measured, `STEPS` times.

    Raises:
        ModelError: the small model for the calibration is not here, cannot be run, or its copy
            cannot be written.
        StateError: what was measured cannot be read or kept.
    """
    source = store.file(MODEL, f"{NAME}.Q4_1.gguf")
    with TemporaryDirectory() as folder:
        other = Path(folder) / f"{NAME}.Q4_0.gguf"
        with writing(other):
            stand_in.write(source, other)
        models = (("Q4_1", source), ("Q4_0", other))
        machine = None if again else kept(state)
        return device(machine or probe(state, models, on), models)


def fingerprint() -> str:
    """Return what the figures depend on: the processor, its cores, the memory, the runtime."""
    gib = round(psutil.virtual_memory().total / 2**30)
    parts = (processor(), str(_cores()), f"{gib} GiB", f"xllamacpp {version('xllamacpp')}")
    return ", ".join(parts)


def kept(state: Path) -> Machine | None:
    """Return what is known of this machine; None where nothing is, or of another one.

    Raises:
        StateError: the file cannot be read.
    """
    path = state / FILE
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        runs = tuple((str(kind), float(pre), float(dec)) for kind, pre, dec in said.pop("runs"))
        machine = Machine(**said, runs=runs)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StateError(f"cannot read {path}: {error}", hint=f"delete {path}") from error
    return machine if machine.fingerprint == fingerprint() else None


def probe(state: Path, models: tuple[tuple[str, Path], ...], on: Callable[[str], None]) -> Machine:
    """Measure this machine, in half a minute, and keep it; `on` is told what is done next.

    `models` are the calibration model's files, by their quantisation.

    Raises:
        ModelError: a model cannot be run.
        StateError: the result cannot be kept.
    """
    on("what other programs take of it")
    busy = psutil.cpu_percent(_WATCHED) / 100
    on("how fast memory is read and written")
    bandwidth = _bandwidth(_cores())
    on("how fast one core and all of them compute")
    one, all_ = flops(1), flops(_cores())
    runs = []
    for kind, path in models:
        on(f"how fast a small model runs, in {kind}")
        run = measure(Trial(path, context=CONTEXT, prompt=PROMPT, answer=ANSWER))
        runs.append((kind, run.prefill, run.decode))
    machine = Machine(
        fingerprint=fingerprint(),
        name=processor(),
        cores=_cores(),
        memory=psutil.virtual_memory().total,
        bandwidth=bandwidth,
        one_core=one,
        all_cores=all_,
        runs=tuple(runs),
        busy=busy,
    )
    path = state / FILE
    try:
        state.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(machine), indent=1) + "\n", encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise StateError(
            f"cannot write {path}: {error.strerror}", hint=f"make {state} writable"
        ) from error
    return machine


def device(machine: Machine, models: tuple[tuple[str, Path], ...]) -> Device:
    """Return this machine as a Device, calibrated by its runs of `models`."""
    plain = Device(
        name=f"this machine ({machine.name})",
        kind="cpu",
        bandwidth=machine.bandwidth,
        memory=machine.memory,
        flops={"fp32": machine.all_cores},
        source="measured here"
        + (f", while other programs took {machine.busy:.0%} of it" if machine.disturbed else ""),
        efficiency=PROCESSOR,
        cores=machine.cores,
        free=psutil.virtual_memory().available,
    )
    files = dict(models)
    samples = []
    for kind, prefill, decode in machine.runs:
        with opened(str(files[kind])) as source:
            shape = shape_of(files[kind].name, [read_header(source)])
        samples.append(Sample(shape, PROMPT, ANSWER, CONTEXT, prefill, decode))
    return calibrated(plain, samples)


def _cores() -> int:
    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


def _bandwidth(threads: int) -> float:
    """Return bytes/s that `threads` copies at once read and write together."""
    # A quarter of what is free at most: many cores, or a small board, would have no room.
    size = min(_BYTES, psutil.virtual_memory().available // (8 * threads))
    pairs = [(np.ones(size, np.uint8), np.zeros(size, np.uint8)) for _ in range(threads)]
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            for done in [pool.submit(np.copyto, to, source) for source, to in pairs]:
                done.result()
            best = min(best, time.perf_counter() - start)
    return 2 * size * threads / best
