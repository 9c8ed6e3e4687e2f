"""What is said of the answer of another program's tool: short, and fit to be heard."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from steward.plan.reply.telling import Told
from steward.plan.reply.words import phrase
from steward.types import Json

MAX_SPOKEN = 300
"""Characters of an answer that are said; nobody listens to more."""
MAX_ITEMS = 5
"""Entries of a list that are said."""

_MARKS = re.compile(r"^\s*(?:#+|[-*+•]|>|\d+[.)])\s+|^\s*(?:```.*|[-=*_|: ]{3,})$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(?<!\w)([*_`~]{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")
_ENDED = re.compile(r"[.!?:;,。！？：；，…]$")
_STOP = re.compile(r"[.!?](?=\s)|[。！？]")


def report_tool(story: Told) -> str:
    """Return the sentence about a Call to a tool."""
    language, slots = story.language, story.slots
    if story.failure is None:
        text = spoken(str(story.value.get("text", "")), language)
        return text or phrase(language, "speech", "done")
    key = story.failure.reason
    why = spoken(story.failure.message, language) if key == "error" else ""
    form = phrase(language, "tools", key if key != "error" or why else "invalid")
    return form.format(server=str(slots.get("server", "")).replace("_", " "), why=why)


def spoken(text: str, language: str) -> str:
    """Return `text`, which may be marked up, or JSON, as words; the end of a long one is left."""
    words = _words(_value(text), language)
    if len(words) <= MAX_SPOKEN:
        return words
    stops = [stop.end() for stop in _STOP.finditer(words, 0, MAX_SPOKEN)]
    end = stops[-1] if stops else words.rfind(" ", MAX_SPOKEN // 2, MAX_SPOKEN)
    kept = words[: end if end > 0 else MAX_SPOKEN].rstrip()
    return f"{kept}{'' if stops else ' …'} {phrase(language, 'tools', 'more')}"


def _value(text: str) -> Json:
    bare = text.strip() in ("true", "false", "null")
    if not bare and text.lstrip()[:1] not in tuple("{["):
        return text
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        # Words that only look like JSON.
        return text
    return value


def _words(value: Json, language: str, depth: int = 0) -> str:
    if isinstance(value, str):
        return _prose(value)
    if isinstance(value, bool) or value is None:
        key = {True: "yes", False: "no", None: "nothing"}[value]
        return phrase(language, "tools", key)
    if isinstance(value, int | float):
        return str(value)
    if depth > 2:
        return "…"
    comma = phrase(language, "join", "comma")
    if isinstance(value, Mapping):
        pairs = list(value.items())
        if len(pairs) == 1:
            return _words(pairs[0][1], language, depth + 1)
        parts = [
            f"{_prose(str(key).replace('_', ' '))}: {_words(each, language, depth + 1)}"
            for key, each in pairs[:MAX_ITEMS]
        ]
    else:
        parts = [_words(each, language, depth + 1) for each in value[:MAX_ITEMS]]
    if len(value) > MAX_ITEMS:
        more = phrase(language, "tools", "and_more")
        parts.append(more.format(count=len(value) - MAX_ITEMS))
    return comma.join(parts)


def _prose(text: str) -> str:
    """Return `text` without marks that are for the eye, its lines made sentences."""
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _MARKS.sub("", text)))
    return _joined([" ".join(line.split()) for line in text.splitlines() if line.strip()])


def _joined(lines: Sequence[str]) -> str:
    whole = ""
    for line in lines:
        gap = "" if not whole else " " if _ENDED.search(whole) else ". "
        whole += gap + line
    return whole
