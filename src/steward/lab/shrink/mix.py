"""Which type each part of a model gets: the least harm within a size and a speed.

The harm of a type to one part is measured or follows from a measurement, and those of several
parts add up: the divergence is a square of small changes, and those of different parts are hardly
alike. So the best mixture minimises `harm + price of size * bytes + price of time * seconds` part
by part, and the two prices are raised until the limits are kept (Lagrange's multipliers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_HALVINGS = 60
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Choice:
    """What a type does to a part: `harm` in nats, its `bytes`, and `seconds` for one token."""

    type: str
    harm: float
    bytes: int
    seconds: float


Options: TypeAlias = Mapping[str, Sequence[Choice]]
"""What each part of the model, by its name, can become."""


@dataclass(frozen=True)
class Mix:
    """A choice for each part."""

    choices: Mapping[str, Choice]

    @property
    def harm(self) -> float:
        """Nats that the parts' harms add up to."""
        return sum(choice.harm for choice in self.choices.values())

    @property
    def bytes(self) -> int:
        """Bytes of all parts."""
        return sum(choice.bytes for choice in self.choices.values())

    @property
    def seconds(self) -> float:
        """Seconds for one token of an answer, of all parts."""
        return sum(choice.seconds for choice in self.choices.values())


@dataclass(frozen=True)
class Limits:
    """At most so many `bytes` and `seconds` a token, of the parts that are chosen; None: any."""

    bytes: int | None = None
    seconds: float | None = None

    def kept(self, mix: Mix) -> bool:
        """Tell whether a mixture keeps them."""
        small = self.bytes is None or mix.bytes <= self.bytes
        return small and (self.seconds is None or mix.seconds <= self.seconds)


def best(options: Options, limits: Limits) -> Mix | None:
    """Return the mixture of the least harm within the limits; None where there is none."""
    shares: tuple[float, ...] = _SHARES
    if limits.bytes is None or limits.seconds is None:
        shares = (1.0,) if limits.seconds is None else (0.0,)
    found = [mix for share in shares for mix in [_within(options, limits, share)] if mix]
    return min(found, key=lambda mix: (mix.harm, mix.bytes), default=None)


def front(options: Options, count: int) -> tuple[Mix, ...]:
    """Return mixtures from the smallest to the least harmful, none worse than another in all."""
    low, high = priced(options, 1e6, 0.5), priced(options, 0.0, 0.5)
    found: list[Mix] = []
    for step in range(count):
        size = low.bytes + (high.bytes - low.bytes) * step // max(1, count - 1)
        mix = best(options, Limits(bytes=size))
        if mix and (not found or mix.harm < found[-1].harm):
            found.append(mix)
    return tuple(found)


def priced(options: Options, price: float, share: float) -> Mix:
    """Return the best mixture where all of the size and time together cost `price` nats.

    `share` of the price is that of the size, the rest that of the time.
    """
    size = sum(max(each.bytes for each in some) for some in options.values())
    time = sum(max(each.seconds for each in some) for some in options.values())

    def cost(choice: Choice) -> tuple[float, int]:
        parts = share * choice.bytes / size + (1 - share) * choice.seconds / time
        return choice.harm + price * parts, choice.bytes

    return Mix({part: min(some, key=cost) for part, some in options.items()})


def _within(options: Options, limits: Limits, share: float) -> Mix | None:
    """Return the mixture at the lowest price at which the limits are kept."""
    low, high = 0.0, 1e6
    if limits.kept(free := priced(options, 0.0, share)):
        return free
    if not limits.kept(found := priced(options, high, share)):
        return None
    for _ in range(_HALVINGS):
        # Prices span many powers of ten, so the middle is that of their logarithms.
        middle = (max(low, 1e-12) * high) ** 0.5
        mix = priced(options, middle, share)
        if limits.kept(mix):
            high, found = middle, mix
        else:
            low = middle
    return filled(options, limits, found)


def filled(options: Options, limits: Limits, mix: Mix) -> Mix:
    """Return the mixture with the room that is left spent on what lessens the harm most."""
    chosen = dict(mix.choices)
    while True:
        gains = [
            (chosen[part].harm - other.harm, part, other)
            for part, some in options.items()
            for other in some
            if other.harm < chosen[part].harm and limits.kept(Mix({**chosen, part: other}))
        ]
        if not gains:
            return Mix(chosen)
        _, part, other = max(gains, key=lambda gain: (gain[0], gain[1]))
        chosen[part] = other
