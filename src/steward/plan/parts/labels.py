"""Numbers in Chinese names: "二号棚" is greenhouse two."""

from __future__ import annotations

import re

from steward.plan.language.lexicon import Word
from steward.plan.language.text import chinese_number
from steward.plan.parts.glosses import Found

_NUMBER = re.compile("([一二三四五六七八九十]+)号")


def counted(loose: str, after_number: bool) -> Found:
    """Return the Chinese characters of a name that no noun covers, a number apart: "二号" is 2.

    "号" goes without saying `after_number`.
    """
    loose = loose.removeprefix("号") if after_number else loose
    hit = _NUMBER.match(loose)
    found: list[tuple[Word, tuple[str, ...]]] = []
    if hit:
        found.append((tuple(hit[0]), (f"={chinese_number(hit[1])}",)))
        loose = loose[hit.end() :]
    return [*found, (tuple(loose), ("=" + loose,))] if loose else found
