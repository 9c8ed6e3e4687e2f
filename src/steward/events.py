"""What happens: Events, and the hub that tells them to any number of subscribers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

from steward.types import (
    UNASKED,
    AudioChunk,
    Call,
    Entity,
    Origin,
    Outcome,
    Plan,
    Reply,
    Utterance,
)


@dataclass(frozen=True, slots=True)
class Stirring:
    """Something has begun that may be a voice: who speaks, waits half a second for a `Hearing`."""

    turn: str
    time: float
    kind: Literal["stirring"] = "stirring"


@dataclass(frozen=True, slots=True)
class Woken:
    """The wake word was said, sure to 0 to 1; what follows it is `turn`."""

    turn: str
    time: float
    word: str
    sure: float
    kind: Literal["woken"] = "woken"


@dataclass(frozen=True, slots=True)
class Hearing:
    """Somebody speaks: the words so far, none at first; those in `stable` stay."""

    turn: str
    time: float
    text: str
    stable: str
    language: str | None
    kind: Literal["hearing"] = "hearing"


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn has this utterance; it was known `ms` after a recording came or the last speech."""

    turn: str
    time: float
    utterance: Utterance
    ms: float
    origin: Origin = UNASKED
    kind: Literal["heard"] = "heard"


@dataclass(frozen=True, slots=True)
class Planned:
    """The cascade settled on a plan after `ms`."""

    turn: str
    time: float
    plan: Plan
    ms: float
    kind: Literal["planned"] = "planned"


@dataclass(frozen=True, slots=True)
class Asking:
    """A question is put to a tier: `body` is what leaves this device for it, byte for byte.

    Told before it leaves; empty where nothing does, as the tier is on this device.
    """

    turn: str
    time: float
    tier: str
    body: bytes
    kind: Literal["asking"] = "asking"


@dataclass(frozen=True, slots=True)
class Asked:
    """A tier has answered after `ms`, or `failure` says why it has not.

    The last tier of a turn that did answer is the one whose words he says. Tokens and `money` are
    as in `thinking.Sent`. `text` is the answer, as it is said at home, and `score` how sure the
    tier seemed of it, 0 to 1 (`models/confidence.py`).
    """

    turn: str
    time: float
    tier: str
    ms: float
    failure: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    text: str = ""
    score: float = 0.0
    kind: Literal["asked"] = "asked"


@dataclass(frozen=True, slots=True)
class Acted:
    """One Call of the plan ended after `ms`."""

    turn: str
    time: float
    outcome: Outcome
    ms: float
    kind: Literal["acted"] = "acted"


@dataclass(frozen=True, slots=True)
class Performed:
    """A Call outside any turn, such as a tap on the page, ended after `ms`."""

    time: float
    origin: Origin
    call: Call
    outcome: Outcome
    ms: float
    kind: Literal["performed"] = "performed"


@dataclass(frozen=True, slots=True)
class Replied:
    """The reply is known; wording it took `ms`."""

    turn: str
    time: float
    reply: Reply
    ms: float
    kind: Literal["replied"] = "replied"


@dataclass(frozen=True, slots=True)
class Spoke:
    """A piece of the spoken reply; the first one came `ms` after the reply was known."""

    turn: str
    time: float
    audio: AudioChunk
    ms: float
    kind: Literal["spoke"] = "spoke"


@dataclass(frozen=True, slots=True)
class Silent:
    """The reply stays text: `why` there is no sound of it."""

    turn: str
    time: float
    why: str
    kind: Literal["silent"] = "silent"


@dataclass(frozen=True, slots=True)
class Ended:
    """A turn is over. `how` tells whether it came to its end, `message` what went wrong."""

    turn: str
    time: float
    how: Literal["done", "cancelled", "failed"]
    message: str = ""
    hint: str = ""
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class StateChanged:
    """An entity of the home is now as given, whoever changed it."""

    time: float
    entity: Entity
    kind: Literal["state_changed"] = "state_changed"


@dataclass(frozen=True, slots=True)
class TimerFinished:
    """A timer ran out. `name` is the user's for it, or empty; `seconds` its full length."""

    time: float
    name: str
    seconds: float
    language: str
    kind: Literal["timer_finished"] = "timer_finished"


@dataclass(frozen=True, slots=True)
class JobDone:
    """Something planned was due. `text` is what, in the user's words and `language`.

    `how` tells whether it was done, failed, was so late that it was left undone ("missed"), or is
    only to be said ("reminder").
    """

    time: float
    text: str
    language: str
    how: Literal["done", "failed", "missed", "reminder"]
    kind: Literal["job_done"] = "job_done"


@dataclass(frozen=True, slots=True)
class Brought:
    """A question that waited for the line is answered: `question`, asked at `asked` (seconds since
    1970) in `language`, by the `tier`; `text` is the answer."""

    time: float
    question: str
    language: str
    asked: float
    tier: str
    text: str
    kind: Literal["brought"] = "brought"


Event: TypeAlias = (
    Woken
    | Stirring
    | Hearing
    | Heard
    | Asking
    | Asked
    | Planned
    | Acted
    | Performed
    | Replied
    | Spoke
    | Silent
    | Ended
    | StateChanged
    | TimerFinished
    | JobDone
    | Brought
)
KINDS: tuple[str, ...] = tuple(
    str(field.default)
    for event in get_args(Event)
    for field in fields(event)
    if field.name == "kind"
)
"""The kinds of Events."""
Emit: TypeAlias = Callable[[Event], None]
"""Where a part sends its Events; it must not block."""

WAITING_EVENTS = 1000
"""Events a subscriber may lag behind before it is dropped."""


class Hub:
    """Hands every Event to every subscriber; one that lags too far behind is dropped.

    `first` are told before them, at once.
    """

    def __init__(self, *first: Emit) -> None:
        self._first = first
        self._queues: set[asyncio.Queue[Event | None]] = set()

    def emit(self, event: Event) -> None:
        """Pass `event` on. To be called in the event loop; never blocks."""
        for tell in self._first:
            tell(event)
        for queue in tuple(self._queues):
            if queue.qsize() >= WAITING_EVENTS:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Event]]:
        """Give an iterator over the Events from now on; it ends when its reader was too slow."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues.add(queue)

        async def events() -> AsyncIterator[Event]:
            while (event := await queue.get()) is not None:
                yield event

        try:
            yield events()
        finally:
            self._queues.discard(queue)


class Stopwatch:
    """Measures the `ms` that Events carry."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Return the milliseconds since the last lap."""
        now = time.perf_counter()
        passed, self._last = now - self._last, now
        return passed * 1000
