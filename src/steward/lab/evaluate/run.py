"""Running the cases: every sentence is one turn of a butler in a fresh home."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from steward.butler import Butler
from steward.config import Config
from steward.events import Hub, Planned, Replied
from steward.home.memory import MemoryHome
from steward.lab.evaluate.cases import Case
from steward.lab.evaluate.compare import Judgement, judge
from steward.plan.cascade import Stage
from steward.plan.risk import yes
from steward.skills.clock import Clock
from steward.skills.schedule import Schedule
from steward.skills.timers import Timers
from steward.skills.words import Words
from steward.types import Plan, Question, Unknown, Utterance
from steward.wiring import assemble

NOON = datetime.fromisoformat("2026-03-04T12:00:00")
"""The time of a case that names none: no result may depend on the clock of the machine."""

CONVERSATION = "case"
"""The conversation of every case; each has a butler of its own."""


@dataclass(frozen=True)
class Result:
    """What became of one case. `ms` is the time from the sentence to the reply.

    `confirmed` tells that he asked for leave, which was given, once.
    """

    case: Case
    plan: Plan
    reply: str
    judgement: Judgement
    ms: float
    confirmed: bool = False


class _Moment:
    """A clock that shows what it is set to."""

    def __init__(self) -> None:
        self.shown = NOON.astimezone()

    def __call__(self) -> datetime:
        return self.shown


async def run(
    config: Config,
    cases: Sequence[Case],
    on_progress: Callable[[int], None],
    stages: Sequence[Stage] = (),
) -> tuple[Result, ...]:
    """Run `cases` one after the other; `on_progress` is told how many are done.

    What the butler keeps besides the home (timers) lives in a temporary folder. `stages` take the
    place of his own, to compare others with him.
    """
    results = []
    with tempfile.TemporaryDirectory() as folder:
        state = config.paths.model_copy(update={"state": Path(folder)})
        parts = assemble(config.model_copy(update={"paths": state}))
        moment = _Moment()
        timers = Timers(Path(folder) / "trial.db", lambda _: None, moment)
        schedule = Schedule(Path(folder) / "planned.db", lambda _: None, moment, parts.home.perform)
        words = [skill for skill in parts.skills if isinstance(skill, Words)]
        for number, case in enumerate(cases):
            moment.shown = (case.trial.context_now or NOON).astimezone()
            trial = replace(
                parts,
                hub=Hub(),
                home=MemoryHome(case.world, moment),
                skills=(Clock(moment), timers, schedule, *words),
                area=case.area,
                now=moment,
                stages=stages or parts.stages,
            )
            butler = Butler(trial)
            results.append(await _run_one(butler, case))
            for word in [each for skill in words for each in await skill.learned()]:
                await butler.perform("words.forget", {"phrase": word.phrase})
            on_progress(number + 1)
        timers.close()
        schedule.close()
    return tuple(results)


async def _run_one(butler: Butler, case: Case) -> Result:
    await butler.perform("timers.cancel_all", {})
    await butler.perform("schedule.cancel_all", {})
    for sentence in case.trial.before:
        await _say(butler, sentence)
    turn = await _say(butler, case.sentence)
    judgement = judge(case.trial, case.world, await butler.world(), turn.reply)
    return Result(case, turn.plan, turn.reply, judgement, turn.ms, turn.confirmed)


@dataclass(frozen=True)
class _Turn:
    plan: Plan
    reply: str
    ms: float
    confirmed: bool = False


async def _say(butler: Butler, sentence: str) -> _Turn:
    """Run a turn, and another one that says yes to what it asks leave for.

    The plan and the time are those of the first, the reply is that of the last.
    """
    turn = await _one_turn(butler, Utterance(sentence))
    body = turn.plan.body
    if not (isinstance(body, Question) and body.calls):
        return turn
    agreed = await _one_turn(butler, yes(turn.plan.language))
    return replace(turn, reply=agreed.reply, confirmed=True)


async def _one_turn(butler: Butler, said: Utterance) -> _Turn:
    plan, reply, ms = Plan(Unknown(), "en", "none", 0.0), "", 0.0
    began = time.perf_counter()
    async for event in butler.turn(said, conversation=CONVERSATION):
        if isinstance(event, Planned):
            plan = event.plan
        elif isinstance(event, Replied):
            reply = event.reply.text
            ms = (time.perf_counter() - began) * 1000
    return _Turn(plan, reply, ms)
