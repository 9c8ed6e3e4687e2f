"""Steward as the voice of a real Home Assistant: a sentence spoken into Assist changes a lamp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import satellites
from assist import add_integration, install_agent, make_pipeline, speak, spoken
from homeassistants import HomeAssistant, free_port
from waiting import eventually
from websockets.exceptions import ConnectionClosed

from steward.audio.files import read_audio, write_wav
from steward.audio.pcm import RATE
from steward.butler import Butler
from steward.cli.wyoming import services
from steward.config import Config, HomeAssistantConfig, Paths, WyomingConfig
from steward.home.homeassistant.token import write_token
from steward.serve.wyoming.server import opened
from steward.types import AudioChunk
from steward.wiring import Parts, assemble

SPEECH = Path(__file__).parents[1] / "data" / "speech"
ENGLISH = read_audio(SPEECH / "living_room_light_en.wav")
CHINESE = read_audio(SPEECH / "living_room_light_zh.wav")
LAMP = "light.living_room_rgbww_lights"


class House:
    """A Home Assistant, and the door at which it finds Steward."""

    def __init__(self, peer: HomeAssistant) -> None:
        self.peer = peer
        self.port = free_port()
        self.agent = ""

    @asynccontextmanager
    async def steward(self, state: Path) -> AsyncIterator[Parts]:
        """A butler whose home is this one, and who serves it; gives what he is made of."""
        write_token(state, self.peer.token)
        config = Config(
            paths=Paths(state=state),
            home_assistant=HomeAssistantConfig(url=self.peer.url),
            wyoming=WyomingConfig(port=self.port),
        )
        parts = assemble(config)
        butler = Butler(parts)
        watching = asyncio.create_task(butler.run())
        try:
            async with opened(services(butler, parts, config), config.wyoming):
                if not self.agent:
                    await self._add()
                await self.off()
                yield parts
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    async def _add(self) -> None:
        for domain in ("wyoming", "assist_by_wyoming"):
            self.agent = await asyncio.to_thread(
                add_integration, self.peer, domain, "127.0.0.1", self.port
            )

    async def assistant(self, agent: str, language: str = "en") -> str:
        return await asyncio.to_thread(make_pipeline, self.peer, agent, language)

    async def off(self) -> None:
        await asyncio.to_thread(self.peer.call, "light.turn_off", entity_id=LAMP)

    async def lamp(self) -> str:
        return await asyncio.to_thread(self.peer.state, LAMP)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    peer = HomeAssistant(tmp_path_factory.mktemp("assist"))
    install_agent(peer)
    try:
        peer.start()
        yield House(peer)
    finally:
        peer.kill()


async def test_a_spoken_sentence_changes_a_lamp(house: House, tmp_path: Path) -> None:
    async with house.steward(tmp_path):
        # Steward hears, acts and speaks.
        run = await speak(house.peer, await house.assistant(house.agent), ENGLISH)
        assert "living room light" in run.heard.lower()
        assert "on" in run.reply
        assert await house.lamp() == "on"
        sound = await asyncio.to_thread(spoken, house.peer, run.reply, "en")
        assert sound.startswith(b"RIFF")
        assert len(sound) > 20_000
        # So he does in Chinese.
        await house.off()
        run = await speak(house.peer, await house.assistant(house.agent, "zh"), CHINESE)
        assert run.error == ""
        assert await house.lamp() == "on"
        # He hears and speaks for Home Assistant's own assistant.
        await house.off()
        run = await speak(house.peer, await house.assistant("homeassistant"), ENGLISH)
        assert run.error == ""
        assert await house.lamp() == "on"


async def test_home_assistant_dies_while_somebody_speaks(house: House, tmp_path: Path) -> None:
    async with house.steward(tmp_path) as parts:
        halfway, go_on = asyncio.Event(), asyncio.Event()
        assistant = await house.assistant(house.agent)
        speaking = asyncio.create_task(speak(house.peer, assistant, ENGLISH, halfway, go_on))
        await halfway.wait()
        await asyncio.to_thread(house.peer.kill)
        go_on.set()
        with pytest.raises(ConnectionClosed):
            await speaking
        await asyncio.to_thread(house.peer.start)
        await eventually(lambda: parts.home.seen.as_of is None, 60)
        # Half a sentence is nobody's; the next one is done.
        await house.off()
        # A new assistant: Home Assistant writes one ten seconds after it was made.
        run = await speak(house.peer, await house.assistant(house.agent), ENGLISH)
        assert run.error == ""
        assert await house.lamp() == "on"


async def test_steward_dies_while_somebody_speaks(house: House, tmp_path: Path) -> None:
    async with house.steward(tmp_path):
        halfway, go_on = asyncio.Event(), asyncio.Event()
        assistant = await house.assistant(house.agent)
        speaking = asyncio.create_task(speak(house.peer, assistant, ENGLISH, halfway, go_on))
        await halfway.wait()
    go_on.set()
    # Assist says so, and nothing is done.
    assert (await speaking).error != ""
    assert await house.lamp() == "off"
    async with house.steward(tmp_path):
        run = await speak(house.peer, assistant, ENGLISH)
        assert run.error == ""
        assert await house.lamp() == "on"


async def test_home_assistant_is_the_hub_of_a_satellite_of_ours(
    house: House, tmp_path: Path
) -> None:
    """The lamp goes on. For the answer this Home Assistant needs FFmpeg, which may not be there."""
    config = tmp_path / "steward.toml"
    config.write_text("", encoding="utf-8")
    said, answer, port = tmp_path / "said.wav", tmp_path / "answer.wav", free_port()
    word = read_audio(SPEECH / "jarvis_1.flac")
    # Time for Home Assistant to come, and for its own detector of silence to hear the end.
    write_wav(said, [silence(6), word, silence(0.6), ENGLISH, silence(3)])
    async with house.steward(tmp_path / "state"):
        assistant = await house.assistant(house.agent)
        await asyncio.to_thread(
            house.peer.command, "assist_pipeline/pipeline/set_preferred", pipeline_id=assistant
        )
        satellite = satellites.ours(config, port, said, answer)
        try:
            await eventually(lambda: satellites.listening(port), 30)
            await asyncio.to_thread(add_integration, house.peer, "wyoming", "127.0.0.1", port)
            async with asyncio.timeout(90):
                while await house.lamp() == "off":  # noqa: ASYNC110 - it is asked for
                    await asyncio.sleep(0.2)
        finally:
            satellite.kill()
            satellite.wait()


def silence(seconds: float) -> AudioChunk:
    return AudioChunk(bytes(2 * int(seconds * RATE)), RATE)
