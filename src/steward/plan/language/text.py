"""Words before they are parsed: which language they may be in, and one plain spelling of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import opencc

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
"""Chinese characters: CJK Unified Ideographs and Extension A (Unicode 16, blocks)."""

_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile("[A-Za-z]{2}")
_KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}])\\s+(?=[{HAN}\\w])|(?<=\\w)\\s+(?=[{HAN}])")
_END = re.compile(r"[\s.,!?;:…·。，！？；：、~～]+$")
_START = re.compile(r"^[\s.,!?;:…·。，！？；：、~～¿¡]+")
_QUOTES = re.compile('["“”„«»「」『』《》]')
HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
"""A hyphen between letters, which is a space: "TP-LINK"."""
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = "[零〇一二两三四五六七八九十百千]+"
_MEASURE = "度|摄氏度|个?半?小时|个?钟头|个?半?钟|分(?!点)|秒|刻钟|%"
_AFTER_NUMERAL = re.compile(f"({_NUMERAL})(?:点({_NUMERAL}))?(?={_MEASURE})")
_BEFORE_NUMERAL = re.compile(f"(?<=[到至为成])({_NUMERAL})(?:点({_NUMERAL}))?(?![{HAN}])")
_PERCENT = re.compile(f"百分之(\\d+|{_NUMERAL})")
_TWICE = re.compile("([拉调开关看听试降升放收扫拖擦浇洗烘吹锁停播换查])一\\1")
"""A verb said twice with a "一" that counts nothing: "拉一拉"."""
_POLITE = re.compile(
    "^你?(?:能不能|可不可以|可以|能|能够)(?:请你|帮我|给我|帮忙)?(?![做干说帮])(.+?)吗?$"
)


def _tenths(match: re.Match[str]) -> str:
    """Write "21度五" as the shop does: 21.5."""
    return f"{match[1]}.{_DIGITS.get(match[2], match[2])}度"


_AND_A_HALF = re.compile(
    r"\b(?:an?|one) (degree|notch|step|point|kilo|kilogram|litre|liter) and a half\b", re.IGNORECASE
)
_TIMES = (
    (re.compile(r"俩(?=个?(?:半?小时|钟头|分钟))"), lambda _: "2"),
    (re.compile(r"(\d+)个半(?:小时|钟头)"), lambda m: f"{int(m[1]) * 60 + 30}分钟"),
    (re.compile(r"半个?(?:小时|钟头)"), lambda _: "30分钟"),
    (re.compile(r"(\d+)刻钟"), lambda m: f"{int(m[1]) * 15}分钟"),
    (re.compile(r"(\d+)分半钟?"), lambda m: f"{int(m[1])}分30秒"),
    (re.compile(r"半分钟"), lambda _: "30秒"),
    (re.compile(r"(\d+)度半"), lambda m: f"{m[1]}.5度"),
    (re.compile(r"(\d+)度([1-9一二三四五六七八九])$"), _tenths),
    (re.compile(r"百分百|百分之百"), lambda _: "100%"),
    (re.compile(r"半度"), lambda _: "0.5度"),
    (re.compile(r"([华摄]氏)(\d+(?:\.\d+)?)度"), lambda m: f"{m[2]}{m[1]}度"),
)


def is_chinese(text: str) -> bool:
    """Tell whether `text` is written in Chinese: it has Han characters and no kana or hangul."""
    return bool(_HAN.search(text)) and not _KANA_OR_HANGUL.search(text)


def languages_of(text: str, language: str | None, configured: Sequence[str]) -> tuple[str, ...]:
    """Return the languages in which `text` is to be tried, in order.

    The script of Chinese leaves no choice; otherwise the language that the recogniser heard, and
    on typed text each configured one.
    """
    if is_chinese(text) and (language is None or language.partition("-")[0] not in {"ja", "yue"}):
        # "Run 营业模式" is an English sentence with a Chinese name in it.
        mixed = _LATIN_WORD.search(text) and "en" in configured
        return ("zh", "en") if mixed and language is None else ("zh",)
    if language is not None:
        return (language,)
    others = tuple(name for name in configured if name.partition("-")[0] != "zh")
    return others or tuple(configured) or ("en",)


def plain(text: str, language: str) -> str:
    """Return `text` in the one spelling that sentences and names are compared in.

    Full-width forms, quotes and the punctuation around it are gone, letters joined by a hyphen are
    apart. Chinese is in simplified characters, without spaces, its numbers in digits where they
    measure something ("二十四度" is "24度", but "二楼" stays).
    """
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = _QUOTES.sub("", text)
    text = _START.sub("", _END.sub("", text))
    text = HYPHEN.sub(" ", text).replace("_", " ")
    text = _AND_A_HALF.sub(r"1.5 \1s", " ".join(text.split()))
    if language.partition("-")[0] == "zh":
        text = _chinese(text)
    return text


def _chinese(text: str) -> str:
    text = _BETWEEN_HAN.sub("", _simplifier().convert(text))
    if polite := _POLITE.match(text):
        text = polite[1]
    text = _TWICE.sub(r"\1", text)
    text = _PERCENT.sub(lambda m: f"{chinese_number(m[1])}%", text)
    text = _AFTER_NUMERAL.sub(_decimal, text)
    text = _BEFORE_NUMERAL.sub(_decimal, text)
    for pattern, spell in _TIMES:
        text = pattern.sub(spell, text)
    return text


def _decimal(match: re.Match[str]) -> str:
    whole = str(chinese_number(match[1]))
    if match[2] is None:
        return whole
    if match.string[match.end() : match.end() + 1] in tuple("分秒刻"):
        return f"{whole}点{chinese_number(match[2])}"
    return f"{whole}.{''.join(str(_DIGITS.get(c, '')) for c in match[2])}"


def chinese_number(numeral: str) -> int:
    """Return a Chinese numeral below ten thousand; of several readings the positional one."""
    if numeral.isdigit():
        return int(numeral)
    if not any(c in _UNITS for c in numeral):
        return int("".join(str(_DIGITS[c]) for c in numeral))
    total, digit = 0, None
    for char in numeral:
        if char in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        else:
            digit = _DIGITS[char]
    return total + (digit or 0)


@cache
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")
