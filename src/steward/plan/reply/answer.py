"""The words of a Reply, made from what really happened."""

from __future__ import annotations

from collections.abc import Sequence

from steward.events import Brought, Event, JobDone, TimerFinished
from steward.plan.asking.words import bring
from steward.plan.facts.conditions import BECAUSE
from steward.plan.owner.telling import report_words
from steward.plan.reply.diary import REPORTS
from steward.plan.reply.did import did, failed
from steward.plan.reply.foreign import answer_foreign, foreign_error
from steward.plan.reply.reports import report_states
from steward.plan.reply.stale import with_age, with_loss
from steward.plan.reply.telling import Told, told
from steward.plan.reply.wording import capital, duration
from steward.plan.reply.words import FALLBACK, has_phrases, phrase
from steward.plan.timing.planned import report_plan, tell_job
from steward.plan.tools.sentences import INTENT as TOOL
from steward.plan.tools.telling import report_tool
from steward.types import Calls, Failed, Gap, Outcome, Plan, Question, Reply, Unknown, Words, World


def answer(plan: Plan, outcomes: Sequence[Outcome], world: World) -> Reply:
    """Return what to say after `plan`, in its language, and which entities to show with it.

    `outcomes` are those of the plan's Calls, in any order; `world` is the home before them and only
    lends the names. Nothing is claimed of a Call without an outcome that says Done. Without phrases
    in a language, Home Assistant's own answers are used, and English where it has none.
    """
    language = plan.language
    if isinstance(plan.body, Words | Question):
        return Reply(plan.body.text, language)
    if isinstance(plan.body, Unknown):
        spoken = _spoken_language(language)
        text = _gap(plan.body, language)
        if plan.body.gap is not Gap.NOTHING_HEARD:
            # What the home lacks may only be out of reach.
            text = with_loss(text, world, spoken)
        return Reply(text, spoken)
    return _answer_calls(plan.body, outcomes, world, language)


def news(event: Event) -> Reply | None:
    """Return what to say of `event` unasked, or None for nothing."""
    if isinstance(event, TimerFinished):
        return announce(event)
    if isinstance(event, Brought):
        return bring(event.question, event.language, event.text)
    return tell_job(event) if isinstance(event, JobDone) else None


def announce(event: TimerFinished) -> Reply:
    """Return what to say when a timer ran out."""
    language = event.language if has_phrases(event.language) else FALLBACK
    key = "timer_named" if event.name else "timer"
    text = phrase(language, "announce", key).format(
        name=event.name, length=duration(event.seconds, language)
    )
    return Reply(capital(text), language)


def _spoken_language(language: str) -> str:
    """Return the language that the words will really be in."""
    return language if has_phrases(language) or foreign_error(language, "no_intent") else FALLBACK


def _gap(unknown: Unknown, language: str) -> str:
    if not has_phrases(language):
        keys = {"no_such_area": "no_area", "no_such_device": "no_entity"}
        key = keys.get(unknown.gap.value, "no_intent") if unknown.about else "no_intent"
        text = foreign_error(language, key, area=unknown.about, entity=unknown.about)
        if text:
            return text
    key = unknown.gap.value
    named = phrase(language, "gaps", key)
    if "{about}" in named and not unknown.about:
        named = phrase(language, "gaps", f"{key}_unnamed")
    return named.format(about=unknown.about)


def _answer_calls(calls: Calls, outcomes: Sequence[Outcome], world: World, language: str) -> Reply:
    by_call = {outcome.call: outcome for outcome in outcomes}

    def tell(language: str) -> list[Told]:
        none = "no outcome"
        outcomes = (by_call.get(c.id) or Failed(c.id, "error", none) for c in calls.calls)
        stories = zip(calls.calls, outcomes, strict=True)
        return [each for story in stories for each in told(*story, world, language)]

    stories = tell(language)
    show = tuple(dict.fromkeys(entity.id for story in stories for entity in story.entities))
    if not has_phrases(language):
        text = answer_foreign(stories, language)
        if text is not None:
            return Reply(with_age(text, stories, world, language), language, show)
        language = FALLBACK
        stories = tell(language)
    sentences: list[str] = _reasons(stories, language)
    for group in _groups(stories):
        sentence = capital(_sentence(group))
        if sentence and sentence not in sentences:
            sentences.append(sentence)
    spoken = phrase(language, "join", "sentence").join(sentences)
    spoken = spoken or phrase(language, "speech", "done")
    return Reply(with_age(spoken, stories, world, language), language, show)


def _reasons(stories: Sequence[Told], language: str) -> list[str]:
    """Return what made the conditions of the request true."""
    said = dict.fromkeys(str(story.slots[BECAUSE]) for story in stories if BECAUSE in story.slots)
    form = phrase(language, "conditions", "because")
    return [form.format(said=capital(reason)) for reason in said]


def _groups(stories: Sequence[Told]) -> list[list[Told]]:
    """Put neighbours together that one sentence can tell: the same done to several things."""
    groups: list[list[Told]] = []
    for story in stories:
        if groups and _alike(groups[-1][-1], story):
            groups[-1].append(story)
        else:
            groups.append([story])
    return groups


def _alike(one: Told, other: Told) -> bool:
    if one.call.capability != other.call.capability or one.failure or other.failure:
        return False
    left = {k: v for k, v in one.call.arguments.items() if k not in ("entity_id", "item")}
    right = {k: v for k, v in other.call.arguments.items() if k not in ("entity_id", "item")}
    same_list = one.call.arguments.get("entity_id") == other.call.arguments.get("entity_id")
    adding = "item" in one.call.arguments
    return left == right and (same_list if adding else one.capability_acts)


def _sentence(group: Sequence[Told]) -> str:
    first = group[0]
    if first.call.capability.startswith("schedule."):
        return report_plan(first)
    if first.call.capability.startswith("words."):
        return report_words(first)
    if first.call.meaning.intent == TOOL:
        return report_tool(first)
    if first.failure is not None:
        return failed(first)
    report = REPORTS.get(first.call.capability)
    if report is not None:
        return report(first)
    if first.call.capability == "home.get_states":
        return report_states(first)
    return did(group)
