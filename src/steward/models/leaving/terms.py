"""What words of a text say what it is about, in English and Chinese."""

from __future__ import annotations

import re
from pathlib import Path

from steward.models.redaction.chinese import cutter

_WORD = re.compile(r"[^\W\u3400-\u9fff_]+(?:['’][a-z]+)?|[\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SMALL = frozenset(Path(__file__).with_name("small.txt").read_text(encoding="utf-8").split())
"""Words that say nothing of what a text is about."""


def grams(text: str) -> list[str]:
    """Return `terms` and the pairs of Chinese characters, for words that are cut differently."""
    runs = re.findall(f"{_HAN.pattern}+", text)
    pairs = [run[at : at + 2] for run in runs for at in range(len(run) - 1)]
    return [*terms(text), *(pair for pair in pairs if pair not in _SMALL)]


def size(text: str) -> int:
    """Return the length of `text` in characters, of which a Chinese one counts for three."""
    return len(text) + 2 * len(_HAN.findall(text))


def terms(text: str) -> list[str]:
    """Return the words of `text` that say something, each in one form ("Boxes" and "box")."""
    found: list[str] = []
    for match in _WORD.finditer(text.casefold()):
        word = match.group()
        if _HAN.match(word):
            found += [part for part in cutter().lcut_for_search(word) if part not in _SMALL]
        elif word not in _SMALL:
            found.append(_stem(word))
    return found


def _stem(word: str) -> str:
    """Take off the commonest endings, so that forms of a word meet."""
    word = re.sub(r"['’][a-z]+$", "", word)
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("ing", ""),
        ("ed", ""),
        ("ly", ""),
        ("s", ""),
    ):
        if (
            word.endswith(ending)
            and len(word) - len(ending) >= 3
            and not word.endswith(("ss", "us"))
        ):
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word
