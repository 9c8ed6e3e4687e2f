"""The main path: one turn from words or sound to a spoken reply."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace

from steward.errors import DeviceError, StewardError
from steward.events import (
    Acted,
    Ended,
    Event,
    Heard,
    Hearing,
    Performed,
    Planned,
    Replied,
    Silent,
    Spoke,
    Stirring,
    Stopwatch,
)
from steward.hearing import Acquaintance, Attention, Completeness, Partial, Stir, Stream
from steward.plan.cascade import NO_CONTEXT, check, decide
from steward.plan.completeness import answers, completeness
from steward.plan.dialogue.conversation import Memory, exchange, recall, remember
from steward.plan.doubt import doubt
from steward.plan.hush import hushes
from steward.plan.owner.corrections import corrected
from steward.plan.reply.answer import news
from steward.plan.risk import hold, reserve
from steward.skills.dispatch import Dispatch
from steward.types import (
    GUEST,
    UNASKED,
    AudioChunk,
    Call,
    Calls,
    Context,
    Done,
    Failed,
    Gap,
    Json,
    Meaning,
    Origin,
    Outcome,
    Plan,
    Reply,
    Unknown,
    Utterance,
    Words,
    World,
)
from steward.wiring import Parts

WARMING = {"en": "How are you today?", "zh": "你今天怎么样？"}
"""Sentences that go through every stage: what they load, the first turn need not."""
ANNOUNCEMENT = "announcement-"
"""How the turns begin that nobody asked for: the butler says that a timer ran out."""


class Butler:
    """Runs turns. Any number may run at once; they share the home but nothing of a turn."""

    def __init__(self, parts: Parts) -> None:
        self._parts = self.engines = parts
        self._memory: Memory = {}
        self._skills = Dispatch((*parts.skills, parts.home))

    async def turn(
        self,
        said: Utterance | AudioChunk | Stream,
        *,
        aloud: bool = False,
        turn: str | None = None,
        conversation: str = "",
        origin: Origin = UNASKED,
    ) -> AsyncGenerator[Event, None]:
        """Run one turn and yield its Events, the last of them `Ended`; `aloud` speaks the reply.

        A turn of a `Stream` begins when somebody speaks, with `Hearing`s, and goes on when he is
        done: with the `Heard` the stream is free for the next turn.
        What was said before in the same `conversation` is what "it" and "yes" refer to. Closing
        the iterator, or cancelling the task that reads it, ends the turn where it is: a
        Call under way is carried out or not, never half.

        Raises:
            StewardError: after `Ended`, when a part that the turn cannot do without has failed.
        """
        name = turn or uuid.uuid4().hex[:12]
        failure: StewardError | None = None
        ended = Ended(name, time.time(), "done")
        try:
            async with aclosing(self._steps(name, said, aloud, conversation)) as steps:
                async for event in steps:
                    if isinstance(event, Heard):
                        event = replace(event, origin=origin)
                    self._parts.hub.emit(event)
                    yield event
        except (asyncio.CancelledError, GeneratorExit):
            self._parts.hub.emit(Ended(name, time.time(), "cancelled"))
            raise
        except StewardError as error:
            failure = error
            ended = Ended(name, time.time(), "failed", error.message, error.hint)
        ended = replace(ended, time=time.time())
        self._parts.hub.emit(ended)
        yield ended
        if failure is not None:
            raise failure

    async def perform(
        self, capability: str, arguments: Mapping[str, Json], *, origin: Origin = UNASKED
    ) -> Outcome:
        """Carry out one Call that needs no understanding: a tap on the page."""
        watch, call = Stopwatch(), Call("tap", capability, Meaning("tap"), arguments)
        outcome = await self._skills.perform(call)
        self._parts.hub.emit(Performed(time.time(), origin, call, outcome, watch.lap()))
        return outcome

    def hush(self, conversation: str) -> None:
        """Take it for a no to what he asked leave for that somebody bade him be quiet."""
        now = self._parts.clock()
        if recall(self._memory, conversation, now).pending:
            quiet = Plan(Words(""), "en", "hush", 1.0)
            over = exchange(Utterance(""), quiet, (), World(), now)
            self._memory = remember(self._memory, conversation, over)

    async def attend(self, pieces: AsyncIterator[AudioChunk]) -> Attention:
        """Wait in a sound, of any one rate, for the word that he answers to.

        Raises:
            ModelError: the word, or the weights that it is heard by, are missing or damaged.
        """
        return await self._parts.attend(pieces)

    def acquaintance(self) -> Acquaintance:
        """Return who knows people by their voices."""
        return self._parts.known()

    async def world(self) -> World:
        """Return the home as it is now."""
        return await self._parts.home.world()

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Give an iterator over all Events from now on; it ends when its reader is too slow."""
        return self._parts.hub.subscribe()

    async def warm(self) -> None:
        """Load what would make the first turn slow.

        Raises:
            ModelError: weights are missing or damaged.
        """
        world = await self.world()
        recognizer = await self._parts.recognizer.get()
        await self._parts.ear.get()
        for language, sentence in WARMING.items():
            plan = await self._plan(Utterance(sentence, language), world)
            async with aclosing(self._parts.voice.speak(sentence, plan.language)) as sounds:
                async for sound in sounds:
                    await recognizer.recognize(sound)

    async def run(self) -> None:
        """Watch the world (other programs' changes, timers) until cancelled; say what ran out."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ring())
            for watch in self._parts.watchers:
                group.create_task(watch())

    async def _ring(self) -> None:
        async with self.subscribe() as events:
            async for event in events:
                if (reply := news(event)) is not None:
                    turn = ANNOUNCEMENT + uuid.uuid4().hex[:12]
                    async for spoken in self._speak(turn, reply, Stopwatch()):
                        self._parts.hub.emit(spoken)

    async def _steps(
        self, turn: str, said: Utterance | AudioChunk | Stream, aloud: bool, conversation: str
    ) -> AsyncGenerator[Event, None]:
        watch, utterance = Stopwatch(), Utterance("")
        async with aclosing(self._hear(turn, said, conversation)) as hearings:
            async for hearing in hearings:
                if isinstance(hearing, Heard):
                    utterance = hearing.utterance
                yield hearing
        watch.lap()
        world = await self._parts.home.world()
        context = recall(self._memory, conversation, self._parts.clock())
        rules, context = self._parts.rules, replace(context, turn=turn)
        plan = await self._plan(utterance, world, context)
        if isinstance(said, Stream) and said.answer and not answers(plan):
            return
        plan = hold(reserve(plan, world, rules, utterance.speaker), world, rules)
        plan = doubt(plan, utterance, world, rules)
        yield Planned(turn, time.time(), plan, watch.lap())

        outcomes: list[Outcome] = []
        try:
            for call in plan.body.calls if isinstance(plan.body, Calls) else ():
                outcomes.append(await self._follow(call, outcomes))
                yield Acted(turn, time.time(), outcomes[-1], watch.lap())
        finally:
            # A turn that is cancelled may have done something, too, which "undo that" is about.
            over = exchange(utterance, plan, outcomes, world, self._parts.clock())
            self._memory = remember(self._memory, conversation, over)
        if (note := corrected(context, over)) is not None:
            await self._skills.perform(note)
        reply = self._parts.word(plan, outcomes, world)
        yield Replied(turn, time.time(), reply, watch.lap())
        if aloud:
            async with aclosing(self._speak(turn, reply, watch)) as sounds:
                async for event in sounds:
                    yield event

    async def _hear(
        self, turn: str, said: Utterance | AudioChunk | Stream, conversation: str
    ) -> AsyncGenerator[Stirring | Hearing | Heard, None]:
        """Yield what is heard of `said`, the last of it `Heard`."""
        watch, lag = Stopwatch(), None
        if isinstance(said, Stream):
            ear, sense = await self._parts.ear.get(), _Sense(self._first, conversation)
            async with aclosing(ear.listen(said, sense)) as words:
                async for heard in words:
                    if heard.kind == "final":
                        utterance, lag = heard.utterance, heard.lag * 1000
                        break
                    yield _hearing(turn, heard)
        elif isinstance(said, AudioChunk):
            recognizer = await self._parts.recognizer.get()
            utterance = await recognizer.recognize(said)
        else:
            check(said)
            utterance = said
        if not isinstance(said, Utterance):
            utterance = replace(utterance, speaker=utterance.speaker or GUEST)
        there = said.area if isinstance(said, Stream) else utterance.area
        at, area = utterance.at or self._parts.now(), there or self._parts.area
        utterance = replace(utterance, at=at, area=area)
        yield Heard(turn, time.time(), utterance, watch.lap() if lag is None else lag)

    async def _first(self, utterance: Utterance, conversation: str) -> Plan:
        """Return what the first stage makes of words that are perhaps not all."""
        context = recall(self._memory, conversation, self._parts.clock())
        return await self._parts.stages[0](utterance, await self.world(), context)

    async def _plan(
        self, utterance: Utterance, world: World, context: Context = NO_CONTEXT
    ) -> Plan:
        if utterance.text.strip():
            return await decide(self._parts.stages, utterance, world, context)
        silence = Unknown(Gap.NOTHING_HEARD)
        return Plan(silence, utterance.language or "en", "recogniser", utterance.confidence)

    async def _follow(self, call: Call, before: Sequence[Outcome]) -> Outcome:
        done = {outcome.call for outcome in before if isinstance(outcome, Done)}
        if not done.issuperset(call.needs):
            return Failed(call.id, "skipped", "a step that this one needs was not done")
        return await self._skills.perform(call)

    async def _speak(
        self, turn: str, reply: Reply, watch: Stopwatch
    ) -> AsyncGenerator[Event, None]:
        if reply.language not in self._parts.voice.languages:
            yield Silent(turn, time.time(), f"no voice for the language {reply.language!r}")
            return
        try:
            async with aclosing(self._parts.voice.speak(reply.text, reply.language)) as sounds:
                async for audio in sounds:
                    yield Spoke(turn, time.time(), audio, watch.lap())
        except DeviceError as error:
            # What was asked for is done and the reply is known: a voice that is broken must not
            # turn that into a failed turn.
            yield Silent(turn, time.time(), str(error))


def _hearing(turn: str, heard: Stir | Partial) -> Stirring | Hearing:
    if heard.kind == "stir":
        return Stirring(turn, time.time())
    return Hearing(turn, time.time(), heard.text, heard.stable, heard.language)


@dataclass(frozen=True)
class _Sense:
    """A Sense that asks the first stage, in a conversation."""

    read: Callable[[Utterance, str], Awaitable[Plan]]
    conversation: str

    async def completeness(self, text: str, language: str | None) -> Completeness:
        """Tell how far `text` is; a call to be quiet is whole whatever the stage says."""
        if hushes(text):
            return Completeness.FINISHED
        plan = await self.read(Utterance(text, language), self.conversation)
        return completeness(text, plan)
