"""The page's WebSocket, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pages import page, receive, receive_until, send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from cookies import cookie
from steward.errors import StateError
from steward.events import StateChanged, TimerFinished
from steward.serve import session
from steward.types import AudioChunk, Origin, Utterance

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_the_world_comes_first(address: str) -> None:
    url, headers = f"{address.replace('http', 'ws')}ws", await cookie(address)
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        world = (await receive(socket))["world"]
    assert world["areas"][0]["id"] == "hall"
    lamp = world["entities"][0]
    assert lamp["aliases"] == ["台灯"]
    assert lamp["attributes"] == {"brightness": 10}


async def test_typed_words_become_a_turn(address: str) -> None:
    async with page(address) as socket:
        await send(socket, type="say", text="hello", turn="t1", aloud=True)
        events = await receive_until(socket, "ended")
    kinds = [event["kind"] for event in events]
    assert kinds == ["heard", "planned", "replied", "spoke", "spoke", "ended"]
    assert {event["turn"] for event in events} == {"t1"}
    assert events[2]["reply"]["text"] == "echo: hello"
    assert events[3]["rate"] == 22050
    assert events[3]["pcm"] == b"\x01\x02" * 8


async def test_sound_becomes_a_turn_at_its_own_rate(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await send(socket, type="audio_start", rate=48000, turn="t1")
        await socket.send(b"\x01\x00" * 4800)
        await socket.send(b"\x02\x00" * 4800 + b"\x07")
        await send(socket, type="audio_end")
        await receive_until(socket, "ended")
    assert butler.heard == [AudioChunk(b"\x01\x00" * 4800 + b"\x02\x00" * 4800, 48000)]


async def opened(socket: ClientConnection, **more: Any) -> None:
    await send(socket, type="audio_start", rate=16000, **more)


def word(number: int) -> bytes:
    """A piece of sound that the scripted ear hears as one of its words, none for 0."""
    return bytes([number, 0]) * 160


async def test_words_are_shown_while_they_are_said(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1")
        for number in (1, 2):
            await socket.send(word(number))
        await send(socket, type="audio_end")
        events = await receive_until(socket, "ended")
    said = [event["text"] for event in events if event["kind"] == "hearing"]
    assert said == ["", "please", "please stop"]
    assert next(e for e in events if e["kind"] == "heard")["utterance"]["text"] == "please stop"
    # Nothing was running, so that this is a sentence like any other.
    replied = next(event for event in events if event["kind"] == "replied")
    assert replied["reply"]["text"] == "echo: please stop"


async def test_an_open_microphone_hears_one_turn_after_the_other(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, aloud=False)
        for number in (3, 0, 3, 3, 0, 0, 0):
            await socket.send(word(number))
        events = await receive_until(socket, "ended") + await receive_until(socket, "ended")
        await send(socket, type="audio_end")
        await send(socket, type="say", text="typed", turn="t9")
        last: list[dict[str, Any]] = []
        while not last or last[-1]["turn"] != "t9":
            last += await receive_until(socket, "ended")
    replies = [event for event in (*events, *last) if event["kind"] == "replied"]
    assert [reply["reply"]["text"] for reply in replies] == [
        "echo: hello", "echo: hello hello", "echo: typed",
    ]  # fmt: skip
    assert len({reply["turn"] for reply in replies}) == 3
    # The turn that nobody began ends without a word.
    rest = [event for event in last if event["turn"] not in {r["turn"] for r in replies}]
    assert [event["kind"] for event in rest] in ([], ["ended"])
    assert butler.running == 0


async def test_who_speaks_over_him_silences_him_and_is_heard(address: str, butler: Any) -> None:
    butler.voice_gate.clear()
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False)
        for number in (3, 0):
            await socket.send(word(number))
        await receive_until(socket, "spoke")
        await socket.send(word(1))
        # With the first sound, long before there are words.
        over = await receive_until(socket, "ended")
        assert [(e["kind"], e.get("text"), e.get("how")) for e in over][-1] == (
            "ended", None, "cancelled",
        )  # fmt: skip
        assert over[-1]["turn"] == "t1"
        butler.voice_gate.set()
        await socket.send(word(3) + word(0))
        await socket.send(word(0))
        second = await receive_until(socket, "ended")
    assert [e["reply"]["text"] for e in second if e["kind"] == "replied"] == ["echo: please hello"]


@pytest.mark.parametrize("when", ["thinking", "speaking", "typed"])
async def test_stop_ends_what_runs_and_is_no_turn_itself(
    address: str, butler: Any, when: str
) -> None:
    gate = butler.voice_gate if when == "speaking" else butler.gate
    gate.clear()
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False)
        for number in (3, 0):
            await socket.send(word(number))
        await receive_until(socket, "spoke" if when == "speaking" else "planned")
        waiting = when != "speaking"
        if waiting:
            await send(socket, type="say", text="next", turn="t2")
        if when == "typed":
            await send(socket, type="say", text="Stop!", turn="t3")
        else:
            for number in (2, 0):
                await socket.send(word(number))
        ended = [(await receive_until(socket, "ended"))[-1] for _ in range(2 + waiting)]
        assert butler.hushed == 1
        gate.set()
        await send(socket, type="say", text="hello", turn="t4")
        assert (await receive_until(socket, "ended"))[-1]["turn"] == "t4"
    assert {event["how"] for event in ended} == {"cancelled"}
    said = [each.text for each in butler.heard if isinstance(each, Utterance)]
    assert "Stop!" not in said


async def test_a_cough_over_him_wants_no_answer(address: str, butler: Any) -> None:
    butler.gate.clear()
    async with page(address) as socket:
        await send(socket, type="say", text="hello", turn="t1")
        await receive_until(socket, "planned")
        await opened(socket, turn="t2")
        await socket.send(word(0))
        await send(socket, type="audio_end")
        assert (await receive_until(socket, "ended"))[-1]["turn"] == "t2"
        butler.gate.set()
        assert (await receive_until(socket, "ended"))[-1]["turn"] == "t1"


async def test_cancel_closes_the_microphone(address: str, butler: Any, until: Until) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False)
        await socket.send(word(3))
        await receive_until(socket, "hearing")
        await send(socket, type="cancel")
        assert (await receive_until(socket, "ended"))[-1]["how"] == "cancelled"
        await until(lambda: butler.running == 0)
        await socket.send(word(3))
        await send(socket, type="audio_end")
        assert (await receive_until(socket, "refused"))[-1]["message"] == "no recording to end"


async def test_sound_outside_a_recording_is_dropped(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await socket.send(b"\x01\x00" * 100)
        await send(socket, type="audio_end")
        assert (await receive(socket))["kind"] == "refused"
    assert butler.heard == []


@pytest.mark.parametrize(("held", "seconds"), [(True, 61), (False, 11)])
async def test_a_recording_over_a_minute_or_faster_than_sound_is_refused(
    address: str, butler: Any, held: bool, seconds: int
) -> None:
    async with page(address) as socket:
        await send(socket, type="audio_start", rate=8000, turn="long", held=held)
        await socket.send(bytes(16000 * seconds))
        refused = await receive(socket)
    assert refused["turn"] == "long"
    assert "60 seconds, or comes faster" in refused["message"]
    assert butler.heard == []


async def test_a_tap_is_carried_out_and_every_page_sees_it(address: str) -> None:
    async with page(address) as one, page(address) as other:
        await send(one, type="tap", ref=7, capability="light.turn_on", arguments={})
        tapped = (await receive_until(one, "tapped"))[-1]
        seen = await receive(other)
    assert tapped["ref"] == 7
    assert tapped["outcome"]["kind"] == "done"
    assert (seen["kind"], seen["entity"]["state"]) == ("state_changed", "on")


async def test_a_tap_that_fails_says_so(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await send(socket, type="tap", capability="door.open")
        assert (await receive(socket))["outcome"]["reason"] == "unsupported"
        butler.failure = StateError("the disk is full", hint="free some space")
        await send(socket, type="tap", ref=3, capability="light.turn_on")
        refused = await receive(socket)
    assert (refused["kind"], refused["ref"]) == ("refused", 3)
    assert refused["hint"] == "free some space"


async def test_a_finished_timer_is_told(address: str, butler: Any) -> None:
    async with page(address) as socket:
        butler.hub.emit(TimerFinished(1.0, "tea", 300.0, "en"))
        assert (await receive(socket))["name"] == "tea"


async def test_turns_of_other_pages_stay_theirs(address: str, butler: Any) -> None:
    async with page(address) as one, page(address) as other:
        await send(one, type="say", text="secret", turn="t1")
        await receive_until(one, "ended")
        butler.hub.emit(TimerFinished(1.0, "mark", 1.0, "en"))
        assert (await receive(other))["kind"] == "timer_finished"


async def test_a_closed_page_ends_its_turn(address: str, butler: Any, until: Until) -> None:
    butler.gate.clear()
    before = len(asyncio.all_tasks())
    async with page(address) as socket:
        await send(socket, type="say", text="hello", turn="t1")
        await butler.begun.wait()
        assert butler.running == 1
    await until(lambda: butler.running == 0)
    await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_page_that_vanishes_mid_recording_leaves_nothing(
    address: str, butler: Any, until: Until
) -> None:
    before = len(asyncio.all_tasks())
    async with page(address) as socket:
        await send(socket, type="audio_start", rate=16000)
        await socket.send(bytes(32000))
        socket.transport.abort()
    await until(lambda: len(asyncio.all_tasks()) <= before)
    assert butler.heard == []


async def test_cancel_stops_the_turn_and_those_that_wait(address: str, butler: Any) -> None:
    butler.gate.clear()
    async with page(address) as socket:
        await send(socket, type="say", text="one", turn="t1")
        await receive_until(socket, "planned")
        await send(socket, type="say", text="two", turn="t2")
        await send(socket, type="cancel")
        ended = [await receive(socket), await receive(socket)]
        assert {(e["turn"], e["how"]) for e in ended} == {("t1", "cancelled"), ("t2", "cancelled")}
        assert butler.running == 0
        butler.gate.set()
        await send(socket, type="say", text="three", turn="t3")
        assert (await receive_until(socket, "ended"))[-1]["how"] == "done"
    assert [said.text for said in butler.heard] == ["one", "three"]


async def test_new_words_hush_the_reply_but_not_what_was_asked(address: str, butler: Any) -> None:
    butler.voice_gate.clear()
    async with page(address) as socket:
        await send(socket, type="say", text="one", turn="t1", aloud=True)
        await receive_until(socket, "spoke")
        await send(socket, type="say", text="two", turn="t2")
        assert (await receive_until(socket, "ended"))[-1]["turn"] == "t1"
        assert (await receive_until(socket, "ended"))[-1]["how"] == "done"
        butler.gate.clear()
        await send(socket, type="say", text="three", turn="t3", aloud=True)
        await receive_until(socket, "planned")
        await send(socket, type="say", text="four", turn="t4")
        await asyncio.sleep(0)
        butler.gate.set()
        rest = await receive_until(socket, "ended") + await receive_until(socket, "ended")
    answered = [event["reply"]["text"] for event in rest if event["kind"] == "replied"]
    assert answered == ["echo: three", "echo: four"]


async def test_too_many_waiting_turns_are_refused(address: str, butler: Any) -> None:
    butler.gate.clear()
    async with page(address) as socket:
        for number in range(session.WAITING_TURNS + 2):
            await send(socket, type="say", text="again", turn=f"t{number}")
        refused = (await receive_until(socket, "refused"))[-1]
        # Which one depends on whether the first had left the queue when the others came.
        assert refused["turn"] in {f"t{session.WAITING_TURNS}", f"t{session.WAITING_TURNS + 1}"}
        butler.gate.set()
        for _ in range(session.WAITING_TURNS):
            assert (await receive_until(socket, "ended"))[-1]["how"] == "done"


async def test_a_failed_turn_says_why(address: str, butler: Any) -> None:
    butler.failure = StateError("the disk is full", hint="free some space")
    async with page(address) as socket:
        await send(socket, type="say", text="one", turn="t1")
        ended = (await receive_until(socket, "ended"))[-1]
        assert (ended["how"], ended["message"]) == ("failed", "the disk is full")
        butler.failure = None
        await send(socket, type="say", text="two", turn="t2")
        assert (await receive_until(socket, "ended"))[-1]["how"] == "done"


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"type": "say"}', '{"type": "fly"}', '{"type": "say", "text": 5}',
        '{"type": "say", "text": "x", "extra": 1}', '{"type": "audio_start", "rate": 1}',
        '{"type": "say", "text": "x", "turn": "../.."}', '{"type": "tap", "capability": "x"}',
        '{"type": "tap", "capability": "a.b", "arguments": []}', "[" * 5000,
    ],
)  # fmt: skip
async def test_a_malformed_message_is_refused_and_the_page_lives(address: str, text: str) -> None:
    async with page(address) as socket:
        await socket.send(text)
        refused = await receive(socket)
        assert refused["kind"] == "refused"
        assert refused["hint"]
        await send(socket, type="say", text="still here")
        assert (await receive_until(socket, "ended"))[-1]["how"] == "done"


@pytest.mark.parametrize("text", ["word " * 10_001, "x" * 65_537])
async def test_a_text_that_is_too_long_is_refused(address: str, butler: Any, text: str) -> None:
    async with page(address) as socket:
        await send(socket, type="say", text=text)
        assert "longer than" in (await receive(socket))["message"]
    assert butler.heard == []


async def test_a_huge_message_closes_its_page_only(address: str) -> None:
    async with page(address) as good, page(address) as bad:
        with pytest.raises(ConnectionClosed):
            await bad.send("x" * (2 * 1024 * 1024))
            await bad.recv()
        await send(good, type="say", text="fine")
        assert (await receive_until(good, "ended"))[-1]["how"] == "done"


async def test_a_page_that_does_not_read_is_closed(address: str, butler: Any, until: Until) -> None:
    before = len(asyncio.all_tasks())
    async with page(address) as slow, page(address) as quick:
        slow.transport.pause_reading()
        big = {"note": "x" * 60_000}
        while len(butler.hub._queues) == 2:
            butler.lamp = type(butler.lamp)("light.lamp", "Lamp", "on", attributes=big)
            butler.hub.emit(StateChanged(1.0, butler.lamp))
            await receive(quick)
        assert len(butler.hub._queues) == 1
        slow.transport.abort()
    await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_the_language_of_the_words_is_passed_on(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await send(socket, type="say", text="你好", language="zh")
        await receive_until(socket, "ended")
    assert butler.heard == [Utterance("你好", "zh")]


async def test_what_a_page_asks_for_says_that_a_page_asked(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await send(socket, type="say", text="hello")
        await receive_until(socket, "ended")
        await send(socket, type="tap", capability="light.turn_on")
        await receive_until(socket, "tapped")
    assert butler.origins == [Origin("page", "127.0.0.1")] * 2
