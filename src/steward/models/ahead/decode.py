"""The answer of a network, token by token, several computed at once.

A token is the likeliest that the grammar allows; with a temperature, the likeliest after noise that
depends on the seed and the place only (https://arxiv.org/abs/1611.01144), which is the same as
drawing it. So what is right at a place is one token, and a guess can be compared with it. Three
things need no scores: a token that is the only one allowed; a forced end, which is not computed at
all; and what comes before the last token of the prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from steward.models.ahead.guess import Guesser, shared
from steward.models.ahead.network import Past, Vector
from steward.models.ahead.rules import Mask, Rules
from steward.models.stream import NO_LOGPROB

FORCED = 48
"""Forced tokens that are computed at once, at most."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a network: `most` tokens, at `temperature` with `seed`.

    `scored` wants the log-probability of each, also where the grammar leaves no choice.
    """

    most: int
    temperature: float = 0.0
    seed: int = 0
    scored: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A token and the logarithm of its probability before the grammar.

    That is `NO_LOGPROB` where there was no choice and no score was wanted: none was computed.
    """

    token: int
    logprob: float = NO_LOGPROB


@dataclass(slots=True)
class Count:
    """How the tokens of an answer came about."""

    computed: int = 0
    """Batches."""
    guessed: int = 0
    """Tokens that were guessed and computed."""
    right: int = 0
    """Those of them that were right."""
    ended: int = 0
    """Tokens of forced ends, not computed."""


@dataclass(slots=True)
class Draft:
    """Guessed tokens; `masks[i]` is what the grammar allows in place of the i-th, and one more."""

    tokens: list[int] = field(default_factory=list)
    masks: list[Mask | None] = field(default_factory=list)
    ends: bool = False
    """All of it is forced, and nothing can follow."""


class Decoder:
    """Answers with the network of `past`; keeps what it computed for the next prompt."""

    def __init__(
        self, past: Past, guessers: Sequence[Guesser] = (), *, forced: bool = True
    ) -> None:
        """Ask `guessers` in their order; `forced` looks ahead over what the grammar forces."""
        self.past = past
        self.count = Count()
        self._guessers = guessers
        self._forced = forced

    def answer(
        self, prompt: Sequence[int], wish: Wish, rules: Rules | None = None
    ) -> Iterator[Chosen]:
        """Yield the answer's tokens, without the one that ends it.

        Raises:
            ModelError: prompt and answer do not fit into the context.
        """
        past = self.past
        past.keep(min(shared(past.tokens, prompt), len(prompt) - 1))
        pending = list(prompt[len(past.tokens) :])
        given = 0
        while given < wish.most:
            text = past.tokens + pending
            draft = self._draft(text, rules, wish.most - given)
            if draft.ends and not wish.scored:
                self.count.ended += len(draft.tokens)
                yield from map(Chosen, draft.tokens)
                return
            chosen = self._check(pending, draft, wish)[: wish.most - given]
            for each in chosen:
                if past.network.is_end(each.token):
                    return
                yield each
            given += len(chosen)
            pending = [chosen[-1].token]
            if rules is not None:
                rules.take([each.token for each in chosen])
                if rules.over:
                    return

    def _draft(self, text: list[int], rules: Rules | None, most: int) -> Draft:
        if rules is None:
            tokens = self._guess(text)[: most - 1]
            return Draft(tokens, [None] * (len(tokens) + 1))
        draft = Draft()
        certain = True
        while len(draft.tokens) < min(most, FORCED):
            next_ones = rules.forced() if self._forced else []
            if not next_ones:
                if draft.tokens and rules.over:
                    draft.ends = certain
                    break
                next_ones, certain = self._guess(text + draft.tokens), False
                next_ones = next_ones[: rules.fitting(next_ones)]
            if not next_ones:
                break
            for token in next_ones[: most - len(draft.tokens)]:
                draft.masks.append(rules.allowed())
                draft.tokens.append(token)
                rules.take([token])
        draft.masks.append(self._only_end() if rules.over else rules.allowed())
        rules.back(len(draft.tokens))
        return draft

    def _only_end(self) -> Mask:
        mask = np.zeros(self.past.network.size, np.bool_)
        mask[self.past.network.end] = True
        return mask

    def _guess(self, text: list[int]) -> list[int]:
        for guesser in self._guessers:
            if guessed := guesser.guess(text):
                return list(guessed)
        return []

    def _check(self, pending: list[int], draft: Draft, wish: Wish) -> list[Chosen]:
        """Compute `pending` and the draft; return the right tokens and the one after them."""
        past = self.past
        rest = list(pending)
        while len(rest) + len(draft.tokens) > past.batch and len(rest) > 1:
            part = rest[: min(past.batch, len(rest) - 1)]
            past.compute(part, [False] * len(part))
            del rest[: len(part)]
        del draft.tokens[past.batch - len(rest) :], draft.masks[past.batch - len(rest) + 1 :]
        only = [_only(mask) for mask in draft.masks]
        wanted = [False] * (len(rest) - 1) + [wish.scored or each is None for each in only]
        past.compute(rest + draft.tokens, wanted)
        place, first = len(past.tokens) - len(draft.tokens), len(rest) - 1
        chosen: list[Chosen] = []
        for at, (mask, sure) in enumerate(zip(draft.masks, only, strict=True)):
            if sure is None or wish.scored:
                chosen.append(_choose(past.scores(first + at), mask, wish, place + at))
            else:
                chosen.append(Chosen(sure))
            if at == len(draft.tokens) or chosen[-1].token != draft.tokens[at]:
                break
        right = len(chosen) - 1
        past.keep(place + right)
        self.count.computed += 1
        self.count.guessed += len(draft.tokens)
        self.count.right += right
        return chosen


def _only(mask: Mask | None) -> int | None:
    """Return the one token that `mask` allows, None where there are several."""
    if mask is None:
        return None
    token = int(mask.argmax())
    return None if mask[token + 1 :].any() else token


def _choose(scores: Vector, mask: Mask | None, wish: Wish, place: int) -> Chosen:
    ranked = scores
    if wish.temperature > 0:
        noise = np.random.default_rng((wish.seed, place)).gumbel(size=len(scores))
        ranked = scores / wish.temperature + noise.astype(np.float32)
    token = int(ranked.argmax())
    if mask is not None and not mask[token]:
        token = int(np.where(mask, ranked, -np.inf).argmax())
    if not wish.scored:
        return Chosen(token)
    top = float(scores.max())
    total = top + float(np.log(np.exp(scores - top).sum()))
    return Chosen(token, float(scores[token]) - total)
