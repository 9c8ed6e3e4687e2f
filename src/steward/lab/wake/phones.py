"""Phones: the sounds of a phrase in Kokoro's symbols, and how unlike two of them are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

Phones = tuple[str, ...]

_PHONE = re.compile(r"[ˈˌ]?[^\sˈˌ;:,.!?—…\"()“”][\u0303ʰʲː→↗↓↘]*")
_MARKS = re.compile(r"[ˈˌ\u0303ʲː→↗↓↘]")
_ALIKE = ("pb", "td", "kɡ", "fvwʋ", "szʦʣ", "ʃʒɕʂ", "ʧʤʨꭧ", "θðf", "mnŋ", "ɹlɻɾw", "hx", "td", "ɾd")
_VOWEL_SETS = (
    "iɪᵻIyj",
    "eɛæAəɜ",
    "əɪᵻɐʌᵊɜɚɤ",
    "ɑɒɔaʌæ",
    "oOQɔʊu",
    "uʊw",
    "AIe",
    "WaQ",
    "YɔO",
)
_VOWELS = frozenset("iɪᵻIyeɛæAəɜɐʌᵊɚɤɑɒɔaoOQʊuWYɨ")
_SOUNDS = {
    ("en", True): tuple("iɪIeɛæAəɜʌɑɔOʊuWY"),
    ("en", False): tuple("pbtdkɡfvszʃʒʧʤθðmnŋɹlhwj"),
    ("zh", True): tuple("aɤiuyəoɛe"),
    ("zh", False): tuple("pmftnlkxɕʨꭧʂɻʦs"),
}
_SIMILAR = 0.4
"""What one sound for a near one counts: many speakers and rooms make them the same."""


def phones(symbols: str) -> Phones:
    """Return the sounds of `symbols`, each with its stress and tone."""
    return tuple(_PHONE.findall(symbols))


def bare(phone: str) -> str:
    """Return `phone` without stress, length and tone."""
    return _MARKS.sub("", phone)


def is_vowel(phone: str) -> bool:
    """Tell whether `phone` is a vowel or a diphthong."""
    return bare(phone)[:1] in _VOWELS


@cache
def unlikeness(one: str, other: str) -> float:
    """Return from 0 (the same) to 1 how unlike two bare phones are."""
    if one == other:
        return 0.0
    a, b = one[:1], other[:1]
    if a == b or any(a in s and b in s for s in (*_ALIKE, *_VOWEL_SETS)):
        return _SIMILAR
    return 1.0


def distance(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how many sounds must be changed, left out or put in to make one of the other.

    A near sound counts `_SIMILAR`, and so does an r or h left out.
    """
    a, b = [bare(p) for p in one], [bare(p) for p in other]
    row = [0.0]
    for sound in b:
        row.append(row[-1] + _lost(sound))
    for sound in a:
        before, row = row, [row[0] + _lost(sound)]
        for j, there in enumerate(b):
            row.append(
                min(
                    before[j] + unlikeness(sound, there),
                    before[j + 1] + _lost(sound),
                    row[j] + _lost(there),
                )
            )
    return row[-1]


def _lost(phone: str) -> float:
    return _SIMILAR if phone in ("ɹ", "h", "ᵊ", "ə") else 1.0


def sounds_of(language: str, vowels: bool) -> tuple[str, ...]:
    """Return the bare vowels, or consonants, that English ("en") or Chinese ("zh") words have."""
    return _SOUNDS[language, vowels]
