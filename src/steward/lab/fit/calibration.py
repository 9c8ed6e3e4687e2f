"""From two short runs of one small model on a device to what any other takes there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from steward.lab.fit.device import ANY, Device, Efficiency
from steward.lab.fit.memory import REPACKED
from steward.lab.fit.predict import decode_seconds, prefill_seconds
from steward.lab.fit.settings import Settings
from steward.models.shape import Shape

_PRIOR = 1.0
"""How much the table is believed beside a run: where matrices take little of the run's time, what
differs from the prediction is mostly noise."""


@dataclass(frozen=True)
class Sample:
    """A run: a model, its tokens, and the speeds that were measured, tokens/s."""

    shape: Shape
    prompt: int
    answer: int
    context: int
    prefill: float
    decode: float

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return Settings(context=self.context, prompt=self.prompt, answer=self.answer)


def calibrated(device: Device, samples: Sequence[Sample]) -> Device:
    """Return `device` with its efficiency scaled so that it predicts the runs.

    The first sample's matrices are none of `REPACKED`: it scales everything. The second's are,
    for the most part: it scales those.
    """
    plain, repacked = samples
    slower = 1 / plain.decode / decode_seconds(plain.shape, device, plain.settings)
    longer = plain.prompt / plain.prefill / prefill_seconds(plain.shape, device, plain.settings)
    first = replace(device, efficiency=_scaled(device.efficiency, slower, longer))
    decode = _residual(first, repacked, decode_seconds, 1 / repacked.decode)
    prefill = _residual(first, repacked, prefill_seconds, repacked.prompt / repacked.prefill)
    known = first.efficiency
    return replace(
        first,
        efficiency=replace(
            known,
            decode=_times(known.decode, 1 / decode, REPACKED),
            prefill=_times(known.prefill, 1 / prefill, REPACKED),
        ),
    )


def _scaled(known: Efficiency, slower: float, longer: float) -> Efficiency:
    """Return an efficiency by which answers take `slower` times as long, prompts `longer`."""
    return replace(
        known,
        decode=_times(known.decode, 1 / slower),
        prefill=_times(known.prefill, 1 / longer),
        cache=known.cache / slower,
        attention=known.attention / longer,
        token=known.token * slower,
        layer=known.layer * slower,
        batch_layer=known.batch_layer * longer,
        word=known.word * slower,
    )


def _residual(
    device: Device,
    sample: Sample,
    seconds: Callable[[Shape, Device, Settings], float],
    measured: float,
) -> float:
    """Return how many times as long the repacked matrices take as is predicted."""
    known = device.efficiency
    endless = replace(
        known,
        decode=_times(known.decode, 1e9, REPACKED),
        prefill=_times(known.prefill, 1e9, REPACKED),
    )
    whole = seconds(sample.shape, device, sample.settings)
    rest = seconds(sample.shape, replace(device, efficiency=endless), sample.settings)
    return 1 + (measured - whole) / ((whole - rest) + _PRIOR * whole)


def _times(
    table: Mapping[str, float], factor: float, only: frozenset[str] | None = None
) -> Mapping[str, float]:
    chosen = {ANY, *table} if only is None else only
    return {
        kind: share * factor if kind in chosen else share
        for kind, share in {**dict.fromkeys(chosen, table[ANY]), **table}.items()
    }
