"""The events of calendars that were asked for: when they are, or when they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from steward.plan.language.lexicon import words
from steward.plan.language.stems import LONGEST, glosses_of, stem
from steward.plan.language.text import is_chinese
from steward.plan.parts.atoms import concepts
from steward.plan.reply.telling import Told, form
from steward.plan.reply.wording import joined, things
from steward.plan.reply.words import phrase
from steward.types import Json


def events(story: Told) -> str:
    """Tell of the events that the question was about, on the day that it was about."""
    language = story.language
    listed = things(story.entities, language, {})
    listed_on = mappings(story.value.get("events"))
    found = _about(listed_on, story.slots.get("about"))
    found = found or (listed_on if story.slots.get("or_all") else [])
    weekday = story.slots.get("weekday")
    if isinstance(weekday, int):
        found = [event for event in found if _moment(event).weekday() == weekday]
    ends = bool(story.slots.get("ends")) and all(event.get("end") for event in found)
    said = []
    for event in found:
        when = _when(str(event.get("end" if ends else "start", "")), language)
        key = "event_until" if ends else "event_at"
        said.append(form(story, key, event=str(event.get("summary", "")), when=when))
    if not said:
        return form(story, "events_none", list=listed)
    return form(story, "events", list=listed, items=joined(language, said))


def mappings(listed: Json) -> list[Mapping[str, Json]]:
    """Return the mappings in a list; a plain text in it counts as its own summary."""
    if not isinstance(listed, list | tuple):
        return []
    found: list[Mapping[str, Json]] = []
    for item in listed:
        if isinstance(item, Mapping):
            found.append(item)
        elif isinstance(item, str):
            found.append({"summary": item})
    return found


def clock(hour: int, minute: str, language: str, key: str = "clock") -> str:
    """Return a time of day as it is said; `key` names the phrase for it."""
    half = phrase(language, "time", "am" if hour < 12 else "pm")
    return phrase(language, "time", key).format(
        hour=hour, hour12=hour % 12 or 12, minute=minute, half=half
    )


def _moment(event: Mapping[str, Json]) -> datetime:
    return datetime.fromisoformat(str(event.get("start", "")))


def _when(at: str, language: str) -> str:
    moment = datetime.fromisoformat(at)
    day = phrase(language, "time", f"weekday{moment.weekday()}")
    if "T" not in at:
        return day
    time = clock(moment.hour, f"{moment.minute:02d}", language, "clock_at")
    return phrase(language, "time", "day_at").format(day=day, time=time)


def _about(listed: Sequence[Mapping[str, Json]], said: Json) -> Sequence[Mapping[str, Json]]:
    """Return the events whose summary has most of the words `said`; all when none were said.

    A word of the other language counts where it says the same, if no word does as it stands.
    """
    if not isinstance(said, list | tuple) or not said:
        return listed
    for score in (_common, _alike):
        scored = [
            (score(str(event.get("summary", "")).casefold(), said), event) for event in listed
        ]
        best = max((points for points, _ in scored), default=0)
        if best:
            return [event for points, event in scored if points == best]
    return []


def _common(summary: str, said: Sequence[Json]) -> int:
    """Count the characters of the words `said` that stand in `summary`; English words count whole.

    What both call by words of the lexicon counts too.
    """
    heard = set(words(summary))
    known = frozenset[str]().union(*(concepts(str(word)) for word in said))
    score = 2 * len({atom for atom in known & concepts(summary) if not atom.startswith("=")})
    for word in map(str, said):
        if word.isascii():
            score += sum(len(each) for each in words(word.casefold()) if each in heard)
        else:
            score += len(word) if word in summary else 0
    return score


def _alike(summary: str, said: Sequence[Json]) -> int:
    """Count the English words on one side that Chinese ones on the other may stand for.

    It must be half of those that were asked for: "look" alone makes an inspection of many things.
    """
    asked = " ".join(map(str, said))
    chinese, english = (summary, asked) if is_chinese(summary) else (asked, summary)
    if not is_chinese(chinese):
        return 0
    glosses = (gloss for stretch in _stretches(chinese) for gloss in glosses_of(stretch))
    meant = {meaning for gloss in glosses for meaning in gloss}
    stems = {stem(word) for word in words(english) if word.isascii()}
    found = len(stems & meant)
    return found if english is summary or 2 * found >= len(stems) else 0


def _stretches(text: str) -> Iterator[str]:
    """Yield what may be a word of a Chinese text."""
    for start in range(len(text)):
        for end in range(start + 1, min(start + LONGEST, len(text)) + 1):
            yield text[start:end]
