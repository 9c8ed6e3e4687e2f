"""What "the blind" or "the door" is in the speaker's room, whatever it is called there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from steward.plan.parts.atoms import Thing

_NO_FANS = frozenset({"purifier", "humidifier", "dehumidifier"})


@dataclass(frozen=True)
class _Family:
    """Words that people use for one another: `said` of things of `domain` and of its `classes`."""

    domain: str
    said: frozenset[str]
    classes: frozenset[str] = frozenset()


_FAMILIES = (
    _Family("cover", frozenset({"curtain"}), frozenset({"curtain", "blind", "shade", "shutter"})),
    _Family(
        "cover",
        frozenset({"blind", "shade", "roller_blind", "blackout"}),
        frozenset({"blind", "shade", "shutter"}),
    ),
    _Family("lock", frozenset({"door", "lock"})),
    _Family("fan", frozenset({"fan", "extractor"})),
)


def nearby(
    group: frozenset[str], found: Sequence[Thing], pool: Sequence[Thing], area: str | None
) -> tuple[Thing, ...]:
    """Return the things in the speaker's `area` that are of the sort that `group` says.

    They go before things of that very name in other rooms, as nobody means the blind next door
    where there is a shade at hand; those that are called so before the others. Empty where there
    is nothing of the sort.
    """
    if not group or area is None:
        return ()
    domains = {thing.entity.domain for thing in pool}
    for family in _FAMILIES:
        if group <= family.said and family.domain in domains:
            near = tuple(t for t in pool if t.entity.area == area and _is_of(t, family))
            if near:
                return tuple(thing for thing in near if thing in found) or near
    return ()


def _is_of(thing: Thing, family: _Family) -> bool:
    label = str(thing.entity.attributes.get("device_class") or "")
    fits: Collection[str] = family.classes
    return (
        thing.entity.domain == family.domain
        and (not fits or label in fits)
        and not (family.domain == "fan" and thing.own & _NO_FANS)
    )
