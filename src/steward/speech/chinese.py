"""Chinese text for the voice: numbers and signs as words, words as sounds."""

from __future__ import annotations

import logging
import re
import unicodedata
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

from steward.speech.symbols import SYMBOLS, syllable

Latin = Callable[[str], str]
"""Turns a run of Latin words into Kokoro's symbols."""

_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_LONGEST_NUMBER = 13
"""Digits; a longer number is a telephone or serial number and is read digit by digit."""
_UNITS = {
    "%": "百分之",
    "°C": "摄氏度",
    "°F": "华氏度",
    "°": "度",
    "km/h": "公里每小时",
    "m/s": "米每秒",
    "kWh": "千瓦时",
    "kW": "千瓦",
    "W": "瓦",
    "km": "公里",
    "cm": "厘米",
    "mm": "毫米",
    "m": "米",
    "kg": "公斤",
    "g": "克",
    "ml": "毫升",
    "L": "升",
    "lx": "勒克斯",
    "hPa": "百帕",
    "ppm": "PPM",
    "V": "伏",
    "A": "安",
}
_UNIT = "|".join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True) if u != "%")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_CLOCK = re.compile(r"(?<![0-9])([01]?[0-9]|2[0-4]):([0-5][0-9])(?::[0-5][0-9])?(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])([0-9]{4})(?=年)")
_RANGE = re.compile(r"(?<=[0-9])\s*[-~–]\s*(?=[0-9])")
_PERCENT = re.compile(rf"(?<![0-9])(-?)({_NUMBER})\s*%")
_MEASURE = re.compile(rf"({_NUMBER})\s*({_UNIT})(?![A-Za-z])")
_PLAIN = re.compile(rf"(-(?=[0-9]))?({_NUMBER})")
_CLOSE = re.compile(r"([,;:!?.])(?=[^\s,;:!?.…”)])")
_PARTS = re.compile(r"[\u3400-\u9FFF]+|[A-Za-z][A-Za-z'’ -]*|[^\u3400-\u9FFFA-Za-z]+")
_HAN = re.compile(r"[\u3400-\u9FFF]")
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


def spoken(text: str) -> str:
    """Return `text` with its numbers, clock times and units written out in Chinese."""
    text = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text))
    text = _CLOCK.sub(lambda m: _clock(m[1], m[2]), text)
    text = _YEAR.sub(lambda m: _digits(m[1]), text)
    text = _RANGE.sub("到", text)
    text = _PERCENT.sub(lambda m: ("负" if m[1] else "") + "百分之" + _number(m[2]), text)
    text = _MEASURE.sub(lambda m: m[1] + _UNITS[m[2]], text)
    return _PLAIN.sub(lambda m: ("负" if m[1] else "") + _number(m[2]), text)


def phonemes(text: str, latin: Latin) -> str:
    """Return `text` in Kokoro's symbols; what has no sound is left out, so that none may be left.

    Words are set apart by spaces, as in what Kokoro was trained with: without them two to three
    times as many characters were misheard.
    """
    parts: list[str] = []
    for part in _PARTS.findall(spoken(text)):
        if _HAN.match(part):
            parts.append(" ".join(_word(word) for word in _segmenter().cut(part)))
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


@cache
def _readings() -> Any:
    # Lazy for the same reason.
    import pypinyin

    return pypinyin


@cache
def _numbers() -> Any:
    # Lazy for the same reason.
    import cn2an

    return cn2an


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


def _clock(hour: str, minute: str) -> str:
    said = _number(str(int(hour))) + "点"
    if minute == "00":
        return said + "整"
    return said + ("零" if minute[0] == "0" else "") + _number(str(int(minute))) + "分"


def _number(number: str) -> str:
    whole = number.partition(".")[0]
    if len(whole) > _LONGEST_NUMBER or (len(whole) > 1 and whole[0] == "0"):
        return _digits(number)
    said: str = _numbers().an2cn(number)
    return said


def _digits(number: str) -> str:
    return "".join("点" if c == "." else _DIGITS[c] for c in number)
