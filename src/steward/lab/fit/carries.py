"""What a device carries of the open families, for its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from steward.errors import DeviceError
from steward.lab.fit.device import Device
from steward.lab.fit.page import Candidate, render
from steward.lab.fit.predict import predict
from steward.lab.fit.settings import Settings
from steward.models.families import ladder, members, shape
from steward.models.quantised import quantised
from steward.models.shape import Shape


def candidate(model: Shape, device: Device, settings: Settings, family: str = "") -> Candidate:
    """Return what is predicted of `model`, whose own context bounds that of the settings."""
    bounded = replace(settings, context=min(settings.context, model.context))
    return Candidate(model.name, model, predict(model, device, bounded), family)


def carried(device: Device, settings: Settings, kind: str = "Q4_K_M") -> Iterator[Candidate]:
    """Yield the members of the open families that fit, and of each the first that does not.

    Of a family of which nothing fits, nothing is told.
    """
    for family in dict.fromkeys(member.family for member in members()):
        steps = [
            candidate(quantised(shape(member), kind), device, settings, family)
            for member in ladder(family)
        ]
        fitting = [step for step in steps if step.predicted.fits]
        beyond = [step for step in steps if not step.predicted.fits]
        if fitting:
            yield from (*fitting, *beyond[:1])


def page(device: Device, settings: Settings, language: str = "en") -> str:
    """Return the page of what `device` carries."""
    return render(device, tuple(carried(device, settings)), settings, language=language)


def write(text: str, path: Path) -> None:
    """Write a page to a file.

    Raises:
        DeviceError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeviceError(
            f"cannot write {path}: {error.strerror}", hint="name a file in a folder of yours"
        ) from error
