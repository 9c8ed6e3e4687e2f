"""Where a sentence with a condition parts: what has to be so, what is done then, what otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from steward.plan.facts.facts_zh import contrary


@dataclass(frozen=True)
class Split:
    """A sentence in its parts; `unless` turns the condition round.

    `open` tells that the words may as well plan: "when it's past ten", "天黑了就…".
    """

    condition: str
    then: str
    otherwise: str = ""
    unless: bool = False
    open: bool = False


_EN_MARKS = r"(?:only )?if|unless|when|whenever|as long as|provided(?: that)?|in case|assuming"
_EN_FIRST = re.compile(
    rf"^(?:(?:and|so|please|ok|okay|hey)[, ]+)*(?P<mark>{_EN_MARKS}) (?P<rest>.+)$", re.IGNORECASE
)
_EN_LAST = re.compile(
    rf"^(?P<then>.+?),? (?:but )?(?P<mark>{_EN_MARKS}) (?P<condition>.+)$", re.IGNORECASE
)
_WHEN = ("when", "whenever")
_EN_SHOULD = re.compile(r"^should (?P<subject>it|the [\w' ]+?) be (?P<rest>.+)$", re.IGNORECASE)
_EN_ASKED = re.compile(
    r"^(?P<condition>[^?]+)\? (?:if so,? |if (?:it is|it's|they are|he is|she is|yes),? )?"
    r"(?:then )?(?P<then>.+)$",
    re.IGNORECASE,
)
_EN_IS = re.compile(r"^(?P<is>is|are) (?P<rest>.+)$", re.IGNORECASE)
_EN_ELSE = re.compile(
    r"(?:[,;.]? (?:otherwise|or else|if not"
    r"|(?:and |but )?if (?:it|he|she|they)(?:(?:'s|'re| is| are) not| isn't| aren't))"
    r"|[,;.] else| else),? (?P<otherwise>.+)$",
    re.IGNORECASE,
)
_EN_SEAM = re.compile(r"^(?:[,;]? ?(?:then )|[,;] ?| )", re.IGNORECASE)
_EN_OWNER = re.compile(r"\b(?:his|her|their)\b", re.IGNORECASE)
_EN_OF = re.compile(
    r"\b(?!(?:it|that|there|he|she|what|who|where|how|here|everyone|nobody)'s)(\w+'s)\b",
    re.IGNORECASE,
)

_ZH_MARK = re.compile("如果|要是|假如|假设|倘若|万一|若是|只要|趁着?")
_ZH_UNLESS = re.compile("^除非(?P<condition>.+)$")
_ZH_LAST = re.compile(
    "^(?P<then>.+?)(?:[,，]|(?=.{3,}的话$))(?:如果|要是|假如|除非)(?P<condition>.+?)(?:的话)?$"
)
_ZH_ELSE = re.compile(
    "[,，;；。]?(?:否则|不然的话|要不然|不然|要不|(?:不在|不是|没有)(?=的话))的?话?[,，]?就?(?P<otherwise>.+)$"
)
_ZH_CONTRARY = re.compile(
    "[,，;；](?:但是?|而)?(?:如果|要是|若是)?(?P<other>[没不未关开锁灭亮][^,，就]{0,3}?)(?:的话)?[,，]?(?:就|先)"
    "(?P<otherwise>.+)$|[,，;；](?:如果|要是|若是)?(?P<other2>[没不未关开锁灭亮][^,，]{0,3}?)的话[,，]?"
    "(?P<otherwise2>.+)$"
)
"""Where what is done otherwise begins with the opposite of the condition: "没开就打开射灯"."""
_ZH_AMOUNT = re.compile(r"\d[\d.度%点]")
"""Where nothing parts: inside a number, or before its unit."""
_ZH_SEAM = re.compile(
    "^(?P<if>的话|的时候|时候)?[,，、;；]?(?P<then>(?:那么|那|就(?!行|好|可以|够|是)|便|请|你)*)[,，]?"
)
MAX_TRIES = 40
"""Longest conditions tried; each word of a sentence may be the end of one."""


def splits(words: str, language: str) -> Iterator[Split]:
    """Yield the ways in which the plain `words` may name a condition."""
    primary = language.partition("-")[0]
    if primary == "zh" and not re.search("[a-z]+ [a-z]+ [a-z]+", words):
        yield from _chinese(words)
    elif primary in ("en", "zh"):
        yield from _english(words)


def _english(words: str) -> Iterator[Split]:
    should = _EN_SHOULD.match(words)
    if should is not None:
        words = f"if {should['subject']} is {should['rest']}"
    first = _EN_FIRST.match(words)
    if first is not None:
        unless = first["mark"].casefold() == "unless"
        timely = first["mark"].casefold() in _WHEN
        rest, otherwise = _parted(first["rest"], _EN_ELSE)
        for condition, then in _ends(rest):
            owner = _EN_OF.search(condition)
            then = _EN_OWNER.sub(owner[1], then) if owner is not None else then
            yield Split(condition, then, otherwise, unless, timely)
        return
    last = _EN_LAST.match(words)
    if last is not None:
        condition, otherwise = _parted(last["condition"], _EN_ELSE)
        unless = last["mark"].casefold() == "unless"
        owner = _EN_OF.search(last["then"])
        if owner is not None:
            condition = _EN_OWNER.sub(owner[1], condition)
        timely = last["mark"].casefold() in _WHEN
        yield Split(condition, last["then"], otherwise, unless, timely)
    asked = _EN_ASKED.match(words)
    if asked is not None:
        for condition in _stated(asked["condition"]):
            yield Split(condition, asked["then"])


def _stated(question: str) -> Iterator[str]:
    """Yield the statements that a question may ask for: "is the door shut", "the door is shut"."""
    yield question
    asks = _EN_IS.match(question)
    if asks is None:
        return
    rest = asks["rest"]
    for gap in re.finditer(" ", rest):
        yield f"{rest[: gap.start()]} {asks['is']} {rest[gap.end() :]}"


def _parted(text: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    match = pattern.search(text)
    return (text, "") if match is None else (text[: match.start()], match["otherwise"])


def _ends(rest: str) -> Iterator[tuple[str, str]]:
    """Yield the conditions that `rest` may begin with, the longest first, and what follows."""
    gaps = [hit.start() for hit in re.finditer(r"[,;]? ", rest)]
    for gap in gaps[: -MAX_TRIES - 1 : -1]:
        yield rest[:gap], _EN_SEAM.sub("", rest[gap:], count=1).strip()


def _chinese(words: str) -> Iterator[Split]:
    last = _ZH_LAST.match(words)
    if last is not None:
        yield Split(last["condition"], last["then"], "", "除非" in words)
    text, marks = _ZH_MARK.subn("", words, count=1)
    turned = _ZH_CONTRARY.search(text)
    if turned is not None:
        yield from _turned(text[: turned.start()], turned, marks)
    text, otherwise = _parted(text, _ZH_ELSE)
    unless = _ZH_UNLESS.match(text)
    if unless is not None and otherwise:
        yield Split(unless["condition"].strip(" ,，"), otherwise, unless=True)
        return
    yield from _seams(text, otherwise, marks)


def _seams(text: str, otherwise: str, marks: int) -> Iterator[Split]:
    """Yield the conditions that `text` may begin with, the longest first, and what follows."""
    for end in range(min(len(text) - 1, MAX_TRIES), 1, -1):
        if _ZH_AMOUNT.match(text[end - 1 :]):
            continue
        seam = _ZH_SEAM.match(text[end:])
        then = text[end + seam.end() :] if seam is not None else ""
        if seam is not None and then and (marks or seam["if"] or "就" in seam["then"]):
            timely = not marks and "话" not in (seam["if"] or "")
            yield Split(text[:end].strip(" ,，"), then, otherwise, open=timely)


def _turned(text: str, turned: re.Match[str], marks: int) -> Iterator[Split]:
    """Yield the readings of a sentence that says what to do in one case and in the other."""
    other = turned["other"] or turned["other2"]
    for split in _seams(text, turned["otherwise"] or turned["otherwise2"], marks):
        if contrary(split.condition, other):
            yield replace(split, open=False)
