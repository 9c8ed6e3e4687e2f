"""What this home knows of each character of a sentence: the reader's second input.

A reader that sees which words are names here need not have learnt any name, so that it reads in
homes that it has never seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from steward.plan.parts.atoms import Token

UNKNOWN, FUNCTION, NOUN, NAMED, NUMBER, VALUE, SCOPE = range(7)
"""Marks: a word that nobody knows; one that does something; a noun of the lexicon; a name of this
home; a number; a colour, white, mode or day; a word such as "here", "all" or "except"."""

COUNT = 7

_VALUES = ("color", "white", "mode", "day")
_SCOPES = ("here", "all", "everything", "home", "others", "except", "half", "max", "min")


def marks(text: str, said: Sequence[Token]) -> tuple[int, ...]:
    """Return a mark for each character of `text`, whose words are `said`."""
    found = [UNKNOWN] * len(text)
    starts = [*(token.start for token in said[1:]), len(text)]
    for token, end in zip(said, starts, strict=False):
        found[token.start : end] = [mark(token)] * (end - token.start)
    return tuple(found)


def mark(token: Token) -> int:
    """Return what this home knows of one word."""
    if token.named:
        return NAMED
    if token.number is not None or token.share is not None:
        return NUMBER
    if token.has(*_VALUES):
        return VALUE
    if token.has(*_SCOPES):
        return SCOPE
    if token.atoms:
        return NOUN
    return FUNCTION if token.known else UNKNOWN
