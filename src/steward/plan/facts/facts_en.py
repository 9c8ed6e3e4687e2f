"""The forms of English clauses that say how something is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from steward.plan.language.lexicon import words
from steward.plan.language.values import number_at

_LESS = "under|below|less than|lower than|beneath|colder than|cooler than|drier than|fewer than"
_MORE = (
    "over|above|more than|greater than|higher than|warmer than|hotter than|exceeding|past"
    "|damper than"
)
_SIGNS = {
    **dict.fromkeys(_LESS.split("|"), "<"),
    **dict.fromkeys(_MORE.split("|"), ">"),
    "at least": ">=",
    "at most": "<=",
    "no more than": "<=",
    "no less than": ">=",
    "exceeds": ">",
}
_SIGN = "|".join(sorted(_SIGNS, key=len, reverse=True))
_ADVERB = r"(?:(?:still|already|currently|now|even|really|actually|ever) )*"
_COMPARED = re.compile(
    rf"^(?P<subject>.*?)(?:(?:'s|(?:^| )(?:is|are|reads|reading|drops|falls|rises"
    r"|goes|gets"
    r"|(?:is |are |'s )?(?:producing|generating|making|using|drawing|measuring|showing)))"
    rf" )?{_ADVERB}"
    rf"(?:\b(?P<sign>{_SIGN})) (?P<rest>.+)$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"^(?: ?(?:degrees?(?: (?:celsius|centigrade|c))?|deg|°c?|per ?cent|percent|%|ppm|bars?|watts?"
    r"|w|lux|hpa|pascals?|litres?|liters?|kwh|db|decibels?|micrograms?))\b|^ ?%",
    re.IGNORECASE,
)
_DEGREES = re.compile(r"deg|°", re.IGNORECASE)
_HEAT = re.compile(r"\b(?:cold|cool|warm|hott?)(?:er)\b", re.IGNORECASE)
_MOMENT = re.compile(r"(?: (?:right now|now|at the moment|currently))+$", re.IGNORECASE)
_FREEZING = re.compile(
    r"^(?P<subject>.*?)(?:(?:'s|(?:^| )is) )?(?:below (?:zero|freezing)|freezing|sub ?zero)"
    r"(?: (?P<out>out(?:side|doors)?))?(?: there)?$",
    re.IGNORECASE,
)
_OUT = re.compile(r"^(?:out(?:side|doors)?(?: there)?|outdoors)$", re.IGNORECASE)
_NONE = re.compile(r"^(?:no|none of|not one of) (?!one\b)(?:the |my |our )?", re.IGNORECASE)
_IT = re.compile(r"^(?:it|that|there|the temperature)?$", re.IGNORECASE)
_WANTED = {
    "on": ("on", False),
    "switched on": ("on", False),
    "turned on": ("on", False),
    "running": ("on", False),
    "burning": ("on", False),
    "lit": ("on", False),
    "off": ("on", True),
    "switched off": ("on", True),
    "turned off": ("on", True),
    "open": ("open", False),
    "left open": ("open", False),
    "wide open": ("open", False),
    "ajar": ("open", False),
    "closed": ("open", True),
    "shut": ("open", True),
    "locked": ("locked", False),
    "unlocked": ("locked", True),
    "left unlocked": ("locked", True),
    "home": ("home", False),
    "at home": ("home", False),
    "here": ("home", False),
    "back": ("home", False),
    "back home": ("home", False),
    "come home": ("home", False),
    "come back": ("home", False),
    "gone out": ("home", True),
    "gone": ("home", True),
    "in": ("home", False),
    "out": ("home", True),
    "away": ("home", True),
    "not home": ("home", True),
    "playing": ("playing", False),
    "paused": ("paused", False),
    "going off": ("alarm", False),
    "ringing": ("alarm", False),
    "triggered": ("alarm", False),
    "empty": ("somebody", True),
    "unoccupied": ("somebody", True),
    "occupied": ("somebody", False),
}
_STATES = "|".join(sorted(_WANTED, key=len, reverse=True))
_STATE = re.compile(
    r"^(?P<subject>.+?)(?:'s|'re| is| are| has"
    r"|(?P<isnt>(?: is|'s) not| isn'?t| are not| aren'?t| hasn'?t| has not))"
    rf"(?: been| got)? {_ADVERB}(?P<not>not )?{_ADVERB}(?:been )?(?P<state>{_STATES})"
    r"(?P<place> (?:in|on|at) .+)?(?: yet)?$",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"^there(?:'s| is| are|(?P<no> isn'?t| aren'?t|'s no| is no)) "
    r"(?:an?y? |some |still )*(?P<what>.+)$",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"^(?:(?P<no>nobody|no ?one)|(?P<some>somebody|someone|anybody|anyone|people))"
    r"(?:'s| is| are)? ?(?:there |still )*(?P<rest>.*)$",
    re.IGNORECASE,
)
_MOVING = re.compile(
    r"\b(?:moving(?: about| around)?|walking(?: about| around)?|motion|movement|inside)\b",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\b(?:motion|movement|somebody|someone|anybody|anyone|people|nobody|no one)\b", re.IGNORECASE
)


def clauses(text: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of the clauses that `text` may be."""
    text = _MOMENT.sub("", text.strip(" ,"))
    frost = _FREEZING.match(text)
    if frost is not None:
        subject = frost["subject"].strip()
        where = "outside" if frost["out"] or _IT.match(subject) else subject
        yield {"subject": where, "sign": "<", "quantity": "temperature", "celsius": True}
    compared = _compared(text)
    if compared is not None:
        yield compared
    nobody = _NOBODY.match(text)
    if nobody is not None:
        yield from _somebody(nobody)
    there = _THERE.match(text)
    if there is not None:
        yield from _existing(there)
    state = _STATE.match(text)
    if state is not None:
        yield from _stated(state)


def _compared(text: str) -> dict[str, Any] | None:
    match = _COMPARED.match(text)
    if match is None:
        return None
    measure = _measure(match["rest"])
    if measure is None:
        return None
    number, unit, rest = measure
    rest = _OUT.sub("outside", rest)
    subject = re.sub(r"^(?:there(?:'s| is)?|it(?:'s| is)?|that)$", "", match["subject"].strip())
    hot = _HEAT.search(match["sign"]) or _DEGREES.search(unit)
    bare = not subject and not rest.strip()
    humid = "humidity" in text.casefold() or "humid" in text.casefold()
    quantity = "humidity" if humid else "temperature" if hot or bare or _IT.match(subject) else ""
    return {
        "subject": f"{subject} {rest}".strip(),
        "sign": _SIGNS[match["sign"].casefold()],
        "number": number,
        "quantity": quantity,
    }


def _measure(text: str) -> tuple[float, str, str] | None:
    """Return the number at the start of `text`, its unit, and what follows."""
    minus = re.match(r"(?:minus |negative |-)", text, re.IGNORECASE)
    said = text[minus.end() :] if minus else text
    said = re.sub(r"^a (?=hundred|thousand)", "one ", said, flags=re.IGNORECASE)
    pieces = said.split(" ")
    units = list(words(said))
    found = number_at(units, 0) if units else None
    if found is None:
        return None
    number, used = found
    glued = re.match(r"^(\d+(?:\.\d+)?)(.*)$", said)
    rest = glued[2] if glued else said[len(" ".join(pieces[:used])) :]
    unit = _UNIT.match(rest)
    after = rest[unit.end() :] if unit else rest
    if after and not after.startswith(" "):
        return None
    return (-number if minus else number), unit[0] if unit else "", after.strip()


def _somebody(match: re.Match[str]) -> Iterator[dict[str, Any]]:
    rest = match["rest"].strip()
    if rest in ("home", "at home", "in", "here"):
        yield {"subject": "", "wanted": "home", "negated": bool(match["no"])}
        return
    where = _MOVING.sub("", rest).strip()
    yield {"subject": where, "wanted": "somebody", "negated": bool(match["no"])}


def _existing(match: re.Match[str]) -> Iterator[dict[str, Any]]:
    what = match["what"]
    so = _STATE.match(re.sub(rf"^(.+?) ({_STATES})\b", r"\1 is \2", what, flags=re.IGNORECASE))
    if so is not None:
        yield from _stated(so, "no " if match["no"] else "any ")
        return
    negated = bool(match["no"]) or bool(re.match(r"(?:no |nobody|no one)", what, re.IGNORECASE))
    what = re.sub(r"^no (?!one)", "", what, flags=re.IGNORECASE)
    if _SOMEBODY.search(what):
        subject = _MOVING.sub("", _SOMEBODY.sub("", what))
        yield {"subject": subject.strip(), "wanted": "somebody", "negated": negated}
    else:
        what = re.sub(r"\bwater\b", "leak", what)
        yield {"subject": what, "wanted": "alarm", "negated": negated}


def _stated(match: re.Match[str], counted: str = "") -> Iterator[dict[str, Any]]:
    wanted, negated = _WANTED[match["state"].casefold()]
    flipped = bool(match["isnt"]) != bool(match["not"])
    subject = f"{counted}{match['subject']}{match['place'] or ''}"
    none = _NONE.match(subject)
    if none is not None:
        # "No window is open": every one is not.
        subject, flipped = f"all {subject[none.end() :]}", not flipped
    yield {"subject": subject, "wanted": wanted, "negated": negated != flipped}
