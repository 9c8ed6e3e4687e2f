"""Text in pieces that a voice can say one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 60
"""Characters in one piece: about 12 seconds of Chinese speech, well under Kokoro's limit."""
SHORTEST = 4
"""Characters; a shorter piece is said together with the next one, or it would sound faint."""
_END = re.compile(r"[。！？；，、：…\n]+[”’」』）)]*|[.!?;,:]+[”’」』）)\"']*(?=\s|$)")


def clauses(text: str) -> Iterator[str]:
    """Yield the clauses of Chinese or mixed `text`, each with the sign that ends it.

    All but the last have at least four characters, and none more than 60. What holds no letter or
    digit is left out.
    """
    waiting = ""
    for piece in _cut(text):
        waiting += piece
        if len(waiting.strip()) < SHORTEST:
            continue
        yield from _speakable(waiting)
        waiting = ""
    yield from _speakable(waiting)


def _cut(text: str) -> Iterator[str]:
    begin = 0
    for match in _END.finditer(text):
        yield text[begin : match.end()]
        begin = match.end()
    yield text[begin:]


def _speakable(piece: str) -> Iterator[str]:
    rest = piece.strip()
    while len(rest) > LONGEST:
        space = rest.rfind(" ", LONGEST // 2, LONGEST)
        at = space if space > 0 else LONGEST
        yield rest[:at]
        rest = rest[at:].strip()
    if any(c.isalnum() for c in rest):
        yield rest
