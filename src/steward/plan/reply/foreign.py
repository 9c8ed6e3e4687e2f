"""Answers in languages without phrases of ours: the templates of Home Assistant's intents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from typing import TYPE_CHECKING, Any

from steward.plan.reply.names import spoken_name
from steward.plan.reply.telling import Told
from steward.plan.reply.wording import digits
from steward.plan.templates.packaged import code_of, packaged
from steward.types import Entity

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_REASONS = {"not_found": "no_entity", "unsupported": "feature_not_supported"}
_TIMERS = {"not_found": "timer_not_found", "invalid": "multiple_timers_matched"}


@dataclass(frozen=True)
class _State:
    """An entity as the templates see it: they read `name`, `state`, `state_with_unit` and so on."""

    entity_id: str
    domain: str
    name: str
    state: str
    state_with_unit: str
    attributes: Mapping[str, Any]


def answer_foreign(stories: Sequence[Told], language: str) -> str | None:
    """Return the words for `stories`, or None when `language` has no answer for one of them."""
    sentences = [_sentence(story, language) for story in stories]
    return " ".join(dict.fromkeys(sentences)) if all(sentences) else None


def foreign_error(language: str, key: str, **fields: str) -> str:
    """Return Home Assistant's error sentence `key` in `language`, or "" when there is none."""
    code = code_of(language)
    if code is None:
        return ""
    text = packaged(code).responses.get("errors", {}).get(key, "")
    return _render(str(text), {"domain": "", **fields})


def _sentence(story: Told, language: str) -> str:
    code = code_of(language)
    failure = story.failure
    if failure is not None:
        table = _TIMERS if story.call.capability.startswith("timers.") else _REASONS
        named = ", ".join(spoken_name(entity, language) for entity in story.entities)
        error = foreign_error(language, table.get(failure.reason, "handle_error"), entity=named)
        return f"{named}: {error}" if named and named not in error else error
    if code is None:
        return ""
    intents = packaged(code).responses.get("intents", {})
    forms = intents.get(story.call.meaning.intent, {})
    template = forms.get(story.call.meaning.response) or forms.get("default") or ""
    return _render(str(template), _fields(story))


def _fields(story: Told) -> dict[str, Any]:
    states = [_state(entity, story.language) for entity in story.entities]
    wanted = story.slots.get("state")
    matched = [state for state in states if wanted is None or state.state == wanted]
    slots: dict[str, Any] = dict(story.slots)
    # The templates count timers in words.
    slots |= {unit: str(slots[unit]) for unit in ("hours", "minutes", "seconds") if unit in slots}
    if isinstance(clock := story.value.get("time"), str):
        slots["time"] = time.fromisoformat(clock)
    if isinstance(day := story.value.get("date"), str):
        slots["date"] = date.fromisoformat(day)
    if states:
        slots["name"] = states[0].name
    fields: dict[str, Any] = {
        "slots": slots,
        "state": states[0] if states else None,
        "query": {"matched": matched, "unmatched": [s for s in states if s not in matched]},
        "state_attr": lambda entity_id, name: next(
            (s.attributes.get(name) for s in states if s.entity_id == entity_id), None
        ),
    }
    for key, value in story.value.items():
        fields.setdefault(key, value)
    return fields


def _state(entity: Entity, language: str) -> _State:
    unit = f" {entity.unit}" if entity.unit else ""
    value = digits(entity.state)
    name = spoken_name(entity, language)
    attributes = dict(entity.attributes)
    return _State(entity.id, entity.domain, name, value, f"{value}{unit}", attributes)


@cache
def _environment() -> SandboxedEnvironment:
    # Lazy, as below: most homes never speak a language that needs it.
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    # The templates are spoken, never shown as HTML.
    return SandboxedEnvironment(autoescape=False, undefined=StrictUndefined)


def _render(template: str, fields: Mapping[str, Any]) -> str:
    from jinja2 import TemplateError

    try:
        text = _environment().from_string(template).render(fields)
    except (TemplateError, TypeError, ValueError):
        # A template that wants what only a running Home Assistant knows says nothing.
        return ""
    return " ".join(text.split())
