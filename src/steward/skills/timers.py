"""Timers that survive a restart and are seen by every process on this device."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from steward.events import Emit, TimerFinished
from steward.skills import keeping, timing
from steward.skills.timerfile import TimerFile
from steward.statefile import Worker
from steward.types import Call, Capability, Done, Failed, Outcome

_COMMANDS: dict[str, timing.Command[Any]] = {each.name: each for each in timing.COMMANDS}


@cache
def _capabilities() -> tuple[Capability, ...]:
    return tuple(
        Capability(each.name, each.arguments.model_json_schema(), each.risk)
        for each in timing.COMMANDS
    )


class Timers:
    """A Skill that keeps timers in the file at `path`; `watch` rings those that run out.

    The value of a Done is {"timers": [{"name", "seconds" (full length), "remaining", "paused",
    "area", "language"}]}: the timers that the request was about. A Failed is "not_found"
    when no timer matches, "invalid" when several do.
    """

    def __init__(
        self, path: Path, emit: Emit, now: Callable[[], datetime], *, poll: float = 0.2
    ) -> None:
        """Open the timers at `path`. `poll` is the pause of `watch` between looks, in seconds.

        Raises:
            StateError: the file cannot be used; it says why and what to do.
        """
        self._emit = emit
        self._now = now
        self._poll = poll
        self._file = TimerFile(path)
        self._worker = Worker("timers")

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """`timers.start`, `cancel`, `cancel_all`, `status`, `pause`, `resume`, `increase` and
        `decrease`."""
        return _capabilities()

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call`; begun, it is finished even when the caller is cancelled.

        Raises:
            StateError: the file cannot be written; nothing has changed.
        """
        return await self._worker.do(lambda: self._perform(call))

    async def watch(self) -> None:
        """Emit TimerFinished for each timer that runs out, or ran out before, until cancelled.

        A timer rings in one process only, and once. A file that cannot be used for a while is
        logged, and looked at again.
        """
        await keeping.watch(self._look, self._poll, "the timers cannot be watched")

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._worker.close()
        self._file.close()

    async def _look(self) -> None:
        for event in await self._worker.do(self._ring):
            self._emit(event)

    def _perform(self, call: Call) -> Outcome:
        command = _COMMANDS.get(call.capability)
        if command is None:
            return Failed(call.id, "unsupported", f"there is no {call.capability}")
        arguments = keeping.arguments(call, command.arguments)
        if isinstance(arguments, Failed):
            return arguments
        now = self._now().timestamp()
        with self._file.changing() as (all_timers, after):
            # What has run out but has not rung yet is left for `watch`.
            over = tuple(timer for timer in all_timers if timer.over(now))
            running = tuple(timer for timer in all_timers if not timer.over(now))
            change = command.apply(running, arguments, now)
            if isinstance(change, timing.Refusal):
                return Failed(call.id, change.reason, change.message)
            if change.timers != running:
                after.append((*over, *change.timers))
        return Done(call.id, {"timers": [timing.shown(timer, now) for timer in change.about]})

    def _ring(self) -> list[TimerFinished]:
        now = self._now().timestamp()
        next_end = self._file.next_end()
        if next_end is None or next_end > now:
            return []
        with self._file.changing() as (timers, after):
            over = sorted((t for t in timers if t.over(now)), key=lambda t: t.ends or 0.0)
            after.append(tuple(timer for timer in timers if not timer.over(now)))
        return [TimerFinished(now, t.name, t.seconds, t.language) for t in over]
