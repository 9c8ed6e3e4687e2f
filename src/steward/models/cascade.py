"""Whether an answer is kept, or the question is passed on to a bigger machine: pure, no I/O.

The ladder of tiers asks `decide` before it asks anybody, and again with each answer that it gets.
What must not leave is looked at first, then how sure the answer is, and only then who else could
be asked: no tier is too cheap to be left in peace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Literal, TypeAlias

Send: TypeAlias = Literal["nothing", "redacted", "all"]
LOW_BATTERY = 0.2
"""Below this share of a full battery, a model on this device is asked last."""


class Why(StrEnum):
    """Why it was decided so."""

    SURE = "sure"
    """The answer's confidence reaches a threshold that was certified."""
    ACT = "act"
    """An act on the home needs no other machine."""
    PRIVATE = "private"
    """What it is about never leaves this device."""
    NO_TIER = "no_tier"
    """There is nobody else to ask."""
    NOTHING_LEAVES = "nothing_leaves"
    """The owner lets nothing be sent to those who could be asked."""
    LINE_DOWN = "line_down"
    """Those who could be asked cannot be reached, or have failed and are left alone."""
    MONEY = "money"
    """It would cost more than is left for today."""
    SLOW = "slow"
    """Those who could be asked take longer than is waited for."""
    UNSURE = "unsure"
    """The answer is less sure than the threshold."""
    UNCERTIFIED = "uncertified"
    """No threshold is certified, so that no answer counts as sure."""
    NO_ANSWER = "no_answer"
    """Nobody has answered yet."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is true of the question, whatever the answer.

    `acts`: it asks for an act on the home. `private`: it is of the class that never leaves.
    `can_wait`: an answer when the line is back is as good.
    """

    acts: bool = False
    private: bool = False
    can_wait: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """What an answer may cost: `seconds` that will still be waited for, and the `battery` of this
    device, 0 to 1, None on mains."""

    seconds: float = inf
    battery: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A tier that has not been asked yet, and the way to it as it is now.

    `here`: it runs on this device, so that asking it sends nothing and draws on its battery. `send`
    is what the owner lets it see, `up` whether it can be asked now, `seconds` how long an answer
    of it takes, `money` what this question would cost there, `left` what may be spent on it today,
    in the owner's currency.
    """

    tier: str
    here: bool = False
    send: Send = "nothing"
    up: bool = True
    seconds: float = 0.0
    money: float = 0.0
    left: float = inf


@dataclass(frozen=True, slots=True)
class Keep:
    """The answer in hand is given; one that is not `sure` with the words that say so."""

    why: Why
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Pass:
    """`tier` is asked next, because of what `why` says of the answer in hand."""

    tier: str
    why: Why


@dataclass(frozen=True, slots=True)
class Wait:
    """The question is kept until the obstacle `why` is gone."""

    why: Why


@dataclass(frozen=True, slots=True)
class Refuse:
    """There is no answer, and nobody who may be asked for one."""

    why: Why


Decision: TypeAlias = Keep | Pass | Wait | Refuse


def decide(
    confidence: float | None,
    policy: Policy,
    budget: Budget,
    lines: Sequence[Line],
    threshold: float | None,
) -> Decision:
    """Return what becomes of a question.

    `confidence` is the calibrated one of the best answer so far, 0 to 1, None without any.
    `lines` are the tiers that were not asked yet, in the owner's order. `threshold` is certified
    for the tier that answered, None where none could be: then no answer is sure.
    """
    if policy.acts:
        return Refuse(Why.ACT) if confidence is None else Keep(Why.ACT)
    if confidence is not None and threshold is not None and confidence >= threshold:
        return Keep(Why.SURE)
    asked, obstacle = _first(policy, budget, lines)
    if asked is not None:
        return Pass(asked.tier, _doubt(confidence, threshold))
    if policy.can_wait and obstacle in (Why.LINE_DOWN, Why.MONEY, Why.SLOW):
        return Wait(obstacle)
    return Refuse(obstacle) if confidence is None else Keep(obstacle, sure=False)


def _doubt(confidence: float | None, threshold: float | None) -> Why:
    if confidence is None:
        return Why.NO_ANSWER
    return Why.UNCERTIFIED if threshold is None else Why.UNSURE


def _first(policy: Policy, budget: Budget, lines: Sequence[Line]) -> tuple[Line | None, Why]:
    """Return the first tier that may be asked, or what stands in the way of the likeliest."""
    fit: list[Line] = []
    obstacles: list[Why] = []
    for line in lines:
        if (obstacle := _obstacle(policy, budget, line)) is None:
            fit.append(line)
        else:
            obstacles.append(obstacle)
    if budget.battery is not None and budget.battery < LOW_BATTERY:
        fit.sort(key=lambda line: line.here)
    if fit:
        return fit[0], Why.NO_ANSWER
    return None, min(obstacles, key=_RANK.index, default=Why.NO_TIER)


_RANK = (Why.PRIVATE, Why.LINE_DOWN, Why.SLOW, Why.MONEY, Why.NOTHING_LEAVES)
"""Which of several obstacles is told: what is soonest gone, but that nothing may leave first."""


def _obstacle(policy: Policy, budget: Budget, line: Line) -> Why | None:
    if not line.here and policy.private:
        return Why.PRIVATE
    if not line.here and line.send == "nothing":
        return Why.NOTHING_LEAVES
    if not line.up:
        return Why.LINE_DOWN
    if line.money > line.left:
        return Why.MONEY
    return Why.SLOW if line.seconds > budget.seconds else None
