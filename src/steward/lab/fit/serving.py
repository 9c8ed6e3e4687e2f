"""What it takes to answer a population: tokens, arithmetic, bandwidth and machines.

Sources: 2ND: Kaplan et al. 2020 (arXiv 2001.08361); a fifth of memory beside the weights:
EleutherAI, Transformer Math 101 (2023).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

from steward.errors import DeviceError

DAY = 86_400
BESIDE_WEIGHTS = 1.2
"""Memory of a running model in weights of it, as a rule of thumb."""
MOST_AT_ONCE = 1024
"""Answers that one machine makes at once, at most."""


@dataclass(frozen=True)
class Population:
    """Those who ask: `requests` a day, each of `prompt` tokens and answered by `answer` tokens.

    The busiest hour has `peak` times the mean, and a machine is planned to work the share `busy`
    of its time, so that requests that come together need not wait long.
    """

    requests: float
    prompt: float
    answer: float
    peak: float = 3.0
    busy: float = 0.7

    @property
    def tokens(self) -> float:
        """Tokens a day, read and written."""
        return self.requests * (self.prompt + self.answer)

    @property
    def rate(self) -> float:
        """Requests a second in the busiest hour."""
        return self.requests * self.peak / DAY


@dataclass(frozen=True)
class Pace:
    """A machine that makes `at_once` answers: tokens/s of a prompt, and of each answer."""

    at_once: int
    prefill: float
    decode: float

    def requests(self, asked: Population) -> float:
        """Return the requests that it answers in a second of work."""
        return 1 / (asked.prompt / self.prefill + asked.answer / (self.decode * self.at_once))

    def seconds(self, asked: Population) -> float:
        """Return how long an answer takes, its prompt read in turn with the others' tokens."""
        return self.at_once / self.requests(asked)


@dataclass(frozen=True)
class Fleet:
    """How many `machines` there must be, at which pace; `exact` is what is needed."""

    pace: Pace
    exact: float
    machines: int


def bandwidth(weight_bytes: float, rate: float) -> float:
    """Return the bytes/s at which weights are read for `rate` tokens/s, one at a time."""
    return weight_bytes * rate


def resident(weight_bytes: float) -> float:
    """Return the bytes of a running model by the rule of thumb; `predict` knows better."""
    return BESIDE_WEIGHTS * weight_bytes


def fleet(asked: Population, pace: Pace) -> Fleet:
    """Return the machines that the population's busiest hour needs."""
    exact = asked.rate / (pace.requests(asked) * asked.busy)
    return Fleet(pace, exact, max(1, ceil(exact)))


def best(asked: Population, paced: Callable[[int], Pace | None], slowest: float) -> Fleet:
    """Return the smallest fleet, over how many answers a machine makes at once.

    `paced` says how fast a machine is with so many, None where they do not fit in it. No answer
    may come slower than `slowest` tokens/s.

    Raises:
        DeviceError: not even one answer at a time fits, or it is too slow.
    """
    fleets = [fleet(asked, pace) for pace in _paces(paced) if pace.decode >= slowest]
    if not fleets:
        raise DeviceError(
            f"this machine cannot make even one answer at {slowest:g} tokens/s",
            hint="take a smaller model, fewer bits or a faster machine, or lower --slowest",
        )
    return min(fleets, key=lambda each: each.exact)


def _paces(paced: Callable[[int], Pace | None]) -> Iterator[Pace]:
    count = 1
    while count <= MOST_AT_ONCE and (pace := paced(count)) is not None:
        yield pace
        count *= 2
