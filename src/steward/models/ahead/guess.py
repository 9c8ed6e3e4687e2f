"""Guesses of what comes next, each cheaper than asking the network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from steward.models.ahead.network import Network, Past, Vector

_SHORTEST = 2
"""Bytes of a string before it is worth looking for."""
_SAID = re.compile(rb"[^.,;:!?\"\n]+")
"""What can still be the same words."""


class Guesser(Protocol):
    """Guesses tokens. A wrong guess costs time and never changes the answer."""

    def guess(self, tokens: Sequence[int]) -> Sequence[int]:
        """Return what may follow `tokens`."""


class Repeats:
    """What followed when the last `length` tokens stood in the text before (prompt lookup).

    https://github.com/apoorvumang/prompt-lookup-decoding
    """

    def __init__(self, length: int = 3, most: int = 6) -> None:
        """Compare `length` tokens, guess at most `most`."""
        self._length = length
        self._most = most
        self._known: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}

    def guess(self, tokens: Sequence[int]) -> Sequence[int]:
        """Return what followed the last place with the same end."""
        self._learn(tokens)
        end = self._after.get(tuple(tokens[-self._length :]))
        return [] if end is None else list(tokens[end : end + self._most])

    def _learn(self, tokens: Sequence[int]) -> None:
        known = len(self._known)
        if list(tokens[:known]) != self._known:
            self._after.clear()
            known = 0
        # Not the end itself: nothing follows it yet.
        for end in range(max(known, self._length), len(tokens)):
            self._after[tuple(tokens[end - self._length : end])] = end
        self._known = list(tokens)


class Quotes:
    """What follows, in the text before, what a JSON string holds so far.

    The values in a call of a tool are mostly words that somebody has said. Compared as text, for
    after a quotation mark the same words are other tokens than after a space.
    """

    def __init__(self, network: Network, most: int = 3) -> None:
        """Guess at most `most` tokens, as the tokenizer of `network` cuts them."""
        self._network = network
        self._most = most
        self._tokens: list[int] = []
        self._text = bytearray()

    def guess(self, tokens: Sequence[int]) -> Sequence[int]:
        """Return what followed the open string where it was said last."""
        text = self._read(tokens)
        before, mark, value = text.rpartition(b'"')
        if len(value) < _SHORTEST or not value[:1].isalnum() or not mark:
            return []
        at = before.rfind(b" " + value)
        said = before[at + 1 + len(value) :] if at >= 0 else b""
        ends = _SAID.match(said)
        rest = ends.group() if ends else b""
        return self._network.tokenize(rest)[: self._most] if rest else []

    def _read(self, tokens: Sequence[int]) -> bytes:
        known = shared(self._tokens, tokens)
        if known < len(self._tokens):
            self._text.clear()
            known = 0
        for token in tokens[known:]:
            self._text += self._network.piece(token)
        self._tokens = list(tokens)
        return bytes(self._text)


class Smaller:
    """What a smaller network with the same vocabulary would say (speculative decoding).

    Leviathan et al. 2023, https://arxiv.org/abs/2211.17192, for greedy choices. It goes on while
    the chance that all is right, as it thinks, is at least `sure`.
    """

    def __init__(self, past: Past, most: int = 4, sure: float = 0.0) -> None:
        """Ask the network of `past`, for at most `most` tokens at a time."""
        self._past = past
        self._most = most
        self._sure = sure

    def guess(self, tokens: Sequence[int]) -> Sequence[int]:
        """Return its own greedy continuation."""
        past = self._past
        past.keep(min(shared(past.tokens, tokens), len(tokens) - 1))
        pending = list(tokens[len(past.tokens) :])
        guessed: list[int] = []
        chance = 1.0
        while len(guessed) < self._most:
            while len(pending) > past.batch:
                past.compute(pending[: past.batch], [False] * past.batch)
                del pending[: past.batch]
            past.compute(pending, [False] * (len(pending) - 1) + [True])
            token, share = likeliest(past.scores(len(pending) - 1))
            chance *= share
            if chance < self._sure:
                break
            pending = [token]
            guessed += pending
        return guessed


def likeliest(scores: Vector) -> tuple[int, float]:
    """Return the number of the highest of `scores`, which are logits, and its probability."""
    best = int(scores.argmax())
    return best, 1 / float(np.exp(scores - scores[best]).sum())


def alike(one: Network, other: Network) -> bool:
    """Tell whether two networks have the same tokens."""
    return one.size == other.size and all(
        one.piece(token, special=True) == other.piece(token, special=True)
        for token in range(one.size)
    )


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens both begin with."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count
