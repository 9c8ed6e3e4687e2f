"""What is to be done later or again and again; it survives a restart."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel

from steward.events import Emit, JobDone
from steward.skills import keeping, planning
from steward.skills.jobfile import JobFile
from steward.skills.planning import Add, Job, Jobs, Move, Refused, Which
from steward.statefile import Worker
from steward.types import Call, Capability, Done, Failed, Meaning, Outcome, Risk

Perform: TypeAlias = Callable[[Call], Awaitable[Outcome]]
"""Carries out a Call."""

SUN = "sun.sun"
"""The entity that knows when the sun rises and sets."""
INTENT = "StewardLater"
"""The intent of the Calls that are made when something planned is due."""

_log = logging.getLogger(__name__)
_ARGUMENTS: dict[str, type[BaseModel]] = {
    "schedule.add": Add,
    "schedule.list": planning.Nothing,
    "schedule.cancel": Which,
    "schedule.move": Move,
    "schedule.cancel_all": planning.Nothing,
}


@cache
def _capabilities() -> tuple[Capability, ...]:
    return tuple(
        Capability(
            name, model.model_json_schema(), Risk.READ if name == "schedule.list" else Risk.ACT
        )
        for name, model in _ARGUMENTS.items()
    )


class Schedule:
    """A Skill that keeps jobs in the file at `path`; `watch` carries out those that are due.

    The value of a Done is {"jobs": [...]}, each as `planning.shown` tells it: the jobs that the
    request was about, the next due first. A Failed is "not_found" when no job matches, "invalid"
    when several do or when the time is over.
    """

    def __init__(
        self,
        path: Path,
        emit: Emit,
        now: Callable[[], datetime],
        perform: Perform,
        *,
        localize: planning.Localize = datetime.astimezone,
        poll: float = 0.2,
    ) -> None:
        """Open the jobs at `path`.

        `now` tells the local time, `perform` carries out one call, `poll` is the pause of `watch`
        between looks, in seconds.

        Raises:
            StateError: the file cannot be used; it says why and what to do.
        """
        self._emit = emit
        self._now = now
        self._do = perform
        self._localize = localize
        self._poll = poll
        self._file = JobFile(path)
        self._worker = Worker("schedule")

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """`schedule.add`, `list`, `cancel`, `move` and `cancel_all`."""
        return _capabilities()

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call`; begun, it is finished even when the caller is cancelled.

        Raises:
            StateError: the file cannot be written; nothing has changed.
        """
        return await self._worker.do(lambda: self._perform(call))

    async def watch(self) -> None:
        """Do what is due until cancelled, and emit a JobDone for each job.

        A job is done by one process only and at most once: it is taken out of the file before its
        calls are made. A file that cannot be used for a while is logged, and looked at again.
        """
        await keeping.watch(self._look, self._poll, "what is planned cannot be done")

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._worker.close()
        self._file.close()

    async def _look(self) -> None:
        for job in await self._worker.do(self._take):
            self._emit(await self._run(job))
            if job.add.when.sun and job.add.when.repeat:
                await self._ask_the_sun(job)

    async def _ask_the_sun(self, job: Job) -> None:
        """Plan a repeated job for when the sun rises or sets next: that shifts from day to day."""
        told = await self._do(Call("sun", "home.get_states", Meaning(INTENT), {"entity_id": [SUN]}))
        known: object = told.value if isinstance(told, Done) else None
        for key in ("states", SUN, "attributes"):
            known = known.get(key) if isinstance(known, Mapping) else None
        if isinstance(known, Mapping):
            await self._worker.do(lambda: self._replan(job, known))

    def _replan(self, job: Job, known: Mapping[str, object]) -> None:
        with self._file.changing() as (jobs, after):
            after.append(
                tuple(
                    planning.at_the_sun(each, known, self._now()) if each.id == job.id else each
                    for each in jobs
                )
            )

    def _take(self) -> Sequence[Job]:
        now = self._now()
        first = self._file.next_due()
        if first is None or first > now.timestamp():
            return ()
        with self._file.changing() as (jobs, after):
            over, kept = planning.take_due(jobs, now, self._localize)
            after.append(kept)
        return over

    async def _run(self, job: Job) -> JobDone:
        now = self._now().timestamp()
        text, language = job.add.text, job.add.language
        if planning.late(job, now):
            return JobDone(now, text, language, "missed")
        if not job.add.calls:
            return JobDone(now, text, language, "reminder")
        for number, deed in enumerate(job.add.calls):
            arguments = deed.model_dump(mode="json")["arguments"]
            call = Call(f"j{number + 1}", deed.capability, Meaning(INTENT), arguments)
            outcome = await self._do(call)
            if isinstance(outcome, Failed):
                _log.warning("planned %r failed: %s", text, outcome.message)
                return JobDone(now, text, language, "failed")
        return JobDone(now, text, language, "done")

    def _perform(self, call: Call) -> Outcome:
        model = _ARGUMENTS.get(call.capability)
        if model is None:
            return Failed(call.id, "unsupported", f"there is no {call.capability}")
        arguments = keeping.arguments(call, model)
        if isinstance(arguments, Failed):
            return arguments
        with self._file.changing() as (jobs, after):
            # What is due but not done yet is left for `watch`.
            now = self._now()
            over = tuple(job for job in jobs if job.due <= now.timestamp())
            waiting = tuple(job for job in jobs if job.due > now.timestamp())
            about = self._about(call.capability, arguments, waiting, now)
            if isinstance(about, Refused):
                return Failed(call.id, about.reason, about.message)
            kept, told = about
            if kept != waiting:
                after.append((*over, *kept))
        ordered = sorted(told, key=lambda job: job.due)
        return Done(call.id, {"jobs": [planning.shown(job, now, self._wall) for job in ordered]})

    def _about(
        self, capability: str, arguments: BaseModel, jobs: Jobs, now: datetime
    ) -> tuple[Jobs, Jobs] | Refused:
        """Return the jobs afterwards and those that the request is about."""
        if isinstance(arguments, Add):
            return self._add(arguments, jobs, now)
        if isinstance(arguments, Which):
            job = planning.find(jobs, arguments, self._wall)
            if isinstance(job, Refused):
                return job
            if isinstance(arguments, Move):
                new = planning.moved(job, arguments, now, self._localize)
                if isinstance(new, Refused):
                    return new
                return tuple(new if other is job else other for other in jobs), (new,)
            return tuple(other for other in jobs if other is not job), (job,)
        return (jobs if capability == "schedule.list" else (), jobs)

    def _add(self, add: Add, jobs: Jobs, now: datetime) -> tuple[Jobs, Jobs] | Refused:
        if len(jobs) >= planning.MAX_JOBS:
            return Refused("invalid", f"{planning.MAX_JOBS} things are planned already")
        moment = planning.due(add.when, now, self._localize)
        if moment is None:
            return Refused("invalid", "that time is over")
        job = Job(0, add, moment)
        return (*jobs, job), (job,)

    def _wall(self, moment: float) -> datetime:
        return datetime.fromtimestamp(moment, self._now().tzinfo)
