"""What he says of what became of a question."""

from __future__ import annotations

import re

from steward.plan.reply.wording import capital
from steward.plan.reply.words import FALLBACK, has_phrases, phrase
from steward.thinking import Resolved
from steward.types import Reply

HERE = "device"
"""The name of the tier that is this device itself."""
_MARKS = re.compile(r"\*\*|__|`+|^#{1,6} +|^[*-] +", re.MULTILINE)


def worded(resolved: Resolved, language: str) -> str:
    """Return the words of an answer, and who gave it where that is not who should have."""
    missing = called(resolved.missing, language)
    if resolved.answer is None:
        form = phrase(language, "asking", f"none_{resolved.how}")
        return capital(form.format(missing=missing))
    text = spoken(resolved.answer.text)
    if resolved.how == "answered":
        return text
    form = phrase(language, "asking", resolved.how)
    tier = called(resolved.answer.tier, language)
    return capital(form.format(missing=missing, tier=tier, text=text))


def bring(question: str, language: str, answer: str) -> Reply:
    """Return what is said when a question that waited is answered, or cannot be: no `answer`."""
    spoken_language = language if has_phrases(language) else FALLBACK
    form = phrase(spoken_language, "asking", "brought" if answer else "brought_none")
    return Reply(form.format(question=question, text=spoken(answer)), spoken_language)


def called(tier: str, language: str) -> str:
    """Return what a tier is called aloud."""
    return phrase(language, "asking", "here") if tier == HERE else tier


def spoken(text: str) -> str:
    """Return `text` without the marks of a written page."""
    return _MARKS.sub("", text).strip()
