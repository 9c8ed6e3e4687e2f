"""Do two questions ask the same? Pure: words and how alike their meanings are.

An embedding alone can't tell: "is it not safe" lies nearer to "is it safe" than many a paraphrase.
The thresholds were chosen on forty pairs of questions; `bench/tiers.py` measures them on others.
"""

from __future__ import annotations

import re

from steward.models.leaving.terms import terms

ADDED = 0.93
"""How alike two questions must be where one only has more words than the other."""
SWAPPED = 0.975
"""How alike they must be where each has words that the other has not."""
_NOT = re.compile(
    r"\b(?:not|no|never|without|except|un\w+|cannot)\b|n['’]t\b|不(?!会打)|没|无|非|除了",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d+(?:[.,]\d+)*|[零一二两三四五六七八九十百千万亿]+(?=[个年月日岁次倍米公元块度战])"
)
_OPPOSITE = (
    "good bad|best worst|start end|begin end|first last|more less|most least|big small"
    "|large small"
    "|high low|hot cold|warm cold|old young|old new|fast slow|north south|east west|left right"
    "|up down"
    "|increase decrease|lower raise|before after|open close|buy sell|win lose|inside outside"
    "|male female"
    "|largest smallest|highest lowest|longest shortest|oldest youngest|fastest slowest"
    "|birth death"
    "|born die|cause cure|advantage disadvantage|pro con|import export|summer winter|day night"
    "|好处 坏处|优点 缺点|开始 结束|最大 最小|最高 最低|最长 最短|出生 去世|出生 逝世|上 下"
    "|左 右|前 后|东 西"
    "|南 北|多 少|高 低|大 小|长 短|冷 热|夏天 冬天|白天 晚上|利 弊|买 卖|增加 减少|升高 降低"
)
_PAIRS = tuple(
    tuple(frozenset(terms(word) or [word]) for word in pair.split())
    for pair in _OPPOSITE.split("|")
)


def alike(one: str, other: str, likeness: float) -> bool:
    """Tell whether two questions of one language ask the same; `likeness` is that of their
    directions of meaning, -1 to 1, or 0 where nobody knows it."""
    a, b = terms(one), terms(other)
    if not a or not b or bool(_NOT.search(one)) != bool(_NOT.search(other)):
        return False
    if sorted(_NUMBER.findall(one)) != sorted(_NUMBER.findall(other)):
        return False
    only_a, only_b = set(a) - set(b), set(b) - set(a)
    shared = set(a) & set(b)
    if not shared or _ordered(a, shared) != _ordered(b, shared) or _opposite(only_a, only_b):
        return False
    if not only_a and not only_b:
        return likeness == 0 or likeness >= ADDED
    return likeness >= (SWAPPED if only_a and only_b else ADDED)


def _ordered(words: list[str], shared: set[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word in shared]


def _opposite(one: set[str], other: set[str]) -> bool:
    return any(
        (left <= one and right <= other) or (right <= one and left <= other)
        for left, right in _PAIRS
    )
