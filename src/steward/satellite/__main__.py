"""Runs a satellite in a process that holds nothing else: `steward satellite` becomes this."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import aclosing
from pathlib import Path

from steward.audio import microphone
from steward.audio.wake import WakeDetector
from steward.errors import StewardError
from steward.satellite.device import Device
from steward.satellite.settings import Settings, read
from steward.speech.activity import SpeechDetector


async def run(settings: Settings) -> None:
    """Run a satellite until it is ended, or its recording is over and answered.

    Raises:
        StewardError: a part of it cannot be used.
    """
    play = microphone.play
    if settings.say:
        from steward.satellite import recording

        play = recording.Recorder(Path(settings.say)).play
    device = Device(
        settings,
        WakeDetector(Path(settings.word), Path(settings.embedding)),
        SpeechDetector(Path(settings.activity)),
        play,
    )
    sounds = microphone.listen()
    if settings.wav:
        from steward.satellite import recording

        sounds = recording.listen(Path(settings.wav), lambda: device.connected, lambda: device.busy)
    async with aclosing(sounds):
        await device.run(sounds)


def main() -> None:
    """Run the satellite whose settings are the only argument; a failure becomes its exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        asyncio.run(run(read(sys.argv[1])))
    except StewardError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
