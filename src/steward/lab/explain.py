"""What a butler would make of a sentence: the stages are asked, nothing is done."""

from __future__ import annotations

from dataclasses import replace

from steward.config import Config
from steward.config.tiers import TiersConfig
from steward.plan.asking.open import STAGE as ASKING
from steward.plan.asking.stage import inquiry_of
from steward.plan.cascade import Stage, check, decide
from steward.plan.explain import Explanation
from steward.plan.explain import explain as describe
from steward.plan.language.letters import with_plain_letters
from steward.plan.owner.aliases import with_names
from steward.plan.talk.smalltalk import STAGE as SMALLTALK
from steward.plan.templates.grammar import Grammar
from steward.skills.words import Words
from steward.types import Context, Gap, Plan, Unknown, Utterance, World
from steward.wiring import assemble, tool_sentences


async def explain(config: Config, utterance: Utterance) -> Explanation:
    """Return what the butler of `config` thinks of `utterance`, said in a new conversation.

    The language model is not asked: it never acts, and loading it takes longer than all the rest.
    Nor are the tiers: nothing leaves for an explanation.

    Raises:
        UserError: the sentence is empty or too long.
        StateError: the home cannot be read.
    """
    check(utterance)
    silent = config.model.model_copy(update={"smalltalk": "off"})
    alone = {"model": silent, "tiers": TiersConfig()}
    parts = assemble(config.model_copy(update=alone))
    said = replace(utterance, at=parts.now(), area=utterance.area or parts.area)
    world = await parts.home.world()
    words = [skill for skill in parts.skills if isinstance(skill, Words)]
    known = [word for skill in words for word in await skill.learned()]
    seen: list[Plan] = []
    chosen = await decide([_noted(stage, seen) for stage in parts.stages], said, world)
    skills = (parts.home, *parts.skills)
    names = frozenset(each.name for skill in skills for each in skill.capabilities)
    grammar = Grammar(config.languages)
    taught = with_names(with_plain_letters(world), known)
    tools = tool_sentences(config)
    found = describe(said, taught, names, grammar, parts.rules, seen, chosen, parts.reader, tools)
    lost = isinstance(chosen.body, Unknown) and chosen.body.gap is Gap.NOT_UNDERSTOOD
    asks = config.tiers.asked and inquiry_of(said, world, Context()) is not None
    unasked = (SMALLTALK,) * (config.model.smalltalk == "on") + (ASKING,) * asks
    return replace(found, unasked=unasked) if lost else found


def _noted(stage: Stage, seen: list[Plan]) -> Stage:
    """Return `stage`, which also appends each of its plans to `seen`."""

    async def noting(utterance: Utterance, world: World, context: Context) -> Plan:
        plan = await stage(utterance, world, context)
        seen.append(plan)
        return plan

    return noting
