"""Were those the words? What reaches far is asked back where a word of it was badly heard. Pure."""

from __future__ import annotations

from dataclasses import replace

from steward.plan.reply.words import FALLBACK, has_phrases, phrase
from steward.plan.risk import CONFIRMED, Rules, harms, with_later
from steward.plan.templates.acts import entity_ids
from steward.types import Calls, Plan, Question, Utterance, World

BADLY = 0.35
"""A word that the recogniser found less likely is badly heard. Of sentences by generated voices,
13 of 23 English and 16 of 25 Chinese ones that were heard wrongly have such a word, and 2 of 46 and
5 of 15 that were heard rightly (bench/LOG.md)."""
MANY = 5
"""From so many things on, an act reaches far."""


def doubt(plan: Plan, said: Utterance, world: World, rules: Rules) -> Plan:
    """Return `plan`, or the question whether `said` was said.

    Asked about is what does something to `MANY` things, or could do harm and is not asked about
    anyway. What has been agreed to passes.
    """
    if not isinstance(plan.body, Calls) or plan.stage == CONFIRMED:
        return plan
    if min((sure for _, sure in said.words), default=1.0) >= BADLY:
        return plan
    calls = with_later(plan.body.calls)
    things = {each for call in calls for each in entity_ids(call)}
    if len(things) < MANY and not any(harms(call, world, rules) for call in calls):
        return plan
    language = plan.language if has_phrases(plan.language) else FALLBACK
    text = phrase(language, "confirm", "heard").format(text=said.text.rstrip(" .!?。！？"))
    return replace(plan, body=Question(text, plan.body.calls), language=language)
