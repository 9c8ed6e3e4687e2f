"""Turns of the butler, with scripted parts in place of models and the home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from steward.butler import Butler
from steward.errors import ModelError, UserError
from steward.events import (
    Acted,
    Ended,
    Event,
    Heard,
    Hearing,
    Hub,
    Performed,
    Planned,
    Replied,
    Silent,
    Spoke,
)
from steward.hearing import Attention, Completeness, Final, Partial, Sense, Stream
from steward.lazy import Lazy
from steward.models.reader import OnnxReader
from steward.models.scripted import Scripted, saying
from steward.plan.cascade import MAX_CHARACTERS, Stage
from steward.speech.known import KnownVoices
from steward.types import (
    GUEST,
    AudioChunk,
    Call,
    Calls,
    Capability,
    Context,
    Done,
    Entity,
    Failed,
    Gap,
    Json,
    Meaning,
    Origin,
    Outcome,
    Plan,
    Question,
    Unknown,
    Utterance,
    Words,
    World,
)
from steward.wiring import Parts

SOUND = AudioChunk(b"\0\0" * 1600, 16000)


@dataclass
class OneLamp:
    """A home with one lamp, that can be told to hang or to fail."""

    gate: asyncio.Event | None = None
    fails: bool = False
    calls: list[Call] = field(default_factory=list)
    capabilities: tuple[Capability, ...] = (Capability("light.turn_on"),)

    @property
    def seen(self) -> World:
        return World(entities=(Entity("light.lamp", "Lamp", "off"),))

    async def world(self) -> World:
        return self.seen

    async def watch(self) -> None:
        await asyncio.Event().wait()

    async def perform(self, call: Call) -> Outcome:
        if self.gate is not None:
            await self.gate.wait()
        self.calls.append(call)
        if self.fails:
            return Failed(call.id, "unavailable", "the lamp does not answer")
        states: Json = {"light.lamp": {"state": "on", "unit": None, "attributes": {}}}
        return Done(call.id, {"states": states, "changed": ["light.lamp"]})


@dataclass
class Ear:
    text: str = "turn on the lamp"

    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        return Utterance(self.text, "en", 0.9)

    async def listen(
        self, stream: Stream, sense: Sense, language: str | None = None
    ) -> AsyncGenerator[Partial | Final, None]:
        """Hears a word more with each piece, until the words are whole."""
        yield Partial("", "", None)
        said: list[str] = []
        for word in self.text.split():
            if await anext(stream.pieces, None) is None:
                break
            said.append(word)
            text = " ".join(said)
            if await sense.completeness(text, "en") is Completeness.FINISHED:
                break
            yield Partial(text, "", "en")
        yield Final(Utterance(" ".join(said), "en", 0.9), 1.0, 1.1, 0.2)


@dataclass
class Mouth:
    broken: bool = False
    languages: frozenset[str] = frozenset({"en"})

    async def speak(self, text: str, language: str) -> AsyncGenerator[AudioChunk, None]:
        if self.broken:
            raise ModelError("the voice is damaged", hint="make setup")
        for _ in text.split():
            yield SOUND


def lamp_call(name: str, *needs: str) -> Call:
    slots = {"name": "lamp"}
    arguments = {"entity_id": ["light.lamp"]}
    return Call(name, "light.turn_on", Meaning("HassTurnOn", slots=slots), arguments, needs)


def planner(body: Calls | Words | Unknown, language: str = "en") -> Stage:
    async def stage(utterance: Utterance, world: World, context: Context) -> Plan:
        return Plan(body, language, "scripted", 1.0 if not isinstance(body, Unknown) else 0.0)

    return stage


def nobody() -> KnownVoices:
    raise AssertionError("who speaks is the recogniser's to tell")


async def asleep(pieces: AsyncIterator[AudioChunk]) -> Attention:
    raise AssertionError("nobody waits for a word here")


def parts_of(home: OneLamp, stages: Sequence[Stage], mouth: Mouth, ear: Callable[[], Ear]) -> Parts:
    return Parts(
        hub=Hub(),
        home=home,
        skills=(),
        stages=stages or (planner(Calls((lamp_call("1"),))),),
        recognizer=Lazy(ear),
        ear=Lazy(ear),
        known=nobody,
        attend=asleep,
        model=Lazy(lambda: Scripted(saying("hello"))),
        voice=mouth,
        reader=OnnxReader(),
        area="hall",
    )


def butler(
    home: OneLamp, *stages: Stage, mouth: Mouth | None = None, ear: Ear | None = None
) -> Butler:
    heard = ear or Ear()
    return Butler(parts_of(home, stages, mouth or Mouth(), lambda: heard))


async def kinds(events: AsyncIterator[Event]) -> list[str]:
    return [event.kind async for event in events]


async def test_a_spoken_turn_emits_every_step_in_order() -> None:
    events = [event async for event in butler(OneLamp()).turn(SOUND, aloud=True)]
    order = list(dict.fromkeys(event.kind for event in events))
    assert order == ["heard", "planned", "acted", "replied", "spoke", "ended"]
    heard, ended = events[0], events[-1]
    assert isinstance(heard, Heard)
    assert heard.utterance.at is not None
    at = heard.utterance.at
    expected = Utterance("turn on the lamp", "en", 0.9, GUEST, area="hall", at=at)
    assert heard.utterance == expected
    assert isinstance(ended, Ended)
    assert ended.how == "done"


async def pieces(count: int) -> AsyncGenerator[AudioChunk, None]:
    for _ in range(count):
        yield SOUND


async def test_a_turn_of_a_stream_ends_when_its_words_are_whole() -> None:
    async def stage(utterance: Utterance, world: World, context: Context) -> Plan:
        whole = utterance.text.endswith("lamp")
        return Plan(Calls((lamp_call("1"),)) if whole else Unknown(), "en", "s", float(whole))

    home, sound = OneLamp(), pieces(10)
    his = butler(home, stage, ear=Ear("turn on the lamp and more"))
    events = [event async for event in his.turn(Stream(sound))]
    words = [event.text for event in events if isinstance(event, Hearing)]
    assert words == ["", "turn", "turn on", "turn on the"]
    heard = next(event for event in events if isinstance(event, Heard))
    assert (heard.utterance.text, heard.utterance.area, heard.ms) == (
        "turn on the lamp",
        "hall",
        200,
    )
    assert len(home.calls) == 1
    assert len([piece async for piece in sound]) == 6


async def test_no_stage_is_asked_whether_stop_is_a_whole_sentence() -> None:
    asked: list[str] = []

    async def stage(utterance: Utterance, world: World, context: Context) -> Plan:
        asked.append(utterance.text)
        return Plan(Unknown(), "en", "s", 0.0)

    events = butler(OneLamp(), stage, ear=Ear("stop and more")).turn(Stream(pieces(9)))
    async with aclosing(events):
        heard = [event async for event in events if isinstance(event, Heard)]
    assert heard[0].utterance.text == "stop"
    # The turn itself is what the caller closes when the butler was speaking.
    assert asked == ["stop"]


async def test_to_be_hushed_is_a_no() -> None:
    home, question = OneLamp(), Question("Shall I?", (lamp_call("1"),))
    pending: list[int] = []

    async def stage(utterance: Utterance, world: World, context: Context) -> Plan:
        pending.append(len(context.pending))
        return Plan(question, "en", "s", 1.0)

    his = butler(home, stage)
    for hushed in (False, False, True):
        if hushed:
            his.hush("c")
        await kinds(his.turn(Utterance("turn on the lamp"), conversation="c"))
    assert pending == [0, 1, 0]


async def test_the_hub_sees_what_the_reader_sees() -> None:
    his = butler(OneLamp())
    async with his.subscribe() as events:
        seen = await kinds(his.turn(Utterance("turn on the lamp")))
        heard = [(await anext(events)).kind for _ in seen]
    assert heard == seen


async def test_a_step_whose_need_failed_is_skipped() -> None:
    plan = Calls((lamp_call("1"), lamp_call("2", "1"), lamp_call("3")))
    home = OneLamp(fails=True)
    events = [e async for e in butler(home, planner(plan)).turn(Utterance("x"))]
    outcomes = [event.outcome for event in events if isinstance(event, Acted)]
    assert [o.reason for o in outcomes if isinstance(o, Failed)] == [
        "unavailable",
        "skipped",
        "unavailable",
    ]
    assert [call.id for call in home.calls] == ["1", "3"]


async def test_an_unknown_capability_fails_and_is_not_claimed() -> None:
    call = Call("1", "rocket.launch", Meaning("HassTurnOn"))
    events = [e async for e in butler(OneLamp(), planner(Calls((call,)))).turn(Utterance("x"))]
    acted = next(event for event in events if isinstance(event, Acted))
    assert isinstance(acted.outcome, Failed)
    assert acted.outcome.reason == "unsupported"


async def test_silence_plans_nothing() -> None:
    home = OneLamp()
    events = [e async for e in butler(home, ear=Ear(" ")).turn(SOUND)]
    planned = next(event for event in events if isinstance(event, Planned))
    assert planned.plan.body == Unknown(Gap.NOTHING_HEARD)
    assert home.calls == []


@pytest.mark.parametrize("text", ["", "  \n", "word " * 10_000, "x" * (MAX_CHARACTERS + 1)])
async def test_an_impossible_sentence_is_refused(text: str) -> None:
    home = OneLamp()
    seen: list[Event] = []
    with pytest.raises(UserError) as caught:
        async for event in butler(home).turn(Utterance(text)):
            seen.append(event)  # noqa: PERF401 - the list must survive the error
    assert caught.value.hint
    assert [event.kind for event in seen] == ["ended"]
    assert home.calls == []


async def test_a_language_without_a_voice_stays_text_and_says_why() -> None:
    stage = planner(Words("Guten Abend."), "de")
    events = [e async for e in butler(OneLamp(), stage).turn(Utterance("x"), aloud=True)]
    silent = next(event for event in events if isinstance(event, Silent))
    assert "de" in silent.why


async def test_a_broken_voice_does_not_undo_the_turn() -> None:
    home = OneLamp()
    events = [
        e async for e in butler(home, mouth=Mouth(broken=True)).turn(Utterance("x"), aloud=True)
    ]
    assert [event.kind for event in events][-2:] == ["silent", "ended"]
    assert len(home.calls) == 1


async def test_a_missing_model_is_an_error_with_its_hint() -> None:
    def missing() -> Ear:
        raise ModelError("the recogniser is missing", hint="make setup")

    home = OneLamp()
    his = butler(home)
    parts = parts_of(home, (planner(Words("hello")),), Mouth(), missing)
    seen: list[Event] = []
    with pytest.raises(ModelError):
        async for event in Butler(parts).turn(SOUND):
            seen.append(event)  # noqa: PERF401 - the list must survive the error
    assert seen
    assert isinstance(seen[-1], Ended)
    assert (seen[-1].how, seen[-1].hint) == ("failed", "make setup")
    assert "replied" in await kinds(his.turn(SOUND))


async def test_closing_the_iterator_cancels_the_turn() -> None:
    home = OneLamp()
    his = butler(home)
    async with his.subscribe() as events:
        async with aclosing(his.turn(Utterance("x"))) as turn:
            await anext(turn)
        kinds_seen = [(await anext(events)).kind, await anext(events)]
    assert kinds_seen[0] == "heard"
    assert isinstance(kinds_seen[1], Ended)
    assert kinds_seen[1].how == "cancelled"
    assert home.calls == []


async def test_cancelling_the_task_cancels_the_turn() -> None:
    home = OneLamp(gate=asyncio.Event())
    his = butler(home)
    async with his.subscribe() as events:
        task = asyncio.create_task(kinds(his.turn(Utterance("x"))))
        assert [(await anext(events)).kind for _ in range(2)] == ["heard", "planned"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        ended = await anext(events)
    assert isinstance(ended, Ended)
    assert ended.how == "cancelled"
    assert home.calls == []


async def test_two_turns_at_once_do_not_mix() -> None:
    async def echo(utterance: Utterance, world: World, context: Context) -> Plan:
        await asyncio.sleep(0)
        return Plan(Words(utterance.text), "en", "echo", 1.0)

    his = butler(OneLamp(), echo)

    async def replies(text: str) -> list[tuple[str, str]]:
        return [
            (event.turn, event.reply.text)
            async for event in his.turn(Utterance(text), turn=text)
            if isinstance(event, Replied)
        ]

    names: Sequence[str] = [f"sentence {n}" for n in range(20)]
    assert await asyncio.gather(*map(replies, names)) == [[(name, name)] for name in names]


async def test_a_tap_performs_one_call() -> None:
    home = OneLamp()
    outcome = await butler(home).perform("light.turn_on", {"entity_id": ["light.lamp"]})
    assert isinstance(outcome, Done)
    assert isinstance(await butler(home).perform("light.explode", {}), Failed)


async def test_whoever_listens_is_told_who_asked() -> None:
    made, phone = butler(OneLamp()), Origin("api", "phone")
    async with made.subscribe() as events:
        turn = [event async for event in made.turn(Utterance("on"), origin=phone)]
        await made.perform("light.turn_on", {}, origin=phone)
        told = [await anext(events) for _ in range(len(turn) + 1)]
    assert isinstance(told[0], Heard)
    assert isinstance(told[-1], Performed)
    assert told[0].origin == told[-1].origin == phone


async def test_speech_comes_in_pieces() -> None:
    events = [e async for e in butler(OneLamp()).turn(Utterance("x"), aloud=True)]
    assert sum(isinstance(event, Spoke) for event in events) > 1


async def test_a_lazy_part_is_made_once() -> None:
    lazy = Lazy(object)
    made = await asyncio.gather(*(lazy.get() for _ in range(5)))
    assert len(set(map(id, made))) == 1
