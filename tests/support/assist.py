"""Home Assistant's Assist, asked by its own API for what a user does on its page."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from homeassistants import HomeAssistant
from websockets.asyncio.client import connect

from steward.types import AudioChunk

AGENT = Path(__file__).parents[1] / "data" / "assist_by_wyoming"
PIECE = 2048
"""Bytes of sound in one message of a page."""


def install_agent(peer: HomeAssistant) -> None:
    """Give `peer`, before it starts, the conversation that its Wyoming integration lacks."""
    folder = peer.folder / "custom_components" / AGENT.name
    folder.mkdir(parents=True)
    for file in AGENT.iterdir():
        shutil.copyfile(file, folder / file.name.removesuffix(".txt"))


def add_integration(peer: HomeAssistant, domain: str, host: str, port: int) -> str:
    """Add an integration as a user does: type host and port; return the id of its entry."""
    flow = _post(peer, "config/config_entries/flow", handler=domain)
    step = f"config/config_entries/flow/{flow['flow_id']}"
    made = _post(peer, step, host=host, port=port)
    assert made["type"] == "create_entry", made
    return str(made["result"]["entry_id"])


def _post(peer: HomeAssistant, path: str, **data: Any) -> Any:
    headers = {"Authorization": f"Bearer {peer.token}"}
    answer = httpx.post(f"{peer.url}/api/{path}", json=data, headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json()


def make_pipeline(peer: HomeAssistant, agent: str, language: str = "en") -> str:
    """Make an assistant with the ears and the voice of Steward; return its id."""
    made = peer.command(
        "assist_pipeline/pipeline/create",
        name=f"Steward {agent} {language}",
        language=language,
        conversation_engine=agent,
        conversation_language=language,
        stt_engine="stt.steward",
        stt_language=language,
        tts_engine="tts.steward",
        tts_language=language,
        tts_voice=f"steward-{language}",
        wake_word_entity=None,
        wake_word_id=None,
    )
    return str(made["id"])


class Run:
    """One sentence that was spoken to Assist: the events of its pipeline, by their type."""

    def __init__(self) -> None:
        self.events: dict[str, Mapping[str, Any]] = {}

    @property
    def heard(self) -> str:
        """The words that were recognised."""
        return str(self.events["stt-end"]["stt_output"]["text"])

    @property
    def reply(self) -> str:
        """What was answered."""
        speech = self.events["intent-end"]["intent_output"]["response"]["speech"]
        return str(speech["plain"]["speech"])

    @property
    def error(self) -> str:
        """What went wrong, by its code, or nothing."""
        return str(self.events.get("error", {}).get("code", ""))


async def speak(
    peer: HomeAssistant,
    pipeline: str,
    sound: AudioChunk,
    halfway: asyncio.Event | None = None,
    go_on: asyncio.Event | None = None,
) -> Run:
    """Speak `sound` into Assist as a browser does; stop `halfway` until it may `go_on`."""
    run = Run()
    address = f"{peer.url.replace('http', 'ws')}/api/websocket"
    async with connect(address, proxy=None, max_size=None) as socket:
        await socket.recv()
        await socket.send(json.dumps({"type": "auth", "access_token": peer.token}))
        assert json.loads(await socket.recv())["type"] == "auth_ok"
        begin = {
            "id": 1,
            "type": "assist_pipeline/run",
            "start_stage": "stt",
            "end_stage": "intent",
            "pipeline": pipeline,
            "input": {"sample_rate": sound.rate, "no_vad": True},
        }
        await socket.send(json.dumps(begin))
        while "run-end" not in run.events:
            message = json.loads(await asyncio.wait_for(socket.recv(), 60))
            if message["type"] == "result":
                assert message["success"], message
                continue
            event = message["event"]
            run.events[event["type"]] = event["data"] or {}
            if event["type"] == "run-start":
                handler = bytes([event["data"]["runner_data"]["stt_binary_handler_id"]])
            if event["type"] == "stt-start":
                middle = len(sound.pcm) // 2
                for at in range(0, len(sound.pcm), PIECE):
                    if halfway is not None and go_on is not None and at > middle:
                        halfway.set()
                        await go_on.wait()
                    await socket.send(handler + sound.pcm[at : at + PIECE])
                await socket.send(handler)
    return run


def spoken(peer: HomeAssistant, text: str, language: str) -> bytes:
    """Return `text` as Home Assistant has it said, as WAV.

    Its page would take MP3, which it makes by FFmpeg, a program that a test machine may lack.
    """
    asked = {"engine_id": "tts.steward", "message": text, "language": language}
    made = _post(peer, "tts_get_url", **asked, options={"preferred_format": "wav"})
    return httpx.get(f"{peer.url}{made['path']}", timeout=60).raise_for_status().content
