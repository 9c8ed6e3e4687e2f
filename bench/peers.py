"""Others that understand the same sentences: plain `hassil`, and a language model by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from hassil.intents import Intents, SlotList, TextSlotList
from hassil.recognize import recognize
from home_assistant_intents import get_intents

from steward.config.models import LanguageModelConfig
from steward.home.services.table import capabilities
from steward.lazy import Lazy
from steward.models.open import open_model
from steward.models.store import Store
from steward.plan.cascade import Stage
from steward.plan.general.general import general_stage
from steward.plan.language.text import is_chinese
from steward.plan.risk import rules
from steward.plan.templates.grammar import Match
from steward.plan.templates.resolve import Step, resolve
from steward.types import Call, Calls, Context, Entity, Plan, Unknown, Utterance, World

LANGUAGES = {"en": "en", "zh": "zh-CN"}
CONTEXT = 16384
"""Tokens that hold the largest home as a whole."""


async def hassil(utterance: Utterance, world: World, _: Context) -> Plan:
    """Understand by the packaged sentences and this home's names alone.

    What is recognised is carried out by the butler's own hand, which the library has none for.
    """
    language = "zh" if is_chinese(utterance.text) else "en"
    here = {"area": utterance.area} if utterance.area else None
    found = recognize(
        utterance.text, packaged(language), slot_lists=names(world), intent_context=here
    )
    if found is None:
        return Plan(Unknown(), language, "hassil", 0.0)
    match = Match(
        found.intent.name,
        found.response or "default",
        {name: entity.value for name, entity in found.entities.items()},
        {name: entity.text_clean for name, entity in found.entities.items() if entity.text_clean},
    )
    able = {capability.name for capability in capabilities()}
    steps = resolve((match,), world, utterance.area, language, able)
    if isinstance(steps, Unknown):
        return Plan(steps, language, "hassil", 0.0)
    return Plan(Calls(calls(steps)), language, "hassil", 1.0)


@cache
def packaged(language: str) -> Intents:
    """Return the packaged templates of a language."""
    return Intents.from_dict(get_intents(LANGUAGES[language]) or {})


def names(world: World) -> dict[str, SlotList]:
    """Return the names of a home as hassil takes them."""
    return {
        "name": TextSlotList.from_tuples(
            (name, entity.id, {"domain": entity.domain})
            for entity in world.entities
            for name in (entity.name, *entity.aliases)
        ),
        "area": TextSlotList.from_tuples(
            (name, area.id, {}) for area in world.areas for name in (area.name, *area.aliases)
        ),
        "floor": TextSlotList.from_tuples(
            (name, floor.id, {}) for floor in world.floors for name in (floor.name, *floor.aliases)
        ),
    }


def calls(steps: Sequence[Step]) -> tuple[Call, ...]:
    """Return the Calls of some steps."""
    return tuple(
        Call(f"c{number}", draft.capability, meaning, draft.arguments)
        for number, (draft, meaning) in enumerate(steps, 1)
    )


def whole_home(config: LanguageModelConfig, store: Store) -> Stage:
    """Return the language model as the only stage, with the whole home in its prompt.

    It is held to the grammar of what this home can do, which makes it better than it is by itself,
    and whatever it says is done, however unsure it is: by itself it has no threshold.
    """
    large = config.model_copy(update={"context": CONTEXT})
    able = capabilities()
    model = Lazy(lambda: open_model(large, store))
    stage = general_stage(model.get, able, rules(able, "on", 28.0), everything)

    async def sure(utterance: Utterance, world: World, context: Context) -> Plan:
        return replace(await stage(utterance, world, context), confidence=1.0)

    return sure


def everything(_: str, world: World) -> tuple[Entity, ...]:
    """Return all that the home has."""
    return world.entities
