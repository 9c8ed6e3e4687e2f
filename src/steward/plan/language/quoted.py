"""Words in quotes or after a colon: they are to be written down, and never carried out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKS = ("“(.+?)”", '"(.+?)"', "«(.+?)»", "「(.+?)」", "『(.+?)』", r"(?<!\w)['‘](.+?)['’](?!\w)")
_COUNTED = "(?:一[条项句行个])?"
_QUOTED = re.compile(
    rf"(?:\bthe (?:words?|text|line|phrase|note) |{_COUNTED})(?:{'|'.join(_MARKS)})"
    "(?:这?几个字|这[句行条]话?)?",
    re.IGNORECASE,
)
_COLON = re.compile(rf"{_COUNTED}\s*[:：]\s*(\D.*)$")
_CLAUSE = re.compile(r"[,;.!?，。；！？]")
_SEVERAL = re.compile(r"[,;.!?，。；！？、]|\b(?:and|then)\b|然后|并且|再")
_STANDS_FOR = {"en": "quotedwords", "zh": "某某语句"}


@dataclass(frozen=True)
class Quotation:
    """The `words` that a sentence quotes, and `others`: the sentence with `sign` in their place,
    whole, and without what comes after the clause that they are in."""

    words: str
    sign: str
    others: tuple[str, ...]

    @property
    def is_divisible(self) -> bool:
        """Whether the words would fall apart where sentences are parted."""
        return bool(_SEVERAL.search(self.words))


def quotation(text: str, language: str) -> Quotation | None:
    """Return what `text` quotes, None where it quotes nothing or nothing but a quotation."""
    sign = _STANDS_FOR.get(language.partition("-")[0])
    if sign is None:
        return None
    for found in _found(text):
        before, after = text[: found.start()], text[found.end() :]
        words = next(group for group in found.groups() if group).strip()
        if before.strip():
            end = _CLAUSE.search(after)
            kept = after[: end.start()] if end else after
            others = tuple(dict.fromkeys(f"{before} {sign} {rest}" for rest in (after, kept)))
            return Quotation(words, sign, others)
    return None


def _found(text: str) -> Iterator[re.Match[str]]:
    for pattern in (_QUOTED, _COLON):
        if found := pattern.search(text):
            yield found
