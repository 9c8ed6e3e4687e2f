"""Which turns are hard cases, and what is told of them: pure, from Events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from steward.events import Acted, Asked, Ended, Event, Heard, Planned, Replied
from steward.models.redaction import secrets
from steward.types import Calls, Failed, Json, Origin, Outcome, Plan, Question, Unknown, Words

SOON = 30.0
"""Seconds in which the next sentence is taken as what should have been said, or meant."""
_LONGEST = 2000
"""Characters of a text that are kept."""
_TURNS = 64
"""Turns that are followed at once; more are nobody's home."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a tier answered, and how sure it seemed, 0 to 1 (`confidence.score`)."""

    tier: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Case:
    """A hard case: what was said, what it was taken for, what became of it.

    `time` is in seconds since 1970. `plan` has the capabilities and the entities of its Calls, or
    what else the plan was; `outcomes` a word for each Call, "done" or why not. `answers` are the
    tiers' that answered, the nearest first. `correction` is what was said next and understood,
    `verdict` whose answer was better, both empty as long as nobody knows.
    """

    time: float
    said: str
    language: str
    stage: str
    confidence: float
    plan: Json
    outcomes: tuple[str, ...]
    reply: str
    answers: tuple[Reached, ...] = ()
    correction: str = ""
    verdict: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Case:
        """Return the case that `asdict` made `data` of; raises TypeError or KeyError for others."""
        answers = tuple(Reached(**answer) for answer in data["answers"])
        return cls(**{**data, "answers": answers, "outcomes": tuple(data["outcomes"])})


@dataclass(frozen=True, slots=True)
class Told:
    """A turn that was asked at `origin` was hard."""

    origin: str
    case: Case


@dataclass(frozen=True, slots=True)
class Correction:
    """What was asked at `origin` after a hard case was understood: `said`."""

    origin: str
    said: str


@dataclass
class _Turn:
    heard: Heard
    plan: Plan | None = None
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    answers: list[Reached] = field(default_factory=list[Reached])
    reply: str = ""


class Casework:
    """Follows turns. `clock` is in seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._turns: dict[str, _Turn] = {}
        self._hard: dict[str, float] = {}

    def note(self, event: Event) -> Told | Correction | None:
        """Take an Event, and return what it completes."""
        match event:
            case Heard():
                if len(self._turns) >= _TURNS:
                    del self._turns[next(iter(self._turns))]
                self._turns[event.turn] = _Turn(event)
            case Ended():
                turn = self._turns.pop(event.turn, None)
                return None if turn is None else self._ended(turn, event)
            case Planned() | Acted() | Asked() | Replied() if event.turn in self._turns:
                _follow(self._turns[event.turn], event)
            case _:
                pass
        return None

    def _ended(self, turn: _Turn, event: Ended) -> Told | Correction | None:
        said, plan, at = turn.heard.utterance.text, turn.plan, _place(turn.heard.origin)
        if plan is None or event.how == "cancelled":
            return None
        texts = (said, turn.reply, *(answer.text for answer in turn.answers))
        if any(next(secrets.find(text), None) for text in texts):
            self._hard.pop(at, None)
            return None
        now = self._clock()
        if _is_hard(turn, plan, event):
            self._hard[at] = now
            outcomes = tuple(
                each.reason if isinstance(each, Failed) else "done" for each in turn.outcomes
            )
            return Told(
                at,
                Case(now, said[:_LONGEST], plan.language, plan.stage, plan.confidence,
                     _plan(plan), outcomes, turn.reply[:_LONGEST], tuple(turn.answers)),
            )  # fmt: skip
        before = self._hard.pop(at, None)
        if before is not None and now - before <= SOON:
            return Correction(at, said[:_LONGEST])
        return None


def _follow(turn: _Turn, event: Planned | Acted | Asked | Replied) -> None:
    match event:
        case Planned():
            turn.plan = event.plan
        case Acted():
            turn.outcomes.append(event.outcome)
        case Asked() if event.text:
            turn.answers.append(Reached(event.tier, event.text[:_LONGEST], event.score))
        case Replied():
            turn.reply = event.reply.text
        case _:
            pass


def _is_hard(turn: _Turn, plan: Plan, event: Ended) -> bool:
    # A question whose "yes" acts asks for leave: it was understood.
    asks_back = isinstance(plan.body, Question) and not plan.body.calls
    doubted = asks_back or isinstance(plan.body, Unknown)
    failed = event.how == "failed" or any(isinstance(each, Failed) for each in turn.outcomes)
    return doubted or failed or bool(turn.answers)


def _plan(plan: Plan) -> Json:
    """Return what a plan wants, without the arguments that are nobody's business later."""
    match plan.body:
        case Calls(calls):
            return [
                {"capability": call.capability, "entity_id": call.arguments.get("entity_id")}
                for call in calls
            ]
        case Unknown(gap, about):
            return {"unknown": gap.value, "about": about}
        case Question(text):
            return {"question": text}
        case Words(text):
            return {"words": text}


def _place(origin: Origin) -> str:
    return f"{origin.door}\0{origin.who}"
