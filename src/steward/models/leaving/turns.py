"""Which of the turns before does a question need to be understood?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from steward.models.leaving.terms import terms
from steward.thinking import Message

Turn: TypeAlias = tuple[Message, ...]
"""What somebody said and what was answered."""

MAX_TURNS = 3
"""Of those before at most, the latest that are needed."""
LONGEST = 600
"""Characters of an answer before; of a longer one the beginning is what is leant on."""
_FEW = 4
"""A comparison with fewer words that say something has its other half in the turn before it."""
_SHARED = 0.5
"""The share of the question's words that a turn has in common with it, to belong to it."""

_LEANS = re.compile(
    r"\b(?:it|its|he|him|his|she|her|hers|they|them|their|theirs|those|these|there|ones?|same"
    r"|another|instead|again|else|other|latter|former|previous|earlier|above|continue|go on"
    r"|you (?:just )?(?:said|mentioned|told)|first one|second one)\b"
    r"|\b(?:that|this)\b(?! (?:is|was|the|a|an|i|we|you|he|she|they)\b)"
    r"|^\W*(?:and|or|but|so|then|what about|how about|what if|really|more|in which|which one)\b"
    r"|[它他她][们的]?|这|那(?!么多)|其[中他它]|此|刚才|刚刚|上面|前面|之前说|继续|接着|换一个"
    r"|另[一外]|别的|还有(?:呢|吗|什么)|呢[？?]?$|^(?:哪[种个些颗]|几[月点号]|那|然后|所以|怎么会|再)",
    re.IGNORECASE,
)

_MORE = re.compile(
    r"\b(?:more|less|better|worse|best|worst|cheaper|bigger|larger|smaller|faster|slower|older"
    r"|younger|newer|shorter|longer|stronger|weaker|lighter|darker|warmer|cooler|nicer|simpler|safer"
    r"|milder|\w{3,}(?:ier|iest))\b|更|比较|最",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"^\W*(?:what(?:'s| is)|who (?:is|was)|explain|define)\s+(?!(?:it|its|that|this|he|she|they|the"
    r" (?:other|same|first|second|difference))\b)[\w '-]+\W*$|^什么是[^它这那其]+$",
    re.IGNORECASE,
)


def relevant(text: str, before: Sequence[Message]) -> tuple[Message, ...]:
    """Return those messages of `before`, in their order, that the question `text` needs.

    A question that leans on what was said ("and how old is it?", "那它呢") needs the turn before,
    and if that leans too, the one before that. A turn about the same words is needed as well.
    """
    turns = in_turns(before)
    needed: set[int] = set()
    leaning, at = text, len(turns) - 1
    while at >= 0 and len(needed) < MAX_TURNS and _leans(leaning):
        needed.add(at)
        leaning, at = turns[at][0].content, at - 1
    asked = set(terms(text))
    for number in reversed(range(len(turns))):
        said = set(terms(turns[number][0].content))
        if len(needed) < MAX_TURNS and len(asked & said) >= max(2, _SHARED * len(asked)):
            needed.add(number)
    return tuple(_shortened(message) for number in sorted(needed) for message in turns[number])


def _leans(text: str) -> bool:
    words = set(terms(text))
    if _LEANS.search(text):
        return True
    compares = len(words) < _FEW and _MORE.search(text) is not None
    return not _DEFINES.search(text) and (len(words) < 2 or compares)


def in_turns(before: Sequence[Message]) -> list[Turn]:
    """Return the messages of `before` by what each of them answers."""
    turns: list[list[Message]] = []
    for message in before:
        if message.role == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return [tuple(turn) for turn in turns]


def _shortened(message: Message) -> Message:
    if len(message.content) <= LONGEST:
        return message
    return Message(message.role, message.content[:LONGEST].rsplit(" ", 1)[0] + " …")
