"""What a sentence says to leave alone beside its commands: "everything off, not the blinds"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from steward.plan.parts.atoms import joined_atoms, things, tokens
from steward.plan.parts.choose import matching
from steward.plan.templates.acts import entity_ids
from steward.plan.templates.resolve import Step
from steward.plan.templates.split import Part
from steward.types import Json, World

_WHAT = {"en": r"(?P<what>[^,;.]+?)", "zh": "(?P<what>[^,，;；。]{1,12}?)"}
_END = r"(?: please| for now| then| thanks)*"
_FORMS = {
    "en": (
        rf"(?:just |please )*(?:leave|keep) {_WHAT['en']} (?:alone|be"
        rf"|(?:as|how|the way) (?:it is|is|they are)|on|off|open|closed|shut|running){_END}",
        rf"(?:please )?(?:don't|do not) (?:touch|change|move|mess with) {_WHAT['en']}{_END}",
    ),
    "zh": (
        f"{_WHAT['zh']}(?:就|先|都|你|也)*(?:别动|不要动|不用动|不动|别管|不用管|不管|别碰|不要碰)(?:了|它们?|啊|哦|吧)*",
        f"(?:就|先)*(?:别|不要|不用)(?:动|管|碰|开|关){_WHAT['zh']}(?:了|啊|哦|吧)*",
    ),
}
"""How it is said that something is to stay as it is."""
_SEAM = {
    "en": r"(?:\s*[,;.]\s*(?:(?:and|but) )?|\s+(?:and|but) )",
    "zh": "[,，;；。](?:但是?|不过|就)?",
}
_PATTERNS = {
    primary: tuple(
        re.compile(form, re.IGNORECASE)
        for said in forms
        for form in (
            f"(?P<rest>.+?){_SEAM[primary]}{said}",
            f"{said}{_SEAM[primary]}(?P<rest>.+)",
        )
    )
    for primary, forms in _FORMS.items()
}
_LISTED = re.compile(r"\s*,\s*|\s+(?:and|or)\s+|[、和跟与]")


def leaving(words: str, language: str, world: World) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield plain `words` without a clause that says what is left alone, and the ids of that."""
    for pattern in _PATTERNS.get(language.partition("-")[0], ()):
        hit = pattern.fullmatch(words)
        ids = _meant(hit["what"], world) if hit else None
        if hit and ids:
            yield hit["rest"], ids


def without(parts: Sequence[Part], left: Collection[str]) -> tuple[Part, ...]:
    """Return `parts` that do nothing to the entities `left`; empty where nothing remains."""
    kept = [replace(part, steps=tuple(_kept(part, left))) for part in parts]
    return tuple(part for part in kept if part.steps)


def _kept(part: Part, left: Collection[str]) -> Iterator[Step]:
    for draft, meaning in part.steps:
        named = entity_ids(draft)
        rest: list[Json] = [name for name in named if name not in left]
        if not named:
            yield draft, meaning
        elif rest:
            yield replace(draft, arguments={**draft.arguments, "entity_id": rest}), meaning


def _meant(said: str, world: World) -> frozenset[str] | None:
    """Return the ids of all that `said` may be, None where a word or a thing is not known."""
    found: set[str] = set()
    for each in _LISTED.split(said):
        heard = tokens(each, world)
        group = joined_atoms(heard)
        meant = matching(group, things(world)) if group else []
        if not meant or not all(t.atoms or t.has("fill", "all") for t in heard):
            return None
        found |= {thing.entity.id for thing in meant}
    return frozenset(found)
