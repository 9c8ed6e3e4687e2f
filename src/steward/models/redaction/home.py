"""The home's own words: its people, rooms, devices, routes and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from steward.models.redaction.spans import Kind, Span


class Words:
    """Finds the words of one home in a text.

    Args:
        people: names of those who live here or are known.
        things: names of rooms, devices, routes, lists, and whatever else the home calls its own.
        plain: words that mean nothing personal though they are names here ("kitchen", "灯");
            they stay as they are.
    """

    def __init__(
        self, people: Iterable[str] = (), things: Iterable[str] = (), plain: Iterable[str] = ()
    ) -> None:
        left_out = {word.casefold() for word in plain}
        self._kinds: Mapping[str, Kind] = {
            " ".join(name.casefold().split()): kind
            for kind, names in ((Kind.HOME, things), (Kind.PERSON, people))
            for name in names
            if name.strip() and name.casefold() not in left_out
        }
        ordered = sorted(self._kinds, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_pattern, ordered)) or r"(?!)", re.IGNORECASE)

    def find(self, text: str) -> Iterator[Span]:
        """Yield the home's words in `text`, whatever their case and spaces, the longest first."""
        for match in self._pattern.finditer(text):
            kind = self._kinds.get(" ".join(match.group().casefold().split()), Kind.HOME)
            yield Span(match.start(), match.end(), kind, 1.0)


def _pattern(name: str) -> str:
    inner = r"\s+".join(re.escape(part) for part in name.split())
    # Chinese writes no spaces: only a Latin letter or a digit goes on a word.
    left = r"(?<![A-Za-z0-9_])" if re.match(r"[A-Za-z0-9_]", name) else ""
    right = r"(?![A-Za-z0-9_])" if re.search(r"[A-Za-z0-9_]$", name) else ""
    return f"{left}{inner}{right}"
