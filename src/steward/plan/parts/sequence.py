"""Several things or commands with nothing between them: "灯窗帘都关了", "lamp off fan on"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from steward.plan.parts.atoms import Token, joined_atoms, tokens
from steward.plan.parts.choose import Scene, matching
from steward.types import World

_DOING = (
    *("act", "up", "down", "more", "less", "toomuch", "toolittle", "color", "mode", "white"),
    *("max", "min", "half", "number", "share", "choice", "half_scale", "double"),
)
_BEFORE_NAMES = frozenset({"the", "my", "our", "把", "将", "让", "给"})
_COMMA = Token("、", 0, {"conj": "conj"})


def openings(text: str, world: World) -> tuple[int, ...]:
    """Return where in plain `text` another command may begin, though no word or sign says so.

    That is at a name or at a verb, once something was named and something was said of it.
    """
    said = tokens(text, world)
    found: list[int] = []
    named = done = False
    for position, token in enumerate(said):
        before = said[position - 1] if position else None
        if named and done and before is not None and _opens(token, before):
            found.append(token.start)
        named = named or bool(token.atoms)
        done = done or _does(token)
    return tuple(found)


def _opens(token: Token, before: Token) -> bool:
    if before.text in _BEFORE_NAMES or before.has("conj", "neg"):
        return False
    if token.atoms and not token.has("act"):
        return token.named or not before.atoms
    return token.has("act", "verb") or token.text in _BEFORE_NAMES


def _does(token: Token) -> bool:
    return token.has(*_DOING) and (not token.atoms or (token.has("act") and not token.named))


def crossed(said: Sequence[Token], scene: Scene) -> bool:
    """Tell whether the verb between two things is that of both: "投影仪打开幕布" is half of
    "投影仪打开，幕布打开"."""
    verbs = [i for i, token in enumerate(said) if token.has("act") and not token.atoms]
    if len(verbs) != 1:
        return False
    first, second = (joined_atoms(part) for part in (said[: verbs[0]], said[verbs[0] + 1 :]))
    called = [thing for thing in scene.things if first in thing.names and first - thing.kind]
    return bool(second and called) and not any(second <= thing.all | thing.wide for thing in called)


def listed(said: Sequence[Token], scene: Scene) -> tuple[Token, ...] | None:
    """Return `said` with a sign between things that are named one after the other, if some are.

    Only whole names are parted, and only where nothing at home is all of what is said.
    """
    found: list[Token] = []
    run: list[Token] = []
    for token in (*said, Token("", 0)):
        if token.atoms:
            run.append(token)
            continue
        found += _parted(run, scene)
        run = []
        found.append(token)
    return tuple(found[:-1]) if len(found) > len(said) + 1 else None


def _parted(run: Sequence[Token], scene: Scene) -> list[Token]:
    if len(run) < 2 or matching(joined_atoms(run), scene.things):
        return list(run)
    best: list[list[Token] | None] = [[]]
    for end in range(1, len(run) + 1):
        options: list[list[Token]] = []
        for start in range(end):
            before = best[start]
            if before is not None and _is_whole(run[start:end], scene):
                sign = [replace(_COMMA, start=run[start].start)] if before else []
                options.append([*before, *sign, *run[start:end]])
        best.append(min(options, key=len) if options else None)
    return best[-1] or list(run)


def _is_whole(said: Sequence[Token], scene: Scene) -> bool:
    """Tell whether the words are a whole name of something, but for its kind, and nothing else."""
    group = joined_atoms(said)
    found = matching(group, scene.things)
    return any(
        name and (name <= group or (name <= group | thing.kind and group & thing.kind))
        for thing in found
        for name in thing.names
    )
