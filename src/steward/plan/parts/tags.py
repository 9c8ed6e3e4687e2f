"""Statements that ask: "the garage is shut, isn't it", "we locked up, right?"."""

from __future__ import annotations

import re

_ECHO = r"(?:is|are|was|were|do|does|did|has|have)(?: not|n't)? (?:it|they|he|she|we|i|there)"
_AGREED = r"(?:right|correct|innit|yeah|huh)"
_TAG = re.compile(
    r"^(?:i (?:think|believe|hope|guess|bet|reckon|suppose) (?:that )?)?(?P<said>\S+ \S+.*?)"
    rf"(?:,? {_ECHO}\??|, {_AGREED}\??| {_AGREED}\?)$",
    re.IGNORECASE,
)


def untagged(text: str) -> str:
    """Return plain `text` as a question, where a tag makes one of it; else `text` itself."""
    match = _TAG.match(text)
    return text if match is None else f"{match['said']}?"
