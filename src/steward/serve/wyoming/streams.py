"""Words that come and go in pieces: what is surely heard so far, and text that can be said."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"[。！？；…\n]+[”’」』）)]*|[.!?;:]+[”’」』）)\"']*\s")
"""The end of a sentence, where it is known to be one: a dot may go on as 3.5."""


def more(sent: str, stable: str) -> str:
    """Return what of `stable` words is to be sent after `sent`; nothing where they differ."""
    return stable[len(sent) :] if stable.startswith(sent) else ""


def sayable(text: str) -> tuple[str, str]:
    """Part `text`, which goes on, into sentences that are whole, and the rest."""
    end = max((match.end() for match in _WHOLE.finditer(text)), default=0)
    return text[:end], text[end:]
