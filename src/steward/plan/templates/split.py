"""Several commands in one sentence: where to part them, and what one part takes from another."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from steward.plan.templates.acts import entity_ids
from steward.plan.templates.grammar import Match
from steward.plan.templates.resolve import Step
from steward.types import Gap, Unknown

MAX_PARTS = 10
"""More parts than this are not tried: the work grows with their square."""

_AND = {
    "en": "and|and also|also|plus",
    "zh": "和|跟|与|以及|并且|并|同时|还有",
    "de": "und|sowie|und auch",
    "es": "y|e|y también",
    "fr": "et|et aussi",
    "it": "e|ed|e anche",
    "nl": "en",
    "pt": "e",
    "ru": "и",
    "pl": "i|oraz",
    "sv": "och",
    "da": "og",
    "nb": "og",
    "ca": "i",
}
_THEN = {
    "en": "and then|then|after that|afterwards|and after that",
    "zh": "然后再|然后|接着|之后|随后|最后|再",
    "de": "und dann|dann|danach|und danach",
    "es": "y luego|luego|después|y después",
    "fr": "et puis|puis|ensuite|et ensuite",
    "it": "e poi|poi|dopo",
    "nl": "en dan|dan|daarna",
    "pt": "e depois|depois|em seguida",
    "ru": "а потом|потом|затем",
    "pl": "a potem|potem|następnie",
}
"""Words that join commands, by language; the second kind says that one comes after the other."""

_ARTICLES = {
    "en": "the|my|our|both",
    "de": "der|die|das|den|dem|im|in der|in dem|am",
    "es": "el|la|los|las|del|de la",
    "fr": "le|la|les|l'|du|de la",
    "it": "il|lo|la|i|gli|le|l'|del|della",
    "nl": "de|het",
    "pt": "o|a|os|as|do|da",
}


@dataclass(frozen=True)
class Part:
    """An understood stretch of a sentence. `text` is what was parsed, `after` that it must wait,
    `confidence` the share of readings of its kind that are right, `stage` who read it."""

    text: str
    match: Match
    steps: tuple[Step, ...]
    speech: str | None = None
    after: bool = False
    confidence: float = 1.0
    stage: str = "grammar"

    @property
    def targets(self) -> frozenset[str]:
        """The ids of all that the steps do something to."""
        return frozenset(name for draft, _ in self.steps for name in entity_ids(draft))


Parse = Callable[[str], Part | Unknown]
Refer = Callable[[str, Sequence[Part]], Part | Unknown]
"""Understands a command that points at what those before it were about: "and dim it"."""
Mentions = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class _Seams:
    joint: re.Pattern[str]
    then: re.Pattern[str]
    between_names: re.Pattern[str]
    article: re.Pattern[str]


@dataclass(frozen=True)
class _Path:
    """A way to read the first parts: how many of its wildcards run across a seam, and the parts."""

    crossing: int
    parts: tuple[Part, ...]

    @property
    def cost(self) -> tuple[int, int]:
        return (self.crossing, len(self.parts))


def split(
    text: str,
    language: str,
    parse: Parse,
    mentions: Mentions,
    *,
    crossing: bool = True,
    refer: Refer | None = None,
) -> tuple[Part, ...] | Unknown:
    """Return the commands in `text`, in their order, or why it was not understood.

    The sentence is taken whole if it can be; otherwise it is parted at the fewest seams such that
    *every* part is understood. A part that is not makes the whole unknown: nothing is half done.
    `parse` understands one command, `mentions` finds names of this home. With `crossing` a wildcard
    may run across a seam, where no other reading is left. `refer` understands a part that points
    at the one before it.
    """
    parse = cache(parse)
    seams = _seams(language.partition("-")[0])
    whole = _one(text, seams, parse, mentions)
    if isinstance(whole, tuple) and _crossing(whole, seams, parse) == 0:
        return whole
    atoms, thens = _atoms(text, seams)
    if not 1 < len(atoms) <= MAX_PARTS:
        return whole
    paths: list[_Path | None] = [_Path(0, ())]
    for end in range(1, len(atoms) + 1):
        paths.append(_best(text, atoms, thens, end, paths, seams, parse, mentions, refer))
    best = paths[-1]
    if best is not None and best.crossing and not crossing:
        return Unknown(Gap.NOT_UNDERSTOOD)
    crossed = _crossing(whole, seams, parse) if isinstance(whole, tuple) else 0
    if crossed and crossing and (best is None or best.crossing >= crossed):
        return whole
    return best.parts if best is not None else _telling(whole, text, atoms, seams, parse)


def _best(
    text: str,
    atoms: Sequence[tuple[int, int]],
    thens: Sequence[bool],
    end: int,
    paths: Sequence[_Path | None],
    seams: _Seams,
    parse: Parse,
    mentions: Mentions,
    refer: Refer | None,
) -> _Path | None:
    """Return the cheapest path over the first `end` atoms."""
    found: _Path | None = None
    for start in range(end):
        before = paths[start]
        if before is None:
            continue
        stretch = text[atoms[start][0] : atoms[end - 1][1]]
        read = _one(stretch, seams, parse, mentions)
        if isinstance(read, Unknown) and before.parts:
            read = _elided(before.parts[-1], stretch, seams, parse, mentions)
        if isinstance(read, Unknown) and before.parts and refer is not None:
            pointing = refer(stretch, before.parts)
            read = (pointing,) if isinstance(pointing, Part) else read
        if isinstance(read, Unknown):
            continue
        if start and thens[start]:
            first = read[0]
            waiting = replace(first, after=True)
            read = (waiting, *read[1:])
        path = _Path(before.crossing + _crossing(read, seams, parse), (*before.parts, *read))
        if found is None or path.cost < found.cost:
            found = path
    return found


def _one(text: str, seams: _Seams, parse: Parse, mentions: Mentions) -> tuple[Part, ...] | Unknown:
    """Understand `text` as one command, or as one command for several named things.

    What follows a question mark is another sentence.
    """
    if "?" in text.rstrip("? "):
        return Unknown(Gap.NOT_UNDERSTOOD)
    part = parse(text)
    if isinstance(part, Part):
        return (part,)
    shared = _shared(text, seams, parse, mentions)
    return shared or part


def _shared(text: str, seams: _Seams, parse: Parse, mentions: Mentions) -> tuple[Part, ...]:
    """Read "turn off the A and the B" as the same command for A and for B."""
    spans = list(mentions(text))
    runs: list[list[tuple[int, int]]] = []
    for span in spans:
        if runs and seams.between_names.fullmatch(text[runs[-1][-1][1] : span[0]]):
            runs[-1].append(span)
        else:
            runs.append([span])
    for run in runs:
        if len(run) < 2:
            continue
        parts: list[Part] = []
        for start, end in run:
            part = parse(text[: run[0][0]] + text[start:end] + text[run[-1][1] :])
            if isinstance(part, Part) and (not parts or part.match.intent == parts[0].match.intent):
                parts.append(part)
        if len(parts) == len(run) and not _overlap(parts):
            return tuple(parts)
    return ()


def _overlap(parts: Sequence[Part]) -> bool:
    """Tell whether commands for several names reach the same things: of "all but A and B" each
    half would do what the other leaves out."""
    seen: set[str] = set()
    for part in parts:
        if part.targets & seen:
            return True
        seen |= part.targets
    return False


def _elided(
    before: Part, text: str, seams: _Seams, parse: Parse, mentions: Mentions
) -> tuple[Part, ...] | Unknown:
    """Read a part that begins with a name by the verb of the part before it."""
    here, there = list(mentions(text)), list(mentions(before.text))
    if not here or not there or not seams.article.fullmatch(text[: here[0][0]]):
        return Unknown(Gap.NOT_UNDERSTOOD)
    read = _one(before.text[: there[0][0]] + text[here[0][0] :], seams, parse, mentions)
    if isinstance(read, tuple) and read[0].match.intent == before.match.intent:
        return read
    return Unknown(Gap.NOT_UNDERSTOOD)


def _crossing(parts: Sequence[Part], seams: _Seams, parse: Parse) -> int:
    """Count the wildcards that swallowed a seam; the items of a list may, unless one is a command
    ("加上鸡蛋和黄油，然后暖气调到18度")."""
    crossing = 0
    for part in parts:
        for slot in part.match.guesses:
            text = part.match.texts.get(slot, "")
            others = seams.joint.split(text)[1:]
            listed = slot == "item" and not seams.then.search(text)
            if others and not (listed and all(_is_no_command(o, parse) for o in others)):
                crossing += 1
    return crossing


def _is_no_command(text: str, parse: Parse) -> bool:
    return not _ORDERS.match(text) and isinstance(parse(text), Unknown)


_ORDERS = re.compile("顺便|[把将]")
"""How a command begins, and no item of a list."""


def _atoms(text: str, seams: _Seams) -> tuple[list[tuple[int, int]], list[bool]]:
    """Return the stretches between all seams, and whether each comes after the one before."""
    atoms, thens, start, after = [], [], 0, False
    for seam in seams.joint.finditer(text):
        if seam.start() > start:
            atoms.append((start, seam.start()))
            thens.append(after)
            after = False
        after = after or bool(seams.then.search(seam.group()))
        start = seam.end()
    if start < len(text):
        atoms.append((start, len(text)))
        thens.append(after)
    return atoms, thens


def _telling(
    whole: tuple[Part, ...] | Unknown,
    text: str,
    atoms: Sequence[tuple[int, int]],
    seams: _Seams,
    parse: Parse,
) -> Unknown:
    """Return what the first part that misses anything misses, else what the whole does."""
    for gap in (*(parse(text[start:end]) for start, end in atoms), whole):
        named = isinstance(gap, Unknown) and gap.gap is not Gap.NOT_UNDERSTOOD
        if isinstance(gap, Unknown) and named and not seams.joint.search(gap.about):
            return gap
    return Unknown(Gap.NOT_UNDERSTOOD)


@cache
def _seams(primary: str) -> _Seams:
    joined, then = _AND.get(primary, "and"), _THEN.get(primary, "then")
    words = "|".join(sorted(f"{joined}|{then}".split("|"), key=len, reverse=True))
    marks = r"[,;.!?。、]"
    if primary in ("zh", "ja"):
        joint = rf"(?:{marks}\s*)+(?:{words})?|(?:{words})"
    else:
        joint = rf"\s*(?:{marks}\s+)+(?:(?:{words})\s+)?|\s+(?:{words})\s+"
    article = _ARTICLES.get(primary, "")
    space = r"\s*" if primary in ("zh", "ja") else r"\s+"
    both = rf"(?:\s*[,、]\s*(?:(?:{joined}){space})?|\s*(?:{joined}){space})"
    optional = rf"(?:(?:{article})\s*)?" if article else ""
    flags = re.IGNORECASE
    return _Seams(
        re.compile(joint, flags),
        re.compile(then if primary in ("zh", "ja") else rf"\b(?:{then})\b", flags),
        re.compile(rf"{both}{optional}", flags),
        re.compile(rf"\s*{optional}", flags),
    )
