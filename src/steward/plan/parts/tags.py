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

_HAVE = re.compile(
    r"^(?:please )?have (?P<what>(?!(?:i|we|you|they|any|there)\b)\S+(?: \S+){0,5}?)"
    r"(?: (?:come|go|switch|turn)(?P<state> on| off)"
    r"|(?P<deed> (?:clean|vacuum|hoover|sweep|mop|mow|start|stop|play|pause|open|close)\b.*))$",
    re.IGNORECASE,
)


_LOCKABLE = re.compile(
    r"\b(?:everything|anything|whatever|every door|all the doors)(?: (?:that|which))?"
    r" (?:has|have|with) (?:a |an )?locks?(?: on (?:it|them))?\b",
    re.IGNORECASE,
)
_LOCKABLE_ZH = re.compile("(?:凡是|所有|一切)?(?:带|有|装了?)(?:门?锁)的(?:东西|门|地方)?")


_FROM = re.compile(
    r"\bfrom [\w-]+(?: (?:percent|degrees))? (?P<way>(?:up |down )?to) (?=\d|[a-z]+(?:ty|teen)\b)",
    re.IGNORECASE,
)
"""Where a level is now: "from forty down to thirty"."""


def bidden(text: str) -> str:
    """Return plain `text` as a command, where it says what a thing is to do: "have Bob clean".

    What "has a lock" is a lock, and where a level comes from does not matter.
    """
    text = _FROM.sub(r"\g<way> ", text)
    text = _LOCKABLE_ZH.sub("所有的锁", _LOCKABLE.sub("all the locks", text))
    match = _HAVE.match(text)
    return text if match is None else f"{match['what']}{match['state'] or match['deed']}"


def untagged(text: str) -> str:
    """Return plain `text` as a question, where a tag makes one of it; else `text` itself."""
    match = _TAG.match(text)
    return text if match is None else f"{match['said']}?"
