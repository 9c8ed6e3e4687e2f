"""A text that somebody pasted together with a question about it."""

from __future__ import annotations

import re

LONG = 300
"""Characters from which on what is typed can be a text with a question, three for a Chinese one;
nobody says as much in one breath."""
_LONGEST = 240
"""Characters of a question that stands before or behind a text."""
_ASKS = re.compile(
    r"[?？]\s*$|^\W*(?:(?:who|what|when|where|which|why|how|is|are|does|do|did|can|could|may|must"
    r"|summari[sz]e|sum|translate|explain|tell|find|list|rewrite|shorten|proofread)\b"
    r"|总结|翻译|概括|解释|请|帮我|谁|什么|哪|怎么|为什么|多少|几)",
    re.IGNORECASE,
)
_HAN = re.compile("[\u3400-\u9fff]")


def parted(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the question in `text` and the texts that it is about.

    Only a long text whose first or last line is a question is parted; the last counts first.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if len(text) + 2 * len(_HAN.findall(text)) <= LONG or len(lines) < 2:
        return text, ()
    for line, rest in ((lines[-1], lines[:-1]), (lines[0], lines[1:])):
        if len(line) <= _LONGEST and _ASKS.search(line):
            return line, ("\n".join(rest),)
    return text, ()
