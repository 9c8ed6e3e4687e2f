"""Sentences that teach a word, take one back or ask for them: by their form alone.

A sentence can have several readings ("call the floor lamp Bertie": which words are the name?); the
home decides between them. The forms are data, one file a language in `forms/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from steward.plan.language.tables import table
from steward.plan.language.text import HAN, is_chinese, plain
from steward.plan.parts.atoms import tokens
from steward.types import World

MAX_PHRASE = 40
"""Characters of a word that can be taught; nobody says a longer one by heart."""
MAX_SPLITS = 12
"""Ways to part a phrase from its meaning that are tried where nothing marks the seam."""


@dataclass(frozen=True)
class Teaching:
    """`phrase` shall mean `meaning`: the name of a thing, a sentence to carry out, or either.

    `sure`: the form itself says that something is taught, so that a refusal is an answer. `parted`:
    where the phrase ends was guessed, and another reading may be the right one.
    """

    phrase: str
    meaning: str
    kind: Literal["name", "routine", "either"]
    sure: bool
    parted: bool = False


@dataclass(frozen=True)
class Forgetting:
    """`phrase` shall mean nothing any more; `sure` when the sentence can say nothing else."""

    phrase: str
    sure: bool


@dataclass(frozen=True)
class Listing:
    """What was taught shall be told, all of it or only `phrase`."""

    phrase: str = ""


Lesson: TypeAlias = Teaching | Forgetting | Listing


def lessons(text: str, language: str) -> Iterator[Lesson]:
    """Yield the ways in which `text` may be about words of the owner's, the likeliest first."""
    forms = _forms(language)
    if forms is None:
        return
    said = _sentence(text, language)
    for pattern in forms.list:
        if hit := pattern.fullmatch(said):
            yield Listing(spelled(hit.groupdict().get("x") or ""))
    for name, sure in (("forget_sure", True), ("forget", False)):
        for pattern in getattr(forms, name):
            if hit := pattern.fullmatch(said):
                yield Forgetting(spelled(hit["x"]), sure)
    for pattern in forms.name:
        if hit := pattern.fullmatch(said):
            yield Teaching(written(hit["x"]), hit["y"].strip(), "either", True)
    for pattern in forms.routine:
        if hit := pattern.fullmatch(said):
            yield Teaching(written(hit["x"]), hit["y"].strip(), "routine", True)
    for pattern in forms.seamless:
        if hit := pattern.fullmatch(said):
            for lesson in _splits(hit["xy"], "routine", first="x", sure=True):
                if _commands(lesson.meaning):
                    yield lesson
    for pattern in forms.call:
        if hit := pattern.fullmatch(said):
            yield from _splits(hit["yx"], "name", first="y", sure=False)
    for pattern in forms.loose:
        if hit := pattern.fullmatch(said):
            yield Teaching(written(hit["x"]), hit["y"].strip(), "name", False)


def written(phrase: str) -> str:
    """Return a phrase as it is kept: as the owner wrote it, without what surrounds it."""
    language = "zh" if is_chinese(phrase) else "en"
    return plain(phrase, language).strip(" ,，、:：")


def spelled(phrase: str) -> str:
    """Return the one spelling of a phrase that words are compared in."""
    return written(phrase).casefold()


def asked(text: str) -> tuple[str, ...]:
    """Return the phrases that `text` may be when it says no more than one, the plainest first."""
    whole = spelled(text)
    forms = _forms("zh" if is_chinese(whole) else "en")
    found = [whole]
    for pattern in forms.said if forms else ():
        found += [spelled(hit["word"]) for hit in [pattern.fullmatch(whole)] if hit]
    return tuple(dict.fromkeys(phrase for phrase in found if phrase))


def pieces(text: str) -> tuple[str, ...]:
    """Return the parts of a sentence between the words that join commands."""
    joints = r"[,，、;；.。]|\b(?:and|then|also)\b|然后|接着|并且|同时|还有|再|并|和"
    parts = (text, *re.split(joints, text, flags=re.IGNORECASE))
    return tuple(part.strip() for part in parts if part.strip())


@dataclass(frozen=True)
class _Forms:
    name: tuple[re.Pattern[str], ...]
    routine: tuple[re.Pattern[str], ...]
    seamless: tuple[re.Pattern[str], ...]
    call: tuple[re.Pattern[str], ...]
    loose: tuple[re.Pattern[str], ...]
    forget: tuple[re.Pattern[str], ...]
    forget_sure: tuple[re.Pattern[str], ...]
    list: tuple[re.Pattern[str], ...]
    said: tuple[re.Pattern[str], ...]


@cache
def _forms(language: str) -> _Forms | None:
    data = table("steward.plan.owner", "forms", language)
    if not data:
        return None
    parts = data["parts"]
    return _Forms(
        **{
            name: tuple(re.compile(_filled(form, parts), re.IGNORECASE) for form in each)
            for name, each in data.items()
            if name != "parts"
        }
    )


def _filled(form: str, parts: dict[str, str]) -> str:
    for name, value in parts.items():
        form = form.replace(f"<{name}>", value)
    return form


def _sentence(text: str, language: str) -> str:
    """Return `text` with its quotation marks, which tell where a phrase ends, as commas."""
    marked = re.sub(r"\s*[\"“”„«»「」『』《》]\s*", " , ", text)
    said = plain(marked, language)
    said = re.sub(r"\s*[,，、:：;；]\s*(?:[,，、:：;；]\s*)*", ", ", said)
    return re.sub(f"(?<=[{HAN}]), |, (?=[{HAN}])", ",", said).strip(" ,")


def _commands(meaning: str) -> bool:
    """Tell whether `meaning` begins with the word for a deed."""
    words = tokens(meaning, World())
    return bool(words) and words[0].has("act", "verb", "more", "less", "up", "down")


def _splits(
    text: str, kind: Literal["name", "routine"], *, first: Literal["x", "y"], sure: bool
) -> Iterator[Teaching]:
    """Part `text` where words end, into a phrase and its meaning; the shortest phrase first."""
    seams = [hit.start() for hit in re.finditer(r"[ ,]+", text)]
    if not seams:
        seams = list(range(1, len(text)))
    seams = seams[:MAX_SPLITS] if first == "x" else seams[-MAX_SPLITS:][::-1]
    for seam in seams:
        left, right = text[:seam].strip(" ,"), text[seam:].strip(" ,")
        phrase, meaning = (left, right) if first == "x" else (right, left)
        if phrase and meaning:
            yield Teaching(written(phrase), meaning, kind, sure, parted=True)
