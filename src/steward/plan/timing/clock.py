"""What the readers of times find in a sentence, whatever its language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Generic, TypeVar

from steward.types import Json

T = TypeVar("T")


@dataclass(frozen=True)
class Find(Generic[T]):
    """A value and where its words stand."""

    value: T
    span: tuple[int, int]


@dataclass(frozen=True)
class Clock:
    """A clock time. `half` is "am", "pm", "night" or "" where it is open; `exact` is of 24 hours.

    `weak` tells that the words may be something else, `until` that something ends then.
    """

    hour: int
    minute: int = 0
    half: str = ""
    exact: bool = False
    weak: bool = False
    until: bool = False


@dataclass(frozen=True)
class Sun:
    """What the sun does then, "rising" or "setting", and how many seconds later it is meant."""

    does: str
    offset: float = 0.0


@dataclass(frozen=True)
class Found:
    """The pieces of a time: `after` and `length` in seconds, `part` "am", "pm", "noon" or "night".

    `day` holds what it gives `When`: "days", "in_days", "repeat". `interval` is no time exactly:
    "every two hours", "in a while".
    """

    after: Find[float] | None = None
    length: Find[float] | None = None
    clock: Find[Clock] | None = None
    part: Find[str] | None = None
    day: Find[Mapping[str, Json]] | None = None
    interval: Find[str] | None = None
    sun: Find[Sun] | None = None

    @property
    def all(self) -> tuple[Find[object], ...]:
        """All pieces that were found."""
        found = (getattr(self, piece.name) for piece in fields(self))
        return tuple(find for find in found if find is not None)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where they stand."""
        return tuple(find.span for find in self.all)

    def without(self, taken: Sequence[tuple[int, int]]) -> Found:
        """Leave out what overlaps one of the spans `taken`.

        A name within a time is a word of it: "when the sun goes down", where a thing is called Sun.
        """
        gone = {
            piece.name: None
            for piece in fields(self)
            if (find := getattr(self, piece.name)) is not None
            and any(_clash(find.span, name) for name in taken)
        }
        return replace(self, **gone)


def _clash(find: tuple[int, int], name: tuple[int, int]) -> bool:
    within = find[0] <= name[0] and name[1] <= find[1] and find != name
    return find[0] < name[1] and name[0] < find[1] and not within
