"""Opening the Wyoming door and reaching the satellites, beside the page."""

from __future__ import annotations

import asyncio

from steward.butler import Butler
from steward.config import Config
from steward.errors import DeviceError
from steward.wiring import Parts


async def stand(butler: Butler, parts: Parts, config: Config) -> None:
    """Serve Wyoming's peers, and the satellites that `config` names, until cancelled.

    Raises:
        DeviceError: the optional part is not installed.
        PortError: the door cannot be opened.
    """
    try:
        from steward.serve.wyoming.satellites import Link
        from steward.serve.wyoming.server import serve
        from steward.serve.wyoming.services import Services
    except ImportError as error:
        raise missing() from error
    async with asyncio.TaskGroup() as group:
        if config.wyoming.listen == "on":
            services = Services(
                butler, parts.ear.get, parts.voice, config.wake.word, config.languages
            )
            group.create_task(serve(services, config.wyoming))
        for name, satellite in config.satellites.items():
            group.create_task(Link(butler, name, satellite).run())


def missing() -> DeviceError:
    """Return the error of an install without the optional part."""
    return DeviceError(
        "the Wyoming protocol is not installed", hint="pip install 'steward-edge[wyoming]'"
    )
