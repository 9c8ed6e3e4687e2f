"""A correction becomes a labelled example: what was said, what was done, and what was meant."""

from __future__ import annotations

from collections.abc import Sequence

from steward.plan.dialogue.context import STAGE as CONTEXT
from steward.plan.dialogue.cues import cues
from steward.plan.dialogue.inverse import UNDO
from steward.plan.owner.stage import INTENT
from steward.types import Call, Calls, Context, Done, Exchange, Json, Meaning

NOTE = "words.note"
"""The capability that keeps an example."""


def corrected(before: Context, over: Exchange) -> Call | None:
    """Return the Call that keeps what the turn `over` corrects; None when it corrects nothing.

    A turn corrects when its words say that what was done was wrong, and something else was done
    instead; what only puts things back does not tell what was meant.
    """
    body = over.plan.body
    if over.plan.stage != CONTEXT or not isinstance(body, Calls):
        return None
    done = {outcome.call for outcome in over.outcomes if isinstance(outcome, Done)}
    right = [call for call in body.calls if call.meaning.intent != UNDO]
    wrong = next((each for each in reversed(before.exchanges) if _acted(each)), None)
    if wrong is None or not right or not done.issuperset(call.id for call in body.calls):
        return None
    language = over.plan.language
    if not any(cue.wrong for cue in cues(over.utterance.text, language)):
        return None
    was = wrong.plan.body.calls if isinstance(wrong.plan.body, Calls) else ()
    arguments: dict[str, Json] = {
        "text": wrong.utterance.text,
        "language": wrong.plan.language,
        "correction": over.utterance.text,
        "wrong": _deeds(was),
        "right": _deeds(right),
    }
    return Call("note", NOTE, Meaning(INTENT), arguments)


def _acted(turn: Exchange) -> bool:
    return isinstance(turn.plan.body, Calls) and any(isinstance(o, Done) for o in turn.outcomes)


def _deeds(calls: Sequence[Call]) -> list[Json]:
    return [{"capability": call.capability, "arguments": dict(call.arguments)} for call in calls]
