"""Which sentences of a document does a question need?

Ranked by BM25 (Robertson and Zaragoza 2009, doi:10.1561/1500000019) over the words of each
sentence with its heading and the ones beside it, and by the direction of its meaning where there is
an embedding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

from steward.models.leaving.terms import grams, size, terms

Embed = Callable[[Sequence[str]], Sequence[NDArray[np.float32]]]
"""Turns texts into vectors of length 1, of which near ones mean nearly the same."""

SHORT = 360
"""The size of a document that is sent as it is; three for a Chinese character, one for others."""
BUDGET = 700
"""The size of what is chosen of a longer one, at most."""
NEAR = 0.45
"""A sentence of this share of the best one's weight is still chosen."""
SURE = 0.5
"""The share of the question's words that what is chosen must have, to be believed."""
MIDDLING = 1_500
"""The size of a document of which all is sent when nothing in it is sure; of a longer one half."""
MEANT = 2
"""Sentences that the embedding adds."""
MAX_EMBEDDED = 64
"""Sentences that are embedded at most, the best by their words; each takes some 20 ms."""

_LINE = 240
"""The size of a line that is not parted: what it says belongs together."""
_END = re.compile(r"(?<=[。！？；!?])|(?<=[.!?;])\s+(?=[A-Z0-9\"“(])")
_WHOLE = re.compile(
    r"\b(?:summar\w+|sum (?:\w+ )?up|tl;?dr|gist|translat\w+|rewrite|rephrase|proofread|shorten"
    r"|main points?|key points?|overview|in short|what(?:'s| is) (?:this|it|the \w+) about|list all"
    r"|all (?:of )?the|every(?:thing)?|how many|tone|correct the)\b"
    r"|总结|概括|摘要|归纳|翻译|改写|润色|大意|要点|主要(?:内容|讲|说)|讲了什么|说了什么|全部|所有"
    r"|一共|哪几",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Return the short lines of `text` and the sentences of its long ones, none of them empty."""
    return [
        part.strip()
        for line in text.splitlines()
        for part in ([line] if size(line) <= _LINE else _END.split(line))
        if part and part.strip()
    ]


def whole(question: str) -> bool:
    """Tell whether `question` is about all of a document ("sum it up", "总结一下")."""
    return _WHOLE.search(question) is not None


def chosen(question: str, document: str, embed: Embed | None = None) -> str:
    """Return the sentences of `document` that `question` needs, in their order, with "…" for what
    was left out; all of a short one, and of one that no sentence of fits.
    """
    parts = sentences(document)
    if size(document) <= SHORT or len(parts) < 3:
        return document
    said = set(terms(question))
    asked, words = grams(question), [grams(part) for part in parts]
    weights = _weights(asked, words)
    order = [int(at) for at in np.argsort(-weights, kind="stable")]
    best = weights[order[0]]
    wanted = [at for at in order if best > 0 and weights[at] >= NEAR * best]
    if embed is not None:
        wanted = _merged(wanted, _meant(question, parts, order, embed))
    if not wanted:
        return document
    met = {word for at in wanted for word in words[at]}
    if embed is None and len(met.intersection(said)) < SURE * len(said):
        # Its words are not those of the question, which may be there all the same.
        return (
            document if size(document) <= MIDDLING else _joined(parts, {*order[: len(parts) // 2]})
        )
    kept: set[int] = set()
    for at in wanted:
        kept |= {at} if not kept or _size(parts, kept | {at}) <= BUDGET else set()
    return _joined(parts, kept)


def _weights(question: Sequence[str], parts: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """Weigh each part by its own words and, half as much, by those of the parts beside it."""
    known = {word for part in parts for word in part}
    asked = [word for word in dict.fromkeys(question) if word in known]
    if not asked:
        return np.zeros(len(parts), np.float32)
    ranker = bm25s.BM25()
    ranker.index([list(part) for part in parts], show_progress=False)
    own = np.asarray(ranker.get_scores(asked), np.float32)
    beside = np.zeros_like(own)
    beside[1:] += own[:-1]
    return own + np.float32(0.4) * beside


def _meant(question: str, parts: Sequence[str], order: Sequence[int], embed: Embed) -> list[int]:
    looked = sorted(order[:MAX_EMBEDDED])
    vectors = embed([f"query: {question}", *(f"passage: {parts[at]}" for at in looked)])
    likeness = [float(vector @ vectors[0]) for vector in vectors[1:]]
    ranked = sorted(zip(likeness, looked, strict=True), reverse=True)
    return [at for _, at in ranked[:MEANT]]


def _merged(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Take from both in turn, each number once."""
    longest = max(len(one), len(other))
    turns = [each[at] for at in range(longest) for each in (one, other) if at < len(each)]
    return list(dict.fromkeys(turns))


def _size(parts: Sequence[str], kept: set[int]) -> int:
    return sum(size(parts[at]) for at in kept)


def _joined(parts: Sequence[str], kept: set[int]) -> str:
    lines: list[str] = []
    last = -1
    for at in sorted(kept):
        if at != last + 1:
            lines.append("…")
        lines.append(parts[at])
        last = at
    return "\n".join(lines if last == len(parts) - 1 else [*lines, "…"])
