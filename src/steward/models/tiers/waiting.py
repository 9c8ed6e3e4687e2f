"""Asks again what waits for the line: each question is answered once, and told once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from steward.errors import StewardError
from steward.events import Brought, Emit
from steward.models.tiers.questions import Questions, Waiter
from steward.thinking import Inquiry, Resolved

_SPARE = 5.0
"""Seconds that a lease is longer than an answer may take."""
_log = logging.getLogger(__name__)


class Waiting:
    """Puts inquiries to the tiers, and keeps in `questions` those that wait.

    Several processes may do so with one file. An answer is written in one transaction, by whoever
    holds the question; if he dies before, it is asked again when his time is over, and if he dies
    after, it is only told.
    """

    def __init__(
        self,
        questions: Questions,
        climb: Callable[[Inquiry], Awaitable[Resolved]],
        ready: Callable[[Inquiry], Awaitable[bool]],
        emit: Emit,
        now: Callable[[], datetime],
        *,
        seconds: float,
        poll: float = 1.0,
    ) -> None:
        """`climb` puts an inquiry to the tiers and takes no longer than `seconds`, `ready` tells
        whether one is there that it waits for; `poll` is the pause of `watch` between looks, in
        seconds."""
        self._questions = questions
        self._climb = climb
        self._ready = ready
        self._emit = emit
        self._now = now
        self._lease = seconds + _SPARE
        self._poll = poll

    async def ask(self, inquiry: Inquiry) -> Resolved:
        """Return what came of `inquiry`; what "waits" has been kept by then.

        Raises:
            StewardError: what the tiers raise, or StateError as it cannot be kept.
        """
        resolved = await self._climb(inquiry)
        if resolved.how != "waits" or await self._questions.keep(inquiry, self._time()):
            return resolved
        return replace(resolved, how="down")

    async def watch(self) -> None:
        """Ask again what waits, and tell each answer, until cancelled.

        What fails is logged, once, and tried again.
        """
        said = ""
        while True:
            try:
                await self.look()
                said = ""
            except StewardError as error:
                if str(error) != said:
                    said = str(error)
                    _log.error("what waits cannot be asked: %s", said)
            await asyncio.sleep(self._poll)

    async def look(self) -> None:
        """Tell what was answered and not told, and ask for one question that waits.

        Raises:
            StewardError: what the tiers raise, or StateError as the file cannot be used.
        """
        for waiter in await self._questions.untold():
            await self._tell(waiter)
        taken = await self._questions.take(self._time(), self._lease)
        if taken is None:
            return
        inquiry, resolved = replace(taken.inquiry, can_wait=True), None
        try:
            # Without the line, a nearer tier would only say again what was not enough before.
            if await self._ready(inquiry):
                resolved = await self._climb(inquiry)
        finally:
            if resolved is None or resolved.how == "waits":
                await self._questions.release(taken.id, self._time())
        if resolved is None or resolved.how == "waits":
            return
        answered = await self._questions.answer(taken, resolved.answer, self._time())
        if answered is not None:
            await self._tell(answered)

    async def _tell(self, waiter: Waiter) -> None:
        question, language = waiter.inquiry.text, waiter.inquiry.language
        told = Brought(self._time(), question, language, waiter.asked, waiter.tier, waiter.answer)
        self._emit(told)
        await self._questions.tell(waiter.id)

    def _time(self) -> float:
        return self._now().timestamp()
