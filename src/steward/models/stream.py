"""The chunks of a streamed chat completion, in OpenAI's form, become Tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steward.thinking import Generation, Token

PLAIN = Generation()
"""How to generate when nobody says how: greedy, short, free."""
NO_LOGPROB = float("-inf")
"""The log-probability where the peer gives none: probability 0, so that no gate lets it pass."""
_ROUNDING = 1e-3
"""So much above zero is the arithmetic of whoever computed it."""


def tokens_of(chunk: Mapping[str, Any]) -> list[Token]:
    """Return the tokens of one chunk; most have one, the first and the last have none.

    A chunk's text may be cut otherwise than its list of log-probabilities (a peer holds back half a
    character). Then it is one Token with the sum of them, which keeps the answer's total right.

    Raises:
        KeyError, TypeError, IndexError, AttributeError, ValueError, OverflowError: the chunk is not
            of OpenAI's form.
    """
    choices = chunk["choices"]
    if not choices:
        return []
    choice = choices[0]
    text = choice["delta"].get("content") or ""
    if not isinstance(text, str):
        raise TypeError("content is text")
    scored = (choice.get("logprobs") or {}).get("content") or []
    if "".join(item["token"] for item in scored) == text and scored:
        return [Token(item["token"], _logprob(item), _rival(item)) for item in scored]
    if not text:
        return []
    total = sum(_logprob(item) for item in scored) if scored else NO_LOGPROB
    return [Token(text, total)]


def _logprob(item: Mapping[str, Any]) -> float:
    """Return a log-probability; what is none, such as NaN, counts as unknown."""
    told = float(item["logprob"])
    return min(told, 0.0) if told < _ROUNDING else NO_LOGPROB


def _rival(item: Mapping[str, Any]) -> float | None:
    others = [other for other in item.get("top_logprobs") or () if other["token"] != item["token"]]
    return max(map(_logprob, others), default=None)
