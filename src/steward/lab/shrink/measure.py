"""What a person on a device feels of a model: its size, memory, speed and energy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steward.lab.fit.device import Device
from steward.lab.fit.predict import predict
from steward.lab.fit.running import Trial
from steward.lab.fit.running import measure as run
from steward.lab.shrink.options import SETTINGS
from steward.models.reading import read_shape


@dataclass(frozen=True)
class Figures:
    """A model's file in bytes, then as it ran here: bytes of memory, tokens/s of a prompt and of
    an answer. `predicted` is the tokens/s of an answer on the device that was asked for, `joules`
    those of a token there, None where its power is not known."""

    bytes: int
    memory: int
    prefill: float
    decode: float
    predicted: float
    joules: float | None


def figures(path: Path, device: Device, *, here: bool, threads: int) -> Figures:
    """Run a model on this machine, three times; `here` tells that `device` is this machine.

    Raises:
        ModelError: it could not be run.
    """
    shape = read_shape(str(path))
    context = min(SETTINGS.context, shape.context)
    prompt, answer = min(SETTINGS.prompt, context // 2), min(SETTINGS.answer, context // 4)
    found = run(Trial(path, context=context, prompt=prompt, answer=answer, threads=threads))
    predicted = predict(shape, device, SETTINGS).decode.likely
    speed = found.decode if here else predicted
    return Figures(
        bytes=path.stat().st_size,
        memory=found.memory,
        prefill=found.prefill,
        decode=found.decode,
        predicted=predicted,
        joules=None if device.power is None else device.power / speed,
    )
