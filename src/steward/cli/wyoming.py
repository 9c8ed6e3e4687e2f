"""Opening the Wyoming door and reaching the satellites, beside the page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from steward.butler import Butler
from steward.config import Config
from steward.errors import DeviceError
from steward.plan.cascade import NO_CONTEXT
from steward.types import Plan, Utterance
from steward.wiring import Parts

if TYPE_CHECKING:
    from steward.serve.wyoming.services import Services


async def stand(butler: Butler, parts: Parts, config: Config) -> None:
    """Serve Wyoming's peers, and the satellites that `config` names, until cancelled.

    Raises:
        DeviceError: the optional part is not installed.
        PortError: the door cannot be opened.
    """
    try:
        from steward.serve.wyoming.satellites import Link
        from steward.serve.wyoming.server import serve
    except ImportError as error:
        raise missing() from error
    async with asyncio.TaskGroup() as group:
        if config.wyoming.listen == "on":
            group.create_task(serve(services(butler, parts, config), config.wyoming))
        for name, satellite in config.satellites.items():
            group.create_task(Link(butler, name, satellite).run())


def services(butler: Butler, parts: Parts, config: Config) -> Services:
    """Return what the door serves: `parts`, of which `butler` is made."""
    from steward.serve.wyoming.services import Services

    async def read(said: Utterance) -> Plan:
        return await parts.stages[0](said, parts.home.seen, NO_CONTEXT)

    word = config.wake.word
    return Services(butler, parts.ear.get, parts.voice, word, config.languages, read)


def missing() -> DeviceError:
    """Return the error of an install without the optional part."""
    return DeviceError(
        "the Wyoming protocol is not installed", hint="pip install 'steward-edge[wyoming]'"
    )
