"""Numbers as people say them, in English and Chinese words and in digits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from steward.plan.language.lexicon import Lexicon, Word

ONES = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
"""English words of numbers: those up to nineteen, and the tens."""

_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_HALVED = frozenset(
    {"degree", "notch", "step", "point", "度", "格", "档", "斤", "公斤", "千克"}
    | {"kilo", "kilogram", "litre", "liter"}
)
_WHOLE = frozenset({"kilo", "kilogram", "gram", "litre", "liter", "pound"})
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}


def number_at(words: Sequence[str], start: int) -> tuple[float, int] | None:
    """Return the number that begins at `words[start]` and how many words it takes, or None.

    `words` are casefolded; Chinese characters are words of their own.
    """
    word = words[start]
    if (
        word == "half"
        and list(words[start + 1 : start + 2]) == ["a"]
        and _measures(words, start + 2)
    ):
        return 0.5, 2
    if word in ("a", "an") and _WHOLE.intersection(words[start + 1 : start + 2]):
        return 1.0, 1
    if word == "半" and _measures(words, start + 1):
        return 0.5, 1
    if word.replace(".", "", 1).isdigit() and word.isascii():
        return _halved(float(word), words, start + 1, start)
    if word in _HAN_DIGITS or word in _HAN_SCALES:
        return _chinese(words, start)
    return _english(words, start)


def _measures(words: Sequence[str], position: int) -> bool:
    """Tell whether a unit follows, of which there can be half a one."""
    one, two = words[position : position + 1], words[position : position + 2]
    return bool(_HALVED.intersection([*one, "".join(two)]))


def is_count(said: Word, start: int, end: int, lex: Lexicon) -> bool:
    """Tell whether a number that is also a name here ("一") has a unit after it.

    It is that of the words `said` from `start` to `end`.
    """
    number = number_at(said, start)
    if number is None or start + number[1] != end:
        return False
    after = (said[end : end + length] for length in range(1, 4))
    return any({"percent", "degree", "measure"} & lex.senses.get(word, {}).keys() for word in after)


def share_at(words: Sequence[str], start: int) -> tuple[float, int] | None:
    """Return the share in percent ("three quarters", "三成", "四分之一") that begins there."""
    number = number_at(words, start)
    count, used = number if number else (1.0, 0)
    if words[start] in ("a", "one"):
        count, used = 1.0, 1
    rest = [word.removesuffix("s") for word in words[start + used : start + used + 3]]
    if used and rest and rest[0] in _PARTS:
        share = 100 * count / _PARTS[rest[0]]
        return (share, used + 1) if share <= 100 else None
    if used and rest and rest[0] == "成":
        return (10 * count, used + 1) if count <= 10 else None
    if used and list(words[start + used : start + used + 2]) == ["out", "of"]:
        whole = number_at(words, start + used + 2) if start + used + 2 < len(words) else None
        if whole is not None and whole[0] in (5, 10, 100) and count <= whole[0]:
            return 100 * count / whole[0], used + 2 + whole[1]
    if used and rest[:2] == ["分", "之"]:
        above = number_at(words, start + used + 2) if start + used + 2 < len(words) else None
        if above is not None and count:
            share = float(100 * Fraction(above[0]) / Fraction(count))
            return share, used + 2 + above[1]
    return None


def _counts(words: Sequence[str], position: int) -> bool:
    """Tell whether a number below a hundred goes on there: "one hundred and twenty"."""
    return any(word in ONES or word in TENS for word in words[position : position + 1])


def _halved(number: float, words: Sequence[str], after: int, start: int) -> tuple[float, int]:
    if list(words[after : after + 3]) == ["and", "a", "half"]:
        return number + 0.5, after + 3 - start
    return number, after - start


def _english(words: Sequence[str], start: int) -> tuple[float, int] | None:
    total, current, position = 0.0, 0.0, start
    while position < len(words):
        word = words[position]
        if word in TENS and current % 100 == 0:
            current += TENS[word]
        elif word in ONES and (current % 100 == 0 or (current % 10 == 0 and current % 100 >= 20)):
            if word in ("zero",) and (current or total):
                break
            current += ONES[word]
        elif word == "thousand" and current:
            total, current = total + current * 1000, 0.0
        elif word == "hundred" and current:
            current *= 100
        elif word == "and" and current and current % 100 == 0 and _counts(words, position + 1):
            pass
        elif word == "hundred" and position == start:
            current = 100
        elif word == "point" and position + 1 < len(words) and words[position + 1] in ONES:
            current += ONES[words[position + 1]] / 10
            position += 2
            break
        else:
            break
        position += 1
    if position == start:
        return None
    return _halved(total + current, words, position, start)


def _chinese(words: Sequence[str], start: int) -> tuple[float, int]:
    position, total, digit, run = start, 0, None, ""
    while position < len(words) and (
        words[position] in _HAN_DIGITS or words[position] in _HAN_SCALES
    ):
        char = words[position]
        if char in _HAN_SCALES:
            total += (1 if digit is None else digit) * _HAN_SCALES[char]
            digit, run = None, ""
        else:
            digit = _HAN_DIGITS[char]
            run += str(digit)
        position += 1
    value = float(total + int(run or 0))
    return value, position - start
