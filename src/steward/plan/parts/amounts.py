"""How much: the number of a command, its unit, and whether it is a goal or a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steward.plan.parts.atoms import Token

KELVIN_FROM = 1000
"""A bare number from here on is a colour temperature, for nothing else at home is as large."""

UNITS = ("percent", "fahrenheit", "celsius", "degree", "kelvin", "step", "measure")
"""The classes of words that are units."""

_AGAIN = frozenset({"再", "多", "another", "further", "an extra"})
"""Words before a verb or a number that make it come on top of what is: "再开20%"."""
_ENOUGH = frozenset({"就行", "就好", "就可以", "就够", "就够了", "够了", "is enough", "will do"})
"""Words after a number that make it what shall be in the end: "小点声，两成就行"."""


@dataclass(frozen=True)
class Amount:
    """A number that was said and its unit: "" or one of `UNITS`; of a `measure` which one."""

    number: float
    unit: str = ""
    measure: str = ""


def read_amount(
    numbers: Sequence[tuple[int, Token]], said: Sequence[Token], *, moved: bool
) -> tuple[Amount | None, bool] | None:
    """Return the number and whether it is a goal; None for more than one number.

    `numbers` are those of `said` with their positions, `moved` tells whether a direction is said.
    """
    if len(numbers) > 1:
        numbers = [(i, t) for i, t in numbers if not t.has("fill")]
    if len(numbers) == 1 and numbers[0][1].has("fill") and not _unit_after(said, numbers[0][0]):
        numbers = []
    if not numbers:
        return None, False
    if len(numbers) > 1:
        return None
    position, token = numbers[0]
    before = next((t for t in reversed(said[:position]) if t.has("to") or not t.has("fill")), None)
    rest = [each.text for each in said[position + 1 : position + 3]]
    goal = (before is not None and before.has("to")) or not _ENOUGH.isdisjoint(rest)
    absolute = goal or not (moved or _is_step(said, position))
    if token.share is not None:
        return Amount(token.share, "percent"), absolute
    if token.number is None:
        return Amount(float(token.senses["gear"]), "step"), absolute
    unit = _unit_after(said, position)
    number = token.number
    if not unit and number >= KELVIN_FROM:
        unit = "kelvin"
    measure = said[position + 1].senses["measure"] if unit == "measure" else ""
    return Amount(number, unit, measure), absolute


def _is_step(said: Sequence[Token], position: int) -> bool:
    """Tell whether the number comes on top: "by 20", "another 20", "再打开20%"."""
    before = [token for token in said[:position] if token.text not in ("the", "of")]
    if before and (before[-1].has("by") or before[-1].text in _AGAIN):
        return True
    return len(before) > 1 and before[-1].has("act") and before[-2].text in _AGAIN


def _unit_after(said: Sequence[Token], position: int) -> str:
    after = said[position + 1] if position + 1 < len(said) else None
    for unit in UNITS:
        if after is not None and after.has(unit):
            if unit == "kelvin" and (said[position].number or 0) < KELVIN_FROM:
                return ""
            if (
                unit == "degree"
                and said[position + 2 : position + 3]
                and said[position + 2].has("fahrenheit")
            ):
                return "fahrenheit"
            return unit
    return ""
