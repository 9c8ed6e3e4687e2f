"""What each part of a model can become, what that harms, and what it takes on a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from steward.lab.fit.device import ANY, Device
from steward.lab.fit.predict import decode_seconds
from steward.lab.fit.settings import Settings
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.mix import Choice, Limits, Mix, Options
from steward.lab.shrink.model import ALIGNMENT, F16, Types, Weights, file_size, shape
from steward.lab.shrink.sensitivity import PROBE, error, usable
from steward.lab.shrink.target import Target
from steward.models.formats import BY_NAME, TensorType
from steward.models.shape import Tensor

TYPES = tuple(
    BY_NAME[name]
    for name in (
        *("Q8_0", "Q6_K", "Q5_K", "Q5_1", "Q5_0", "Q4_K", "Q4_1", "IQ4_NL", "Q4_0", "IQ4_XS"),
        *("Q3_K", "Q2_K"),
    )
)
"""Those whose kernels are measured (`lab/fit/kernels.py`)."""
SETTINGS = Settings(prompt=256, answer=48, context=1024)
"""The question and answer for which speed is predicted and measured."""


def possible(weights: Weights, names: Sequence[str]) -> tuple[TensorType, ...]:
    """Return the types that all of these matrices can have."""
    found = tuple(
        kind
        for kind in TYPES
        if all(usable(weights.tensors[name].shape, kind) == kind for name in names)
    )
    return found or (F16,)


def errors(
    weights: Weights, names: Sequence[str], importance: Mapping[str, Array]
) -> dict[str, float]:
    """Return by type the weighted square error of packing these matrices; that of `PROBE` too."""
    kinds = {*possible(weights, names), PROBE}
    return {
        kind.name: sum(
            error(values, usable(values.shape, kind), importance.get(name))
            for name in names
            for values in [weights.array(name)]
        )
        for kind in sorted(kinds, key=lambda kind: kind.name)
    }


def options(
    weights: Weights,
    parts: Mapping[str, Sequence[str]],
    device: Device,
    harm: Callable[[str, TensorType], float],
) -> Options:
    """Return the choices for each part; `harm` tells the nats of one."""
    told = shape(weights)
    by_name = {tensor.name: tensor for tensor in told.tensors}
    found: dict[str, tuple[Choice, ...]] = {}
    for part, names in parts.items():
        found[part] = tuple(
            Choice(
                kind.name,
                harm(part, kind),
                sum(kind.size(by_name[name].shape) for name in names),
                sum(
                    seconds(by_name[name], kind, told.share(by_name[name]), device)
                    for name in names
                ),
            )
            for kind in possible(weights, names)
        )
    return found


def seconds(tensor: Tensor, kind: TensorType, share: float, device: Device) -> float:
    """Return the seconds that a matrix of this type takes for one token of an answer."""
    known = device.efficiency.decode
    rate = device.bandwidth * known.get(kind.name, known[ANY])
    return kind.size(tensor.shape) * share / rate


def types_of(mix: Mix, parts: Mapping[str, Sequence[str]]) -> Types:
    """Return the type of each matrix in a mixture."""
    return {
        name: BY_NAME[mix.choices[part].type] for part, names in parts.items() for name in names
    }


def limits(
    weights: Weights,
    parts: Mapping[str, Sequence[str]],
    some: Options,
    wish: Target,
    device: Device,
) -> Limits:
    """Return what the parts may take, so that the whole model keeps to the target."""
    any_mix = Mix({part: each[0] for part, each in some.items()})
    types = types_of(any_mix, parts)
    beside = file_size(weights, types) - any_mix.bytes
    # Every tensor is filled up to whole lines of 32 bytes.
    beside += ALIGNMENT * len(types)
    others = decode_seconds(shape(weights, types), device, SETTINGS) - any_mix.seconds
    return Limits(
        None if wish.bytes is None else wish.bytes - beside,
        None if wish.speed is None else 1 / wish.speed - others,
    )


def bounds(
    weights: Weights, parts: Mapping[str, Sequence[str]], device: Device
) -> tuple[int, float]:
    """Return the bytes of the smallest file that packing alone can make, and the highest
    tokens/s."""
    some = options(weights, parts, device, lambda _, kind: kind.bits)
    smallest = Mix({part: min(each, key=lambda one: one.bytes) for part, each in some.items()})
    fastest = Mix({part: min(each, key=lambda one: one.seconds) for part, each in some.items()})
    told = shape(weights, types_of(fastest, parts))
    return (
        file_size(weights, types_of(smallest, parts)),
        1 / decode_seconds(told, device, SETTINGS),
    )
