"""Running the cases: every sentence is one turn of a butler in a fresh home."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from steward.butler import Butler, assemble
from steward.config import Config
from steward.events import Hub, Planned, Replied
from steward.home.memory import MemoryHome
from steward.lab.evaluate.cases import Case
from steward.lab.evaluate.compare import Judgement, judge
from steward.skills.clock import Clock
from steward.skills.schedule import Schedule
from steward.skills.timers import Timers
from steward.types import Plan, Unknown, Utterance

NOON = datetime.fromisoformat("2026-03-04T12:00:00")
"""The time of a case that names none: no result may depend on the clock of the machine."""


@dataclass(frozen=True)
class Result:
    """What became of one case. `ms` is the time from the sentence to the reply."""

    case: Case
    plan: Plan
    reply: str
    judgement: Judgement
    ms: float


class _Moment:
    """A clock that shows what it is set to."""

    def __init__(self) -> None:
        self.shown = NOON.astimezone()

    def __call__(self) -> datetime:
        return self.shown


async def run(
    config: Config, cases: Sequence[Case], on_progress: Callable[[int], None]
) -> tuple[Result, ...]:
    """Run `cases` one after the other; `on_progress` is told how many are done.

    What the butler keeps besides the home (timers) lives in a temporary folder.
    """
    results = []
    with tempfile.TemporaryDirectory() as folder:
        state = config.paths.model_copy(update={"state": Path(folder)})
        parts = assemble(config.model_copy(update={"paths": state}))
        moment = _Moment()
        timers = Timers(Path(folder) / "trial.db", lambda _: None, moment)
        schedule = Schedule(Path(folder) / "planned.db", lambda _: None, moment, parts.home.perform)
        for number, case in enumerate(cases):
            moment.shown = (case.test.context_now or NOON).astimezone()
            trial = replace(
                parts,
                hub=Hub(),
                home=MemoryHome(case.world, moment),
                skills=(Clock(moment), timers, schedule),
                area=case.area,
            )
            results.append(await _run_one(Butler(trial), case))
            on_progress(number + 1)
        timers.close()
        schedule.close()
    return tuple(results)


async def _run_one(butler: Butler, case: Case) -> Result:
    await butler.perform("timers.cancel_all", {})
    await butler.perform("schedule.cancel_all", {})
    for sentence in case.test.before:
        async for _ in butler.turn(Utterance(sentence)):
            pass
    plan, reply = Plan(Unknown(), case.language, "none", 0.0), ""
    began = time.perf_counter()
    ms = 0.0
    async for event in butler.turn(Utterance(case.sentence)):
        if isinstance(event, Planned):
            plan = event.plan
        elif isinstance(event, Replied):
            reply = event.reply.text
            ms = (time.perf_counter() - began) * 1000
    judgement = judge(case.test, case.world, await butler.world(), reply)
    return Result(case, plan, reply, judgement, ms)
