"""The Wyoming door, asked by the protocol's own client and by peers that break it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.intent import Recognize
from wyoming.ping import Ping
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)
from wyoming.wake import Detect
from wyoming_peer import connected

from steward import types
from steward.config import WyomingConfig
from steward.errors import PortError, StateError
from steward.hearing import Final, Partial, Sense, Stream, Words
from steward.serve.wyoming import session
from steward.serve.wyoming.server import opened
from steward.serve.wyoming.services import Services
from steward.wyoming import door, wire


class ScriptedEar:
    """Hears the length of each piece as a word, the language that it was told."""

    async def listen(
        self, stream: Stream, sense: Sense, language: str | None = None
    ) -> AsyncGenerator[Words, None]:
        words: list[str] = []
        yield Partial("", "", None)
        async for piece in stream.pieces:
            words.append(str(len(piece.pcm)))
            yield Partial(" ".join(words) + " 9", " ".join(words), language)
        yield Final(types.Utterance(" ".join(words) + ".", language or "en"), 1.0, 1.0, 0.0)


class ScriptedVoice:
    """Says each character as one sample, Chinese at another rate, and keeps what it said."""

    languages = frozenset({"en", "zh"})

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    async def speak(self, text: str, language: str) -> AsyncGenerator[types.AudioChunk, None]:
        self.said.append((text, language))
        yield types.AudioChunk(bytes(2 * len(text)), 22050 if language == "en" else 24000)


async def read(said: types.Utterance) -> types.Plan:
    """Each word of a sentence turns something on, where there is any."""
    calls = tuple(
        types.Call(word, "light.turn_on", types.Meaning("HassTurnOn", slots={"name": word}))
        for word in said.text.split()
    )
    return types.Plan(types.Calls(calls) if calls else types.Unknown(), "en", "script", 1.0)


@pytest.fixture
def voice() -> ScriptedVoice:
    return ScriptedVoice()


@pytest.fixture
async def port(butler: Any, voice: ScriptedVoice) -> AsyncIterator[int]:
    async def ear() -> ScriptedEar:
        return ScriptedEar()

    services = Services(butler, ear, voice, "jarvis", ("en", "zh"), read)
    async with opened(services, WyomingConfig(port=0)) as made:
        yield made


def sound(size: int) -> AudioChunk:
    return AudioChunk(16_000, 2, 1, bytes(size))


async def test_it_tells_what_it_offers(port: int) -> None:
    async with connected(port) as client:
        await client.send(Describe())
        info = Info.from_event((await client.until("info"))[-1])
    assert {voice.name for voice in info.tts[0].voices} == {"steward-en", "steward-zh"}
    assert info.asr[0].supports_transcript_streaming
    assert "zh" in info.asr[0].models[0].languages
    assert info.handle[0].supports_home_control
    assert info.wake[0].models[0].name == "jarvis"
    for program in (*info.asr, *info.tts, *info.handle, *info.intent, *info.wake):
        assert program.installed


async def test_a_recording_is_told_word_by_word_and_as_a_whole(port: int) -> None:
    async with connected(port) as client:
        await client.send(Transcribe(language="de-DE"), AudioStart(16_000, 2, 1))
        await client.send(sound(2), sound(4), sound(6), AudioStop())
        events = await client.until("transcript-stop")
        # The next one on the same connection is its own.
        await client.send(Transcribe(), AudioStart(16_000, 2, 1), sound(8), AudioStop())
        second = (await client.until("transcript"))[-1]
    assert events[0].type == "transcript-start"
    parts = [event.data["text"] for event in events if event.type == "transcript-chunk"]
    whole = next(event.data for event in events if event.type == "transcript")
    assert whole == {"text": "2 4 6.", "language": "de"}
    assert parts[:-1] and "".join(parts) == "2 4 6."
    assert second.data == {"text": "8.", "language": "en"}


async def test_a_text_is_said_in_the_voice_asked_for_or_its_own_language(
    port: int, voice: ScriptedVoice
) -> None:
    async with connected(port) as client:
        for said in (
            Synthesize("Hello."),
            Synthesize("你好。"),
            Synthesize("Hello.", SynthesizeVoice(name="steward-zh")),
            Synthesize("Hello.", SynthesizeVoice(language="zh-CN")),
            Synthesize("Hello.", SynthesizeVoice(name="somebody else")),
            Synthesize(" … "),
        ):
            await client.send(said)
            events = await client.until("audio-stop")
            assert events[0].type == "audio-start"
    assert voice.said == [
        ("Hello.", "en"),
        ("你好。", "zh"),
        ("Hello.", "zh"),
        ("Hello.", "zh"),
        ("Hello.", "en"),
    ]


async def test_a_streamed_text_is_said_sentence_by_sentence_at_one_rate(
    port: int, voice: ScriptedVoice
) -> None:
    async with connected(port) as client:
        await client.send(SynthesizeStart())
        for part in ("It is 3", ".5 metres", ". 灯开", "了。The"):
            await client.send(SynthesizeChunk(part))
        events = await client.until("audio-chunk")
        # The first sentences sound before the last one is known.
        assert voice.said[0] == ("It is 3.5 metres. ", "en")
        await client.send(SynthesizeChunk(" end"), Synthesize("whole"), SynthesizeStop())
        events += await client.until("synthesize-stopped")
    assert [said for said, _ in voice.said] == ["It is 3.5 metres. ", "灯开了。", "The end"]
    assert {event.data["rate"] for event in events if event.type == "audio-chunk"} == {22050}
    assert [event.type for event in events][-2:] == ["audio-stop", "synthesize-stopped"]


async def test_the_wake_word_is_told_each_time(port: int) -> None:
    async with connected(port) as client:
        await client.send(Detect(names=["jarvis"]), AudioStart(16_000, 2, 1))
        word = AudioChunk(16_000, 2, 1, b"\x09\x00" * 160)
        await client.send(sound(320), word, sound(320), word)
        for _ in range(2):
            assert (await client.until("detection"))[-1].data["name"] == "jarvis"
        await client.send(AudioStop(), Detect(), AudioStart(16_000, 2, 1), sound(320), AudioStop())
        assert (await client.until("not-detected", "detection"))[-1].type == "not-detected"


async def test_the_butler_does_what_is_said_and_it_was_said_by_somebody_unknown(
    port: int, butler: Any
) -> None:
    async with connected(port) as client:
        said = Transcript("light on", context={"conversation_id": "c7"}, language="en-GB")
        await client.send(said)
        # The script understands nothing, and answers all the same.
        assert (await client.until("not-handled"))[-1].data["text"] == "echo: light on"
    heard = butler.heard[0]
    assert (heard.text, heard.language, heard.speaker) == ("light on", "en", types.GUEST)


async def test_what_is_meant_is_told_and_nothing_is_done(port: int, butler: Any) -> None:
    async with connected(port) as client:
        await client.send(Recognize("lamp"))
        one = (await client.until("intent"))[-1]
        await client.send(Recognize("lamp fan"))
        both = await client.until("intents-stop")
        await client.send(Recognize(" "))
        assert [event.type for event in await client.until("not-recognized")] == ["not-recognized"]
    slot = {"name": "name", "value": "lamp"}
    assert one.data == {"name": "HassTurnOn", "entities": [slot]}
    assert [event.type for event in both] == ["intents-start", "intent", "intent", "intents-stop"]
    assert butler.heard == []


async def test_a_failure_is_told_and_ends_the_connection(port: int, butler: Any) -> None:
    butler.failure = StateError("the disk is full", hint="make room")
    async with connected(port) as client:
        await client.send(Transcript("light on"))
        events = await client.ended()
    assert [(event.type, event.data["text"]) for event in events] == [("error", "the disk is full")]


@pytest.mark.parametrize("killed", [False, True])
async def test_a_command_that_came_whole_is_done_though_its_peer_is_gone(
    port: int, butler: Any, until: Any, killed: bool
) -> None:
    butler.gate.clear()
    async with connected(port) as client:
        await client.send(Transcript("light on"))
        await until(lambda: butler.running == 1)
        if killed:
            client.abort()
    await asyncio.sleep(0.05)
    assert butler.running == 1
    butler.gate.set()
    await until(lambda: butler.running == 0)
    assert [said.text for said in butler.heard] == ["light on"]


@pytest.mark.parametrize(
    "broken",
    [
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"[]\n",
        b'{"type": 7}\n',
        b'{"type": "x", "data": []}\n',
        b'{"type": "x", "data_length": -1}\n',
        b'{"type": "x", "data_length": "9"}\n',
        b'{"type": "x", "payload_length": 99999999999}\n',
        b'{"type": "x", "data_length": 2}\n[]',
        b'{"type": "x", "data_length": 2}\n{',
        b'{"type": "' + b"x" * wire.HEADER + b'"}\n',
        b"[" * 50_000 + b"\n",
        b'{"type": "transcript", "data": {"text": 1}}\n',
        b'{"type": "transcript", "data": {"text": "' + b"a" * (wire.LONGEST + 1) + b'"}}\n',
        b'{"type": "synthesize", "data": {"text": "a", "voice": {"name": {}}}}\n',
        b'{"type": "audio-start"}\n{"type": "audio-chunk", "payload_length": 2}\nab',
        b'{"type":"audio-start"}\n{"type":"audio-chunk","data":{"rate":0,"width":2,"channels":1}}\n',
        b'{"type":"audio-start"}\n{"type":"audio-chunk","data":{"rate":8e3,"width":3,"channels":1}}\n',
    ],
)
async def test_a_peer_that_breaks_the_protocol_is_sent_away(port: int, broken: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(broken)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        answer = b""
    finally:
        writer.close()
    assert not answer or b'"type": "error"' in answer
    async with connected(port) as client:
        await client.send(Ping("still there"))
        assert (await client.until("pong"))[-1].data == {"text": "still there"}


async def test_events_that_are_not_for_us_are_passed_over(port: int) -> None:
    async with connected(port) as client:
        await client.write_event(Event("from-the-future", {"data": [1, {"a": None}]}, b"1234"))
        await client.send(AudioStop(), SynthesizeStop(), sound(320), Ping())
        assert (await client.until("pong"))[-1].data == {"text": ""}


@pytest.mark.parametrize("opened", [AudioStart(16_000, 2, 1), SynthesizeStart()])
async def test_what_was_left_open_keeps_nobody_waiting(
    port: int, opened: AudioStart | SynthesizeStart
) -> None:
    async with connected(port) as client:
        await client.send(opened, Transcript("light on"))
        await client.until("not-handled")


async def test_half_a_recording_is_nobodys(port: int, butler: Any) -> None:
    async with connected(port) as client:
        await client.send(Transcribe(), AudioStart(16_000, 2, 1), sound(320))
        await client.until("transcript-start")
    async with connected(port) as client:
        await client.send(Transcribe(), AudioStart(16_000, 2, 1), sound(4), AudioStop())
        assert (await client.until("transcript"))[-1].data["text"] == "4."


async def test_a_recording_has_an_end(port: int) -> None:
    async with connected(port) as client:
        await client.send(Transcribe(), AudioStart(16_000, 2, 1))
        minute = AudioChunk(16_000, 2, 1, bytes(32_000 * 20))
        try:
            await client.send(*[minute] * 5)
            events = await client.ended()
        except ConnectionError:
            return
    assert "longer than 60 seconds" in events[-1].data["text"]


async def test_a_streamed_text_has_an_end(port: int) -> None:
    async with connected(port) as client:
        await client.send(SynthesizeStart(), *[SynthesizeChunk("a" * 4_000)] * 6)
        assert "longer" in (await client.ended())[-1].data["text"]


async def test_a_slow_peer_is_sent_away(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BEGUN", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b'{"type"')
    assert b"too slow" in await asyncio.wait_for(reader.read(), 10)
    writer.close()


async def test_an_idle_peer_is_sent_away(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "IDLE", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert b"too slow" in await asyncio.wait_for(reader.read(), 10)
    writer.close()


async def test_only_so_many_are_let_in(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST", 2)
    async with connected(port) as first, connected(port) as second:
        for client in (first, second):
            await client.send(Ping())
            await client.until("pong")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 10) == b""
            raise ConnectionResetError
        writer.close()
    async with connected(port) as client:
        await client.send(Ping())
        await client.until("pong")


async def test_a_port_in_use_is_an_error_with_a_hint(port: int, butler: Any) -> None:
    async def ear() -> ScriptedEar:
        return ScriptedEar()

    services = Services(butler, ear, ScriptedVoice(), "jarvis", ("en",), read)
    with pytest.raises(PortError) as caught:
        async with opened(services, WyomingConfig(port=port)):
            pass
    assert "port" in caught.value.hint
