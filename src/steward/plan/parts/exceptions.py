"""What a command leaves out: "all lights off except the hall", "除了玄关其他灯都关"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from steward.plan.parts.atoms import Token
from steward.plan.parts.choose import Scene

Said: TypeAlias = tuple[Token, ...]
Parted: TypeAlias = tuple[Said, Said]
"""The words of the command, and those of what it leaves out."""

_LINKS = ("的", "那", "那盏", "盏", "那间", "间", "那个", "个", "the", "in", "of", "one")
_KEEPING = ("leave", "keep", "leaving", "keeping", "but leave", "but keep")
_HOW_FAR = ("half", "share", "number", "max", "min", "bit")
_ONLY = ("only", "just", "but", "please")


def exceptions(said: Sequence[Token], scene: Scene) -> tuple[Said, tuple[Said, ...]]:
    """Part the words of each exception from the rest of the command."""
    for way in (_left, _kept, _alone, _negated, _excepted):
        parted = way(tuple(said))
        if parted is not None:
            rest, spared = parted
            return _completed(rest, spared, scene), _each(spared)
    return tuple(said), ()


def _left(said: Said) -> Parted | None:
    """Part "玄关的灯留着，其他都关了", "只留玄关的灯，其他都关了"."""
    kept = next((i for i, token in enumerate(said) if token.has("leave")), None)
    if kept is None or any(token.has(*_HOW_FAR) for token in said[kept + 1 : kept + 2]):
        return None  # "窗帘留一半" tells how far.
    begin, end = kept, kept + 1
    while begin and (said[begin - 1].atoms or _joins(said[begin - 1])):
        begin -= 1
    if not any(token.atoms for token in said[begin:kept]):
        begin = kept
        while end < len(said) and not _ends(said[end]):
            end += 1
    return (*said[:begin], *said[end:]), (*said[begin:kept], *said[kept + 1 : end])


def _kept(said: Said) -> Parted | None:
    """Part "leave the hall light on and turn off the rest"."""
    kept = next((i for i, token in enumerate(said) if token.text in _KEEPING), None)
    if kept is None or not any(token.has("others") for token in said[kept:]):
        return None
    end = next((i for i in range(kept + 1, len(said)) if _begins_clause(said, i)), len(said))
    rest, spared = (*said[:kept], *said[end:]), said[kept + 1 : end]
    return (rest, spared) if any(token.has("others") for token in rest) else None


def _alone(said: Said) -> Parted | None:
    """Part "every light off, just leave the hall alone", "all lights off but keep the hall on"."""
    kept = next((i for i, token in enumerate(said) if token.text in _KEEPING), 0)
    end = kept
    while end and (said[end - 1].text in _ONLY or said[end - 1].has("conj")):
        end -= 1
    while end and said[end - 1].senses.get("fill") == "mark":
        end -= 1
    every = any(token.has("all", "home", "everything") for token in said[:end])
    doing = any(token.has("act") and not token.atoms for token in said[:end])
    spared = said[kept + 1 :]
    if not (every and doing) or end == kept or any(token.has("others") for token in said):
        return None
    named = any(token.atoms for token in spared)
    plain = all(token.atoms or token.has("fill", "conj", "keepers", "here") for token in spared)
    return (said[:end], spared) if named and plain else None


def _negated(said: Said) -> Parted | None:
    """Part "every light off, not the hall"."""
    at = next((i for i, token in enumerate(said) if token.text == "not"), None)
    if not at or said[at - 1].senses.get("fill") != "mark":
        return None
    every = any(token.has("all") for token in said[:at])
    named = all(token.atoms or token.has("fill", "conj") for token in said[at + 1 :])
    return (said[:at], said[at + 1 :]) if every and named else None


def _excepted(said: Said) -> Parted | None:
    start = next((i for i, token in enumerate(said) if token.has("except")), None)
    if start is None:
        return None
    before, after = said[:start], said[start + 1 :]
    if said[start].text.isascii():
        acting = any(token.has("act", "more", "less", "up", "down") for token in before)
        end = next((i for i, t in enumerate(after) if t.has("act") and not t.atoms), len(after))
        end = len(after) if acting else end
        return (*before, *after[end:]), after[:end]
    stop = next((i for i, token in enumerate(after) if _ends(token) and i), None)
    while stop is not None and _lists_on(after, stop):
        stop = next((i for i in range(stop + 1, len(after)) if _ends(after[i])), None)
    if stop is None:
        return before, after
    return (*before, *after[stop:]), after[:stop]


def _begins_clause(said: Said, position: int) -> bool:
    """Tell whether a comma or "and" stands before a verb, not before another name."""
    token = said[position]
    if not (token.has("conj") or token.senses.get("fill") == "mark"):
        return False
    after = next((t for t in said[position + 1 :] if not t.has("fill", "conj")), None)
    return after is not None and (after.has("verb", "act", "others") or not after.atoms)


def _ends(token: Token) -> bool:
    return token.has("others", "all") or token.senses.get("fill") == "mark"


def _lists_on(after: Said, end: int) -> bool:
    """Tell whether "、" joins one more exception to those before."""
    return after[end].has("conj") and not after[end].has("others", "all")


def _joins(token: Token) -> bool:
    return token.text in _LINKS or token.has("conj")


def _completed(rest: Said, spared: Said, scene: Scene) -> Said:
    """Say of the rest what only the exception says: "除了前台的灯都关" is about lights."""
    kinds = frozenset[str]().union(*(thing.kind | thing.wide for thing in scene.things))
    if any(token.has("everything") or kinds.intersection(token.atoms) for token in rest):
        return rest
    named = [token for token in spared if token.atoms]
    if not named:
        return rest
    last = named[-1]
    kind = tuple(atom for atom in last.atoms if atom in kinds)
    if kind:
        return (replace(last, atoms=kind, named=False), *rest)
    return rest if any(token.atoms for token in rest) else (last, *rest)


def _each(spared: Said) -> tuple[Said, ...]:
    """Part several exceptions, and leave out what says nothing of which things are spared."""
    found: list[list[Token]] = [[]]
    for token in spared:
        mark = token.has("conj") or token.senses.get("fill") == "mark"
        if mark and found[-1]:
            found.append([])
        elif token.atoms or not token.has("fill", "keepers", "conj"):
            found[-1].append(token)
    groups = tuple(tuple(group) for group in found if group)
    return groups or ((),)
