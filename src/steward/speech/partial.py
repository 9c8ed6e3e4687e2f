"""Which of the words so far will stay? Pure."""

from __future__ import annotations

import re

_UNIT = re.compile(r"[぀-ヿ㐀-䶿一-鿿]|[^\s぀-ヿ㐀-䶿一-鿿]+|\s+")
"""A word, or a character of a writing without spaces."""


def stable_words(stable: str, before: str, now: str) -> str:
    """Return the begin of `now` that stays: what was `stable`, and on while `before` agrees.

    Case and punctuation may still change. What has once been stable is never taken back: where
    `now` contradicts it, it stays as it was.
    """
    was, units = _units(stable), _units(now)
    if _plain(units[: len(was)]) != _plain(was):
        return stable
    agreed = len(was)
    earlier = _units(before)
    # The last unit of a reading is cut off by the end of its sound.
    while agreed < min(len(earlier), len(units)) - 1:
        if _plain([earlier[agreed]]) != _plain([units[agreed]]):
            break
        agreed += 1
    if agreed == len(was):
        return stable
    return "".join(units[:agreed]).rstrip()


def _units(text: str) -> list[str]:
    return _UNIT.findall(text)


def _plain(units: list[str]) -> list[str]:
    return [re.sub(r"[\W_]+", "", unit).casefold() for unit in units]
