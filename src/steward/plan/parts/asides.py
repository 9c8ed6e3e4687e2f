"""What is said beside a command to tell why: it is cold, the sun blinds, guests are coming."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from steward.plan.parts.asking import is_question
from steward.plan.parts.atoms import Token, joined_atoms, names_of, tokens
from steward.plan.parts.byparts import STAGE as PARTS
from steward.plan.parts.frames import read
from steward.plan.routines.reading import STAGE as ROUTINES
from steward.plan.templates.split import Part
from steward.plan.templates.told import is_told
from steward.types import World

_ORDERS = (
    *("act", "more", "less", "color", "white", "mode", "max", "min", "half", "half_scale"),
    *("double", "number", "share", "neg", "it", "except", "others", "all", "everything", "home"),
    *("bit", "percent", "degree", "kelvin", "step", "gear", "leave"),
)
"""Words of a command: a clause that holds one may say how, or what else, is to be done."""
_PEOPLE = frozenset({"child", "girl", "boy", "baby", "son", "daughter", "parents", "guest"})
_TELLING = frozenset({"sensor", "binary_sensor", "weather", "calendar", "todo", "person"})
"""Domains of what can be asked and told nothing."""
_STATING = re.compile(
    r"\b\w+ .*\b(?:\w+s|\w+ing|\w+ed|are|am|have)\b|\w+'s\b|^bedtime\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"[,;.!，。；！]\s*")
_MIN_HAN = 3
_BEING_DONE = re.compile("(?!把|请|帮|给).{1,4}(?:都|快|就)?(?:要|正在|在).+(?:了|呢|啦|着)")
"""What is about to happen, or is happening: "狗要跑了"."""


def without_complaints(parts: Sequence[Part], world: World) -> tuple[Part, ...]:
    """Return `parts` without complaints, where commands say what is to be done about them.

    "AC off, I'm freezing" says one thing to do; "too bright and too loud" says two.
    """
    kept = tuple(part for part in parts if not _complains(part, world))
    return kept or tuple(parts)


def untold(parts: tuple[Part, ...], language: str) -> tuple[Part, ...]:
    """Return `parts` without what only tells why: "curtains shut, I'm going to bed".

    Said by itself it would run the scene for the night, and "it's so dry" be a question.
    """
    kept = tuple(
        part
        for part in parts
        if not (part.stage == ROUTINES or _is_unasked(part))
        or not is_told(part.text, "en" if part.text.isascii() else language.partition("-")[0])
    )
    return kept or parts


def _is_unasked(part: Part) -> bool:
    """Tell whether what asks nothing was read by its parts as a question: "kitchen humidity"."""
    reads = bool(part.steps) and all(".get_" in draft.capability for draft, _ in part.steps)
    return reads and part.stage == PARTS and not is_question(part.text)


def _only_tells(part: Part) -> bool:
    return all(name.partition(".")[0] in _TELLING for name in part.targets)


def half_asked(parts: Sequence[Part]) -> bool:
    """Tell whether something is only named beside a command.

    "Bath heater and fan on": the first half is as much to be switched on as the second. What only
    tells ("fan on, kitchen humidity") is asked for.
    """
    unasked = [_is_unasked(part) and not _only_tells(part) for part in parts]
    acts = any(".get_" not in draft.capability for part in parts for draft, _ in part.steps)
    return any(unasked) and acts


def is_talk(told: str, rest: str, world: World) -> bool:
    """Tell whether the clause `told` only says how things are, beside the command `rest`."""
    return _is_talk(told, world) and bool(joined_atoms(tokens(rest, world)))


def commands(text: str, world: World) -> Iterator[str]:
    """Yield plain `text` without its first or its last clause, where that is mere talk.

    "The dog is running away, quick, shut it": what remains may point at what was said before.
    """
    for cut in _CLAUSE.finditer(text):
        first, second = text[: cut.start()].strip(), text[cut.end() :].strip()
        for told, rest in ((first, second), (second, first)):
            if told and rest and _is_talk(told, world):
                yield rest


def _is_talk(told: str, world: World) -> bool:
    """Tell whether `told` holds words that no command has, and none that would change a command.

    It must name no room: that would say where.
    """
    said = tokens(told, world)
    words = [token for token in said if not token.has("fill")]
    strange = [t for t in words if not t.known or t.has("toomuch", "toolittle") or _is_somebody(t)]
    heard = joined_atoms(said)
    if any(token.has(*_ORDERS) and not token.atoms for token in said):
        return False
    happens = _BEING_DONE.fullmatch(told) is not None
    if not strange and not happens:
        return False
    if heard and not happens and any(token.has("verb") and not token.atoms for token in said):
        return False
    if told.isascii():
        if not _STATING.search(told):
            return False
    elif len(told) < _MIN_HAN:
        return False
    names = names_of(world).decomposed
    rooms = [name for area in world.areas for name, _ in names.get(area.id, ())]
    return not any(name and name <= heard for name in rooms)


def _is_somebody(token: Token) -> bool:
    return bool(token.atoms) and _PEOPLE.issuperset(token.atoms) and not token.named


def _complains(part: Part, world: World) -> bool:
    frame = read(tokens(part.text, world))
    return frame is not None and frame.complaint
