"""Replies that are likely, made in advance while nobody needs the cores.

The Chinese voice takes a third of a second of two quiet cores to its first sound, and much longer
beside other work. What he says after the commands that this home takes is known before they are
given: each is understood and foreseen, never carried out, and the reply's sound is kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Protocol

from steward.errors import DeviceError, ModelError
from steward.events import Event, Heard, Hearing, Hub, Planned, Replied, Spoke, Stirring
from steward.plan.cascade import NO_CONTEXT, Stage
from steward.plan.reply.names import spoken_name
from steward.types import Call, Calls, Done, Gap, Outcome, Plan, Reply, Unknown, Utterance, World

LANGUAGE = "zh"
REST = 20.0
"""Seconds without a word, after which nobody needs the cores."""
MOST = 400
"""Sentences that are rehearsed; a large home has more, and its first things come first."""
SENTENCES = {
    "light": ("打开{}", "关掉{}"),
    "switch": ("打开{}", "关掉{}"),
    "fan": ("打开{}", "关掉{}"),
    "cover": ("打开{}", "关上{}"),
    "lock": ("锁上{}", "打开{}"),
    "climate": ("打开{}", "关掉{}"),
    "media_player": ("打开{}", "关掉{}"),
    "vacuum": ("让{}开始打扫",),
}
"""What is said to things, by their domain."""
LEVELS = {
    "light": tuple(f"{{}}调到百分之{level}" for level in range(10, 101, 10)),
    "climate": tuple(f"{{}}调到{degrees}度" for degrees in range(18, 29)),
}
"""What is said after all of that, for there is much of it."""
EVERYWHERE = (
    *("打开所有的灯", "关掉所有的灯"),
    *(f"设一个{minutes}分钟的计时器" for minutes in (1, 2, 3, 5, 10, 15, 20, 25, 30, 45)),
)
GAPS = (Gap.NOT_UNDERSTOOD, Gap.NOTHING_HEARD, Gap.UNSUPPORTED)
_LIVELY = (Stirring, Hearing, Heard, Planned, Replied, Spoke)


class Rehearses(Protocol):
    """A voice that keeps the sound of what it is given."""

    async def rehearse(self, text: str, language: str) -> None:
        """Keep the sound of `text`."""
        ...


class Rehearsal:
    """Rehearses this home's replies once he is spoken to in Chinese, and stops for every word."""

    def __init__(
        self,
        hub: Hub,
        stage: Stage,
        world: Callable[[], World],
        foresee: Callable[[Call], Outcome],
        voice: Rehearses,
        word: Callable[[Plan, Sequence[Outcome], World], Reply],
        rest: float = REST,
    ) -> None:
        """Name the parts; `rest` are the seconds of quiet before he begins.

        `word` makes the reply of a turn.
        """
        self._hub, self._stage, self._world = hub, stage, world
        self._foresee, self._voice, self._rest = foresee, voice, rest
        self._word = word
        self._last = time.monotonic()
        self._job: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Wait for a reply in Chinese, then rehearse all; runs until cancelled."""
        async with self._hub.subscribe() as events, asyncio.TaskGroup() as group:
            begun = False
            async for event in events:
                self._heed(event)
                if not begun and isinstance(event, Replied) and event.reply.language == LANGUAGE:
                    begun = True
                    group.create_task(self._rehearse())

    def _heed(self, event: Event) -> None:
        if isinstance(event, _LIVELY):
            self._last = time.monotonic()
            if self._job is not None:
                self._job.cancel()

    async def _rehearse(self) -> None:
        for said in sentences(self._world()):
            while not await self._undisturbed(said):
                pass

    async def _undisturbed(self, said: str | Gap) -> bool:
        """Rehearse the reply to `said` when it is quiet; False when he was spoken to meanwhile."""
        wait = self._last + self._rest - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
            return False
        self._job = asyncio.create_task(self.rehearse(said))
        try:
            await asyncio.wait({self._job})
        finally:
            self._job.cancel()
        over, self._job = self._job, None
        return not over.cancelled()

    async def rehearse(self, said: str | Gap) -> None:
        """Keep the sound of the reply to `said`, or to what is not understood for that reason."""
        world = self._world()
        plan = Plan(Unknown(said), LANGUAGE, "rehearsal", 1.0) if isinstance(said, Gap) else None
        plan = plan or await self._stage(Utterance(str(said), LANGUAGE), world, NO_CONTEXT)
        calls = plan.body.calls if isinstance(plan.body, Calls) else ()
        reply = self._word(plan, [self._outcome(call) for call in calls], world)
        try:
            await self._voice.rehearse(reply.text, reply.language)
        except (DeviceError, ModelError):
            # He will say so himself when he has to speak.
            return

    def _outcome(self, call: Call) -> Outcome:
        # The reply to a timer's start tells only what was asked for.
        return Done(call.id) if call.capability == "timers.start" else self._foresee(call)


def sentences(world: World) -> Iterator[str | Gap]:
    """Yield what is likely said in this home, and what he may not understand; at most `MOST`."""
    lights = {entity.area for entity in world.entities if entity.domain == "light"}
    rooms = [spoken_name(area, LANGUAGE) for area in world.areas if area.id in lights]
    lit = (f"{verb}{room}的灯" for room in rooms for verb in ("打开", "关掉"))
    said = (
        form.format(spoken_name(entity, LANGUAGE))
        for forms in (SENTENCES, LEVELS)
        for entity in world.entities
        for form in forms.get(entity.domain, ())
    )
    yield from islice(chain(GAPS, EVERYWHERE, lit, said), MOST)
