"""Pieces of a long text that are looked at one by one, so that the work grows with its length.

Patterns of addresses and names try again at every word how far something goes on; in a text of some
thousand odd words that is slow. No piece of personal data is longer than what two pieces share.
"""

from __future__ import annotations

from collections.abc import Iterator

LONGEST = 1_500
"""Characters of a piece at most."""
SHARED = 400
"""Characters that a piece has in common with the one before it, at least; what is found nearer
than half of that to a cut is left to the other piece."""
_BREAKS = ("\n", " ", "。", "，")


def windows(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of pieces that cover `text`, each `LONGEST` characters at most.

    A piece ends behind a space, a line or a clause where there is one near.
    """
    start = 0
    while len(text) - start > LONGEST:
        limit = start + LONGEST
        cuts = (text.rfind(sign, limit - SHARED // 4, limit) + 1 for sign in _BREAKS)
        end = max(cuts, default=0) or limit
        yield start, end
        start = _begin(text, end - SHARED)
    yield start, len(text)


def _begin(text: str, near: int) -> int:
    """Return where the word begins that holds `near`, or `near` in one that is very long."""
    cuts = (text.rfind(sign, near - SHARED // 4, near) + 1 for sign in _BREAKS)
    return max(cuts, default=0) or near
