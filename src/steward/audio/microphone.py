"""The sound devices of this machine, through PortAudio; optional (the extra `microphone`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from types import ModuleType
from typing import Any

from steward.audio.pcm import RATE
from steward.errors import DeviceError
from steward.types import AudioChunk

BLOCK_SECONDS = 0.032
"""Length of a piece from the microphone: one window of the voice activity."""


def devices() -> tuple[str, ...]:
    """Return the names of the microphones, the default one first; empty when there are none.

    Raises:
        DeviceError: the optional part or the PortAudio library is not installed.
    """
    sound = _sounddevice()
    names = [d["name"] for d in sound.query_devices() if d["max_input_channels"] > 0]
    default = sound.default.device[0]
    if default >= 0:
        first = sound.query_devices(default)["name"]
        names.sort(key=lambda name: name != first)
    return tuple(names)


async def listen(rate: int = RATE) -> AsyncGenerator[AudioChunk, None]:
    """Yield what the default microphone hears, in pieces of 32 ms, until the iterator is closed.

    Raises:
        DeviceError: there is no microphone, it is in use, or the optional part is missing.
    """
    sound, loop = _sounddevice(), asyncio.get_running_loop()
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    def on_block(data: Any, _frames: int, _time: object, _status: object) -> None:
        loop.call_soon_threadsafe(heard.put_nowait, bytes(data))

    block = int(rate * BLOCK_SECONDS)
    samples = 0
    try:
        with sound.RawInputStream(rate, block, channels=1, dtype="int16", callback=on_block):
            while True:
                pcm = await heard.get()
                yield AudioChunk(pcm, rate, samples / rate)
                samples += len(pcm) // 2
    except sound.PortAudioError as error:
        raise _unusable("microphone", error) from error


async def play(chunks: AsyncIterator[AudioChunk]) -> None:
    """Play `chunks` on the default loudspeaker as they come; return when the last has been heard.

    Raises:
        DeviceError: there is no loudspeaker, it is in use, or the optional part is missing.
    """
    sound, stream = _sounddevice(), None
    try:
        async for chunk in chunks:
            if stream is None:
                stream = sound.RawOutputStream(chunk.rate, channels=1, dtype="int16")
                stream.start()
            await asyncio.to_thread(stream.write, chunk.pcm)
        if stream is not None:
            await asyncio.to_thread(stream.stop)
    except sound.PortAudioError as error:
        raise _unusable("loudspeaker", error) from error
    finally:
        if stream is not None:
            stream.close()


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except ImportError as error:
        raise DeviceError(
            "the microphone part is not installed",
            hint="make extra-microphone; typed text and recordings work without",
        ) from error
    except OSError as error:
        raise DeviceError(
            f"the sound library is missing: {error}",
            hint="install PortAudio (Debian: apt-get install libportaudio2)",
        ) from error
    module: ModuleType = sounddevice
    return module


def _unusable(what: str, error: Exception) -> DeviceError:
    return DeviceError(
        f"the {what} cannot be used: {error}",
        hint="connect one, or end the program that uses it",
    )
