"""What is said of things to be done later: when they are due, and what became of a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from steward.events import JobDone
from steward.plan.reply.telling import Told
from steward.plan.reply.wording import capital, duration, joined
from steward.plan.reply.words import FALLBACK, has_phrases, phrase, table_of
from steward.types import Json, Reply

_WORKDAYS, _WEEKEND = [0, 1, 2, 3, 4], [5, 6]


def report_plan(story: Told) -> str:
    """Return the sentence about a request to plan, list or cancel something."""
    language = story.language
    if story.failure is not None:
        key = f"{story.service}_{story.failure.reason}"
        known = table_of(language, "later").get(key)
        return str(known or phrase(language, "failed", "error").format(things=""))
    jobs = [job for job in _list(story.value.get("jobs")) if isinstance(job, Mapping)]
    if story.service == "list":
        return _listed(jobs, language)
    if story.service == "cancel_all":
        return phrase(language, "later", "cancelled_all" if jobs else "none")
    if not jobs:
        return phrase(language, "later", "none")
    if story.service == "move":
        return _fill("moved", jobs[0], language)
    if story.service == "cancel":
        return _fill("cancelled", jobs[0], language)
    return _fill(_added(story, jobs[0], language), jobs[0], language)


def tell_job(event: JobDone) -> Reply | None:
    """Return what to say when something planned was due; None when it simply was done."""
    if event.how == "done":
        return None
    language = event.language if has_phrases(event.language) else FALLBACK
    text = phrase(language, "announce", f"job_{event.how}").format(
        text=_yours(event.text, language)
    )
    return Reply(capital(text), language)


def when_words(job: Mapping[str, Json], language: str, *, clock: bool = False) -> str:
    """Return when `job` (as the schedule tells it) is due; with `clock` never "in ten minutes"."""
    when = job.get("when")
    when = when if isinstance(when, Mapping) else {}
    after = when.get("after")
    if isinstance(after, int | float) and not clock:
        return phrase(language, "later", "after").format(length=duration(after, language))
    if when.get("sun"):
        return _sun(when, job, language)
    at = phrase(language, "later", "at").format(time=clock_words(str(job.get("at")), language))
    day = _day(job, when, language)
    return phrase(language, "later", "day_at").format(day=day, at=at) if day else at


def _sun(when: Mapping[str, Json], job: Mapping[str, Json], language: str) -> str:
    """Return "at sunset", "30 minutes before sunrise tomorrow"."""
    event = phrase(language, "later", f"sun_{when['sun']}")
    offset = float(str(when.get("offset", 0)))
    key = "sun_at" if not offset else "sun_before" if offset < 0 else "sun_after"
    length = duration(abs(offset), language) if offset else ""
    at = phrase(language, "later", key).format(sun=event, length=length)
    day = _day(job, when, language)
    return phrase(language, "later", "day_at").format(day=day, at=at) if day else at


def _added(story: Told, job: Mapping[str, Json], language: str) -> str:
    if story.call.meaning.response != "default":
        return story.call.meaning.response
    verbs = str(table_of(language, "later").get("verbs", "")).split()
    first = str(job.get("text", "")).split(" ")[0].casefold()
    return "added_verb" if not verbs or first in verbs else "added"


def _fill(key: str, job: Mapping[str, Json], language: str) -> str:
    text = _yours(str(job.get("text", "")), language)
    if key == "added_verb":
        text = text[:1].lower() + text[1:]  # "I'll turn off the light"
    return phrase(language, "later", key).format(when=when_words(job, language), text=text)


def _yours(text: str, language: str) -> str:
    """Return the user's words as they are said to the user."""
    turned = table_of(language, "yours")
    return " ".join(str(turned.get(word.casefold(), word)) for word in text.split(" "))


def _listed(jobs: Sequence[Mapping[str, Json]], language: str) -> str:
    if not jobs:
        return phrase(language, "later", "none")
    items = [
        phrase(language, "later", "item").format(
            when=when_words(job, language, clock=True), text=_yours(str(job.get("text")), language)
        )
        for job in jobs
    ]
    return phrase(language, "later", "listed").format(items=joined(language, items))


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()


def clock_words(at: str, language: str) -> str:
    """Return a clock time ("07:00") as people say it: "7 am", "10:30 pm", "晚上10点30分"."""
    hour, minute = (int(part) for part in at.split(":"))
    named = table_of(language, "later").get(f"clock_{at}")
    if isinstance(named, str):
        return named
    key = "hour" if minute == 0 else "hour_minute"
    half = phrase(language, "later", f"part{hour}")
    return phrase(language, "later", key).format(
        hour=hour % 12 or 12, minute=f"{minute:02d}", half=half
    )


def _day(job: Mapping[str, Json], when: Mapping[str, Json], language: str) -> str:
    days = [int(str(day)) for day in _list(when.get("days"))]
    if when.get("repeat"):
        for key, group in (("daily", []), ("workdays", _WORKDAYS), ("weekend", _WEEKEND)):
            if days == group:
                return phrase(language, "later", key)
        named = joined(language, [phrase(language, "time", f"weekday{day}") for day in days])
        return phrase(language, "later", "each").format(day=named)
    in_days = int(str(job.get("in_days", 0)))
    if in_days == 0:
        return ""
    if in_days in (1, 2):
        return phrase(language, "later", f"day{in_days}")
    named = phrase(language, "time", f"weekday{job.get('weekday')}")
    return phrase(language, "later", "on_day").format(day=named)
