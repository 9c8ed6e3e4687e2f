"""What a model shall be made to fit: "300 MB, 30 tokens/s"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from steward.errors import UserError

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([kmg])(i?)b", re.IGNORECASE)
_SPEED = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(?:tokens?|t|tok)(?:/s| per second)", re.IGNORECASE)
_POWER = {"k": 1, "m": 2, "g": 3}
_HINT = 'write it as "300 MB", "30 tokens/s", or both with a comma between'


@dataclass(frozen=True)
class Target:
    """At most `bytes` of the file, at least `speed` tokens/s of an answer; None: any."""

    bytes: int | None = None
    speed: float | None = None

    def __str__(self) -> str:
        size = "" if self.bytes is None else f"{self.bytes / 1e6:g} MB"
        speed = "" if self.speed is None else f"{self.speed:g} tokens/s"
        return ", ".join(part for part in (size, speed) if part)


def target(text: str) -> Target:
    """Return what `text` asks for.

    Raises:
        UserError: it says no size and no speed, one twice, or something else.
    """
    size: int | None = None
    speed: float | None = None
    for part in (part.strip() for part in re.split(r"[,，、]", text)):
        if (found := _SIZE.fullmatch(part)) and size is None:
            base = 1024 if found[3] else 1000
            size = int(float(found[1]) * base ** _POWER[found[2].lower()])
        elif (found := _SPEED.fullmatch(part)) and speed is None:
            speed = float(found[1])
        else:
            raise UserError(f"{part!r:.40} is no target", hint=_HINT)
        if size == 0 or speed == 0:
            raise UserError(f"{part!r:.40} cannot be a target", hint=_HINT)
    return Target(size, speed)
