"""What was found in a text, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What something personal is; its value is the word that stands in a placeholder."""

    PERSON = "PERSON"
    ADDRESS = "ADDRESS"
    """A street, a house, a flat, a postcode, and the places named beside them."""
    PLACE = "PLACE"
    """A city, region or country that stands alone."""
    ORGANIZATION = "ORGANIZATION"
    PHONE = "PHONE"
    CARD = "CARD"
    """The number of a bank card."""
    IBAN = "IBAN"
    EMAIL = "EMAIL"
    URL = "URL"
    IP = "IP"
    """An address of a network or of its card."""
    SSN = "SSN"
    """A social security number of the United States."""
    ID = "ID"
    """A Chinese resident's number."""
    PASSPORT = "PASSPORT"
    LICENCE = "LICENCE"
    """The number of a driving licence."""
    PLATE = "PLATE"
    """The number plate of a vehicle."""
    ACCOUNT = "ACCOUNT"
    """A name or number by which somebody is known to a service, such as WeChat."""
    DATE = "DATE"
    AGE = "AGE"
    GROUP = "GROUP"
    """A nationality, a religion or a party."""
    HOME = "HOME"
    """One of the home's own words: a room, a device, a list."""
    SECRET = "SECRET"  # noqa: S105 - the name of a kind
    """A password, a PIN, the code of a door or an alarm, a key or token."""
    HEALTH = "HEALTH"
    MONEY = "MONEY"
    LITERAL = "LITERAL"
    """Something that looks like a placeholder and was in the text before."""


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` (not included) are of a kind; `score`, 0 to 1, is how sure."""

    start: int
    end: int
    kind: Kind
    score: float


def settle(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans that do not overlap, from left to right, and cover what `spans` cover.

    Those of one kind that overlap are joined. Of different kinds the surer one stays, the longer of
    equally sure ones, and of the other what is left, signs and spaces aside: nothing that somebody
    found stays in the text because somebody else found it differently. Small words that are left of
    a guess ("and", "the") are let go.
    """
    free = bytearray(b"\x01") * len(text)
    settled: list[Span] = []
    for span in sorted(_joined(spans), key=_sureness, reverse=True):
        for match in re.finditer(b"\x01+", free[span.start : span.end]):
            start, end = span.start + match.start(), span.start + match.end()
            cut = (start, end) != (span.start, span.end)
            if cut:
                start, end = _stripped(text, start, end)
            if start < end and (not cut or span.score >= 0.5 or _says(text, start, end)):
                settled.append(replace(span, start=start, end=end))
        free[span.start : span.end] = bytes(span.end - span.start)
    return tuple(sorted(settled, key=lambda span: span.start))


def _sureness(span: Span) -> tuple[float, int]:
    return span.score, span.end - span.start


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Join the spans of one kind that overlap."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.kind, span.start, span.end)):
        last = joined[-1] if joined else None
        if last and last.kind == span.kind and span.start < last.end:
            end, score = max(last.end, span.end), max(last.score, span.score)
            joined[-1] = Span(last.start, end, span.kind, score)
        else:
            joined.append(span)
    return joined


def _says(text: str, start: int, end: int) -> bool:
    """Tell whether what is left of a guess can be more than small words."""
    return not text[start:end].islower() or not text[start:end].isascii() or text.islower()


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave away what is neither a letter nor a digit at either end."""
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return start, end
