"""Chinese text for the voice, and English with Chinese names in it: its words as sounds."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

from steward.speech.numerals import spoken
from steward.speech.symbols import SYMBOLS, syllable

Latin = Callable[[str], str]
"""Turns a run of Latin words into Kokoro's symbols."""

_CLOSE = re.compile(r"([,;:!?.])(?=[^\s,;:!?.…”)])")
_PARTS = re.compile(r"[\u3400-\u9FFF]+|[A-Za-z][A-Za-z'’ -]*|[^\u3400-\u9FFFA-Za-z]+")
_RUNS = re.compile(r"[\u3400-\u9FFF]+|[^\u3400-\u9FFF]+")
HAN = re.compile(r"[\u3400-\u9FFF]")
_PUNCTUATION = str.maketrans(
    {
        "、": ", ",
        "。": ". ",
        "《": " “",
        "》": "” ",
        "「": " “",
        "」": "” ",
        "【": " “",
        "】": "” ",
        "·": " ",
        "\n": ". ",
    }
)


def phonemes(text: str, latin: Latin, language: str = "zh") -> str:
    """Return `text` in Kokoro's symbols; what has no sound is left out, so that none may be left.

    Words are set apart by spaces, as in what Kokoro was trained with: without them two to three
    times as many characters were misheard. In text of another `language` all but the Chinese
    characters, numbers too, are `latin`'s to read.
    """
    parts: list[str] = []
    chinese = language == "zh"
    for part in _PARTS.findall(spoken(text)) if chinese else _RUNS.findall(text):
        if HAN.match(part):
            parts.append(" ".join(_word(word) for word in _segmenter().cut(part)))
        elif not chinese:
            parts.append(f" {latin(part)} " if re.search(r"\w", part) else part)
        elif part[0].isalpha() and part[0].isascii():
            parts.append(f" {latin(part.strip())} ")
        else:
            parts.append(part.translate(_PUNCTUATION))
    kept = "".join(c for c in "".join(parts) if c in SYMBOLS)
    return re.sub(r" +", " ", _CLOSE.sub(r"\1 ", kept)).strip()


@cache
def _segmenter() -> Any:
    # Lazy: its dictionary takes a second and 40 MB, for users who hear Chinese only. The source
    # of jieba 0.42 has escapes that newer Pythons warn about.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


def usual_words() -> tuple[tuple[str, int], ...]:
    """Return the words of the dictionary that text is parted by, and how often each was counted."""
    segmenter = _segmenter()
    segmenter.initialize()
    return tuple(segmenter.FREQ.items())


@cache
def _readings() -> Any:
    # Lazy for the same reason.
    import pypinyin

    return pypinyin


def _word(word: str) -> str:
    """Return a word in Kokoro's symbols; a character that no dictionary knows is left out."""
    read, style = _readings().lazy_pinyin, _readings().Style
    known = "".join(c for c in word if _reads(c))
    initials = read(known, style=style.INITIALS, strict=True)
    finals = read(known, style=style.FINALS_TONE3, strict=True, neutral_tone_with_five=True)
    return "".join(
        syllable(initial, final[:-1].replace("v", "ü"), final[-1:])
        for initial, final in zip(initials, finals, strict=True)
    )


def _reads(character: str) -> bool:
    return bool(_readings().lazy_pinyin(character, errors="ignore"))
