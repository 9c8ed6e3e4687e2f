"""What is written alike in every language: numbers with checks, addresses of networks, dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from steward.models.redaction import checks
from steward.models.redaction.spans import Kind, Span

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_CLOCK = r"(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?"

_PHONE_WORD = re.compile(
    r"(?:phone|mobile|cell|tel|fax|call|dial|ring|text|number is|sms|whatsapp|messages to|answering"
    r"|reach|contact|电话|手机|号码|拨打|座机|打|传真|回到|联系)[^\n\d+(]{0,25}$",
    re.IGNORECASE,
)
_AFTER_PHONE = re.compile(r"[ -]*(?:office|fax|mobile|cell|phone|home)\b", re.IGNORECASE)
_CARD_WORD = re.compile(
    r"(?:card|cc|visa|mastercard|amex|credit|debit|卡号?|账号|转到|账户)\D{0,25}$", re.IGNORECASE
)

_YEAR = 0.4
"""How sure it is that four digits are a year."""


def _any(_: str) -> bool:
    return True


def _card(number: str) -> bool:
    return checks.luhn(number) and len(set(number)) > 2


def _internet(text: str) -> bool:
    return checks.ip(text) and len(text) > 3


_RULES: tuple[tuple[Kind, float, Callable[[str], bool], re.Pattern[str]], ...] = (
    (
        Kind.EMAIL,
        1.0,
        _any,
        re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?<![.-])", re.ASCII),
    ),
    (
        Kind.URL,
        0.99,
        _any,
        re.compile(
            r"(?:(?:https?|ftp|wss?|mqtts?)://|www\.)[^\s<>\"'，。；、）】\u4e00-\u9fff]{2,2000}"
            r"(?<![.,;:!?)\]])",
            re.IGNORECASE,
        ),
    ),
    (
        Kind.IBAN,
        0.98,
        checks.iban,
        # In small letters without spaces only: the next word would be taken for a part of it.
        re.compile(
            r"\b(?:[A-Z]{2}\d\d(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?"
            r"|[a-z]{2}\d\d[a-z0-9]{11,30})\b"
        ),
    ),
    (
        Kind.IP,
        0.97,
        _internet,
        re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]{2,39})(?![\w:]|\.\d)"),
    ),
    (
        Kind.IP,
        0.97,
        _any,
        re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}\b"),
    ),
    (Kind.ID, 0.99, checks.resident, re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")),
    (
        Kind.CARD,
        0.96,
        _card,
        re.compile(
            r"(?<![\w.+-])(?:\d{12,19}|\d{4}(?:([ -])\d{4}){2,3}(?:\1\d{1,4})?|3\d{3}["
            r" -]\d{6}[ -]\d{5})"
            r"(?![\w-])",
            re.ASCII,
        ),
    ),
    (Kind.SSN, 0.95, checks.ssn, re.compile(r"(?<![\d-])\d{3}([- ])\d\d\1\d{4}(?![\d-])")),
    (
        Kind.DATE,
        0.9,
        _any,
        re.compile(
            r"(?<![\d.])(?:(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}"
            + _CLOCK
            + r"|\d{1,2}([-/.])\d{1,2}"
            r"\2(?:19|20)\d\d|\d{1,2}/\d{1,2}/\d\d)(?![\d])"
        ),
    ),
    (
        Kind.DATE,
        0.9,
        _any,
        re.compile(
            rf"\b(?:(?:{_MONTHS})\.? +\d{{1,2}}(?:st|nd|rd|th)?(?:,? +(?:19|20)\d\d)?"
            rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? +(?:{_MONTHS})\.?(?:,? +(?:19|20)\d\d)?"
            rf"|(?:{_MONTHS})\.?,? +(?:19|20)\d\d)\b",
            re.IGNORECASE,
        ),
    ),
    (Kind.DATE, 0.5, _any, re.compile(rf"\b(?:{_DAYS})\b", re.IGNORECASE)),
    (
        Kind.DATE,
        _YEAR,
        _any,
        re.compile(r"(?<![\w$€£.,#-])(?:19[0-9]|20[0-4])\d(?:s|'s)?(?![\w-]|[.,]\d)", re.ASCII),
    ),
)

_LICENCE = re.compile(
    r"\b(?:driv(?:er|ing)(?:['’]?s)? licen[cs]e|licen[cs]e number|DL)"
    r"(?: number| no\.?|[ #:]| is){0,4}"
    r"((?=[A-Z-]*\d)[A-Z0-9](?:[ -]?[A-Z0-9]){4,17})\b",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w/@#$€£-])(?<!\d[.,])(?<!\.)"
    r"(?:\+\d{1,3}[ .-]?|00\d{1,3}[ .-])?(?:\(0?\d{0,4}\)[ .-]?)?"
    r"\d{1,15}(?:[ .-]\d{1,9}){0,6}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?!\w|-\d|[.,]\d|%)",
    re.ASCII,
)


def find(text: str) -> Iterator[Span]:
    """Yield what is found in `text` by its form alone; spans may overlap."""
    found = [*_formed(text), *_long_numbers(text)]
    found += [Span(*match.span(1), Kind.LICENCE, 0.97) for match in _LICENCE.finditer(text)]
    yield from found
    # A year alone may well be the start of a phone number, a whole date is not.
    taken = {at for span in found if span.score > _YEAR for at in range(span.start, span.end)}
    yield from (span for span in _phones(text) if taken.isdisjoint(range(span.start, span.end)))


def _formed(text: str) -> Iterator[Span]:
    for kind, score, check, pattern in _RULES:
        for match in pattern.finditer(text):
            if check(match.group()):
                yield Span(match.start(), match.end(), kind, score)


def _long_numbers(text: str) -> Iterator[Span]:
    """Numbers of a card's length that fail the check, right behind a word for a card."""
    for match in re.finditer(r"(?<![\w.+-])\d(?:[ -]?\d){11,18}(?![\w-])", text, re.ASCII):
        if _CARD_WORD.search(text[max(0, match.start() - 40) : match.start()]):
            yield Span(match.start(), match.end(), Kind.CARD, 0.9)


def _phones(text: str) -> Iterator[Span]:
    """Phone numbers: by their grouping, a leading + or 0, or a word beside them."""
    for match in _PHONE.finditer(text):
        said = match.group()
        digits = re.sub(r"\D", "", re.sub(r"(?:x|ext).*", "", said))
        if not 6 <= len(digits) <= 15:
            continue
        beside = bool(
            _PHONE_WORD.search(text[max(0, match.start() - 40) : match.start()])
            or _AFTER_PHONE.match(text, match.end())
        )
        groups = re.findall(r"\d+", said)
        formed = said.startswith(("+", "(", "00")) or (
            len(groups) >= 3 and len(digits) >= 8 and all(len(group) >= 2 for group in groups[1:])
        )
        paired = len(groups) == 2 and len(digits) >= 8 and max(map(len, groups)) >= 6
        chinese = re.fullmatch(r"(?:86)?1[3-9]\d{9}|0\d{9,11}", digits) is not None
        if formed or chinese or paired or beside:
            yield Span(match.start(), match.end(), Kind.PHONE, 0.93 if beside or formed else 0.85)
