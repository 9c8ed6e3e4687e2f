"""A page that waits for the wake word, on a real server."""

from __future__ import annotations

from typing import Any

from pages import page, receive_until, send
from websockets.asyncio.client import ClientConnection

from steward.errors import StateError


async def opened(socket: ClientConnection, **more: Any) -> None:
    await send(socket, type="audio_start", rate=16000, **more)


def word(number: int) -> bytes:
    """A piece of sound that the scripted ear hears as one of its words, none for 0."""
    return bytes([number, 0]) * 160


WAKE = 9
"""The piece of sound that the scripted attention takes for the wake word."""


async def test_a_wake_word_begins_each_turn(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, wake=True, aloud=False)
        # What is said before the word, and between turns, is nobody's turn.
        for number in (3, 1, WAKE, 0, 3):
            await socket.send(word(number))
        first = await receive_until(socket, "ended")
        for number in (1, WAKE, 0):
            await socket.send(word(number))
        second = await receive_until(socket, "ended")
    for events in (first, second):
        assert [e["kind"] for e in events if e["kind"] in ("woken", "heard")] == ["woken", "heard"]
        assert len({event["turn"] for event in events}) == 1
        assert next(e for e in events if e["kind"] == "heard")["utterance"]["text"] == "hello"
    assert first[0]["word"] == "jarvis"
    assert first[0]["turn"] != second[0]["turn"]


async def test_the_wake_word_silences_the_reply(address: str, butler: Any) -> None:
    butler.voice_gate.clear()
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, wake=True)
        for number in (WAKE, 0):
            await socket.send(word(number))
        first = await receive_until(socket, "spoke")
        for number in (WAKE, 0):
            await socket.send(word(number))
        ended = (await receive_until(socket, "ended"))[-1]
        butler.voice_gate.set()
        await receive_until(socket, "ended")
    assert ended["turn"] == first[-1]["turn"]
    assert ended["how"] == "cancelled"
    assert len(butler.heard) == 2


async def test_a_page_is_told_when_there_is_no_wake_word(address: str, butler: Any) -> None:
    butler.failure = StateError("there is no such word", hint="steward wake train")
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, wake=True)
        refused = (await receive_until(socket, "refused"))[-1]
    assert refused["turn"] == "t1"
    assert refused["hint"] == "steward wake train"


async def test_a_button_is_held_or_a_word_waited_for(address: str) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=True, wake=True)
        refused = (await receive_until(socket, "refused"))[-1]
    assert "wake word" in refused["message"]


async def test_the_answer_to_a_question_needs_no_word(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, wake=True, aloud=False)
        for number in (WAKE, 4, 0):
            await socket.send(word(number))
        asked = await receive_until(socket, "ended")
        # With the first piece it is noticed that he has asked.
        for number in (0, 5, 0):
            await socket.send(word(number))
        answered = await receive_until(socket, "ended")
        # That was no question: the word is needed again.
        for number in (5, 0, WAKE, 0):
            await socket.send(word(number))
        last = await receive_until(socket, "ended")
    assert [e["kind"] for e in asked].count("woken") == 1
    assert [e["kind"] for e in answered] == ["hearing", "heard", "planned", "replied", "ended"]
    assert answered[1]["utterance"]["text"] == "yes"
    assert answered[0]["turn"] != asked[0]["turn"]
    assert last[0]["kind"] == "woken"


async def test_what_is_no_answer_is_nobodys_turn(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, wake=True, aloud=False)
        for number in (WAKE, 4, 0):
            await socket.send(word(number))
        await receive_until(socket, "ended")
        for number in (0, 3, 1, 0):
            await socket.send(word(number))
        stray = await receive_until(socket, "ended")
        # One try: after that it takes the word.
        for number in (5, 0, WAKE, 0):
            await socket.send(word(number))
        last = await receive_until(socket, "ended")
    assert [(e["kind"], e.get("text"), e.get("how")) for e in stray] == [
        ("hearing", "", None),
        ("ended", None, "cancelled"),
    ]
    assert last[0]["kind"] == "woken"


async def test_stop_is_an_answer_too(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, wake=True, aloud=False)
        for number in (WAKE, 4, 0):
            await socket.send(word(number))
        await receive_until(socket, "ended")
        for number in (0, 2, 0):
            await socket.send(word(number))
        assert (await receive_until(socket, "ended"))[-1]["how"] == "cancelled"
    assert butler.hushed == 1


async def test_a_trigger_opens_the_microphone_for_five_seconds(address: str, butler: Any) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, wake=True, triggered=True, aloud=False)
        for piece in (word(1), word(WAKE), word(0)):
            await socket.send(piece)
        once = await receive_until(socket, "ended")
        assert once[0]["word"] == "jarvis"
        for _ in range(6):
            await socket.send(word(1) * 100)
        # Too late: this word is nobody's.
        await socket.send(word(WAKE))
        await send(socket, type="say", text="hello", turn="t2", aloud=False)
        rest = await receive_until(socket, "ended")
    assert {event["turn"] for event in rest} == {"t2"}


async def test_what_is_triggered_waits_for_a_word(address: str) -> None:
    async with page(address) as socket:
        await opened(socket, turn="t1", held=False, triggered=True)
        refused = (await receive_until(socket, "refused"))[-1]
    assert "wake word" in refused["message"]
