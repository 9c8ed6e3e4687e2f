"""Which model for a device: what fits, what is fast enough, and what is the best of these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from steward.lab.fit.device import Device
from steward.lab.fit.predict import predict
from steward.lab.fit.prediction import Prediction
from steward.lab.fit.settings import Settings
from steward.models.families import Member, members, shape
from steward.models.quantised import quantised
from steward.models.shape import Shape

KINDS = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "Q3_K_M", "Q2_K")
"""The quantisations that are tried, the truest first. Below four bits small models suffer."""


@dataclass(frozen=True)
class Wish:
    """What is wanted: a published MMLU of at least `quality` %, the first sound of a spoken answer
    within `latency` seconds, `speed` tokens/s, at most `memory` bytes; None for what is all one.

    A model whose MMLU is not known meets no wish for quality.
    """

    quality: float | None = None
    latency: float | None = None
    speed: float | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A model in one quantisation, and what is predicted of it."""

    member: Member
    kind: str
    predicted: Prediction


@cache
def _packed(kind: str) -> Mapping[str, Shape]:
    return {member.name: quantised(shape(member), kind) for member in members()}


def candidate(member: Member, kind: str, device: Device, settings: Settings) -> Candidate:
    """Return what is predicted of a model; its own context bounds that of the settings."""
    shape_ = _packed(kind)[member.name]
    tokens = min(settings.context, shape_.context)
    prompt = min(settings.prompt, tokens)
    return Candidate(
        member, kind, predict(shape_, device, replace(settings, context=tokens, prompt=prompt))
    )


def listed(device: Device, settings: Settings, kind: str) -> tuple[Candidate, ...]:
    """Return every model of the open families in one quantisation."""
    return tuple(candidate(member, kind, device, settings) for member in members())


def meets(each: Candidate, wish: Wish) -> bool:
    """Tell whether a candidate fits and is all that is wished for, by its likely figures."""
    said, mmlu = each.predicted, each.member.mmlu
    return (
        said.fits
        and (wish.memory is None or said.memory.total <= wish.memory)
        and (wish.latency is None or said.spoken.likely <= wish.latency)
        and (wish.speed is None or said.decode.likely >= wish.speed)
        and (wish.quality is None or (mmlu is not None and mmlu >= wish.quality))
    )


def ranked(device: Device, settings: Settings, wish: Wish) -> Iterator[Candidate]:
    """Yield what meets the wish, each model once, in the truest quantisation that does.

    Those with the highest known MMLU come first; then, where it is not known, the largest.
    """
    for member in sorted(members(), key=_merit, reverse=True):
        if wish.quality is not None and (member.mmlu or 0) < wish.quality:
            continue
        tried = (candidate(member, kind, device, settings) for kind in KINDS)
        if found := next((each for each in tried if meets(each, wish)), None):
            yield found


def _merit(member: Member) -> tuple[float, int]:
    return (member.mmlu or 0.0, member.parameters)


def devices_for(
    devices: Iterable[Device], settings: Settings, wish: Wish
) -> Sequence[tuple[Device, Candidate]]:
    """Return the devices that meet the wish, each with its best model, the cheapest first."""
    best = ((device, next(ranked(device, settings, wish), None)) for device in devices)
    found = [(device, each) for device, each in best if each]
    return sorted(found, key=lambda pair: (pair[0].price or float("inf"), pair[0].memory))


def shrink(device: Device, settings: Settings, wish: Wish) -> Sequence[Candidate]:
    """Return what comes nearest where nothing meets the wish: the ladder of sizes, the best first.

    Quality is given up first: the best of each family that fits and is fast enough.
    """
    best: dict[str, Candidate] = {}
    for each in ranked(device, settings, replace(wish, quality=None)):
        best.setdefault(each.member.family, each)
    return tuple(best.values())
