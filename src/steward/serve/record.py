"""A turn's Events as one JSON object, for people's scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_jsonable_python

from steward.audit import Act
from steward.events import Acted, Ended, Event, Heard, Planned, Replied, Silent, Spoke
from steward.types import Json


class Turn(BaseModel):
    """A turn; see `record` and `repeated`."""

    model_config = ConfigDict(extra="allow")

    utterance: str
    stage: str
    confidence: float
    reply: str
    outcomes: tuple[dict[str, Any], ...]
    ended: str
    repeated: bool = False


def record(events: Sequence[Event]) -> dict[str, Json]:
    """Return what happened in the turn that `events` are of.

    Keys: `utterance` (text), `heard_confidence`, `speaker` (`name` or null, `score`; null of typed
    words), `language`, `plan`, `stage`, `confidence`,
    `outcomes`, `reply` (text), `show`, `silent` (why the reply was not spoken, or null), `ended`
    ("done", "cancelled", "failed"), `ms` (milliseconds of each step; `first_sound` is the time from
    the reply to its first sound, `speak` the time until its last).
    """
    found: dict[str, Json] = {"outcomes": [], "silent": None}
    outcomes: list[Json] = []
    ms: dict[str, float] = {}
    for event in events:
        match event:
            case Heard():
                found |= {
                    "utterance": event.utterance.text,
                    "heard_confidence": event.utterance.confidence,
                    "speaker": to_jsonable_python(event.utterance.speaker),
                }
                ms["hear"] = event.ms
            case Planned():
                found |= {
                    "language": event.plan.language,
                    "plan": to_jsonable_python(event.plan.body),
                    "stage": event.plan.stage,
                    "confidence": event.plan.confidence,
                }
                ms["plan"] = event.ms
            case Acted():
                outcomes.append(to_jsonable_python(event.outcome))
                ms["act"] = ms.get("act", 0.0) + event.ms
            case Replied():
                found |= {"reply": event.reply.text, "show": event.reply.show}
                ms["reply"] = event.ms
            case Spoke():
                ms.setdefault("first_sound", event.ms)
                ms["speak"] = ms.get("speak", 0.0) + event.ms
            case Silent():
                found["silent"] = event.why
            case Ended():
                found["ended"] = event.how
            case _:
                pass
    rounded: dict[str, Json] = {step: round(value, 2) for step, value in ms.items()}
    return found | {"outcomes": outcomes, "ms": rounded}


def repeated(act: Act) -> dict[str, Json]:
    """Return what is known of a turn that was sent again: it was not carried out twice."""
    return {
        "repeated": True,
        "utterance": act.said,
        "stage": act.stage,
        "confidence": act.confidence,
        "outcomes": act.outcomes,
        "reply": act.reply,
        "ended": act.result,
    }
