"""Word and character errors: texts in one spelling, and the edits between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import opencc
from hibari.g2p.numbers import cardinal, ordinal, year

from steward.speech import english, numerals

_SIMPLIFY = opencc.OpenCC("t2s").convert
_SHORT = (
    (r"\bmr\b\.?", "mister"),
    (r"\bmrs\b\.?", "missus"),
    (r"\bdr\b\.?", "doctor"),
    (r"\bst\b\.", "saint"),
)
ROUNDS = 2000


def units(text: str, language: str | None) -> list[str]:
    """Return the words of `text`, or its characters in Chinese, in a form to compare.

    Case, signs and the writing of numbers do not count. American spellings do.
    """
    text = unicodedata.normalize("NFKC", text)
    if language == "zh":
        text = _SIMPLIFY(numerals.spoken(text))
        return [sign for sign in re.sub(r"[^\w]", "", text).casefold() if sign != "_"]
    text = english.spoken(text).casefold() if language == "en" else text.casefold()
    if language == "en":
        text = _numbers(text)
        for pattern, full in _SHORT:
            text = re.sub(pattern, full, text)
    return re.sub(r"[^\w\s']", " ", text).split()


def _numbers(text: str) -> str:
    """Return English `text` with its numbers as words; four digits without a comma are a year."""
    text = re.sub(r"\b(?<!,)1[1-9][0-9]{2}\b(?!,[0-9])", lambda m: year(int(m[0])), text)
    text = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text)
    text = re.sub(r"([0-9]+)(?:st|nd|rd|th)\b", lambda m: ordinal(int(m[1])), text)
    return re.sub(r"[0-9]+", lambda m: cardinal(int(m[0])), text)


def edits(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Return the Levenshtein distance."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(wanted, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def error_interval(errors: Sequence[int], lengths: Sequence[int]) -> tuple[float, float]:
    """Return the 95% interval of errors per unit, by drawing utterances again (bootstrap)."""
    drawn = np.random.default_rng(0).integers(0, len(errors), (ROUNDS, len(errors)))
    shares = np.array(errors)[drawn].sum(axis=1) / np.array(lengths)[drawn].sum(axis=1)
    low, high = np.percentile(shares, [2.5, 97.5])
    return float(low), float(high)
