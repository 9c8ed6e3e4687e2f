"""Starting the server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from steward.butler import Butler
from steward.cli import listen, mcp, wyoming
from steward.cli.console import log, out
from steward.config import Config
from steward.errors import StewardError
from steward.wiring import Parts, assemble

EXAMPLES = (
    "turn on the living room light",
    "把卧室的空调调到二十四度",
    "is the front door locked?",
)
"""What the server suggests to say first."""


async def serve(config: Config) -> None:
    """Serve the butler until a signal ends it."""
    from steward.cli.machine import ThisMachine
    from steward.serve import run

    parts = assemble(config)
    butler = Butler(parts)
    others = []
    if config.mcp.serve == "on":
        from steward.serve.mcp import http

        others.append(http.mounted(mcp.server(butler, parts)))

    def ready(address: str) -> None:
        out.print(f"Steward is at {address}", highlight=False)
        for sentence in EXAMPLES:
            out.print(f"  {sentence}", highlight=False)

    behind = asyncio.create_task(_behind(butler, config))
    doors = asyncio.create_task(_doors(butler, parts, config))
    try:
        await run.serve(butler, config, ready, others, ThisMachine(config, parts))
    finally:
        behind.cancel()
        doors.cancel()


async def _doors(butler: Butler, parts: Parts, config: Config) -> None:
    """Open the doors beside the page that the configuration names."""
    async with asyncio.TaskGroup() as group:
        if config.webhooks:
            from steward.serve.webhooks import deliver

            group.create_task(_told(deliver(butler, config.webhooks)))
        if config.mqtt.host:
            from steward.serve.mqtt import Device

            group.create_task(_told(Device(butler, config, parts.skills).run()))
        if config.wyoming.listen == "on":
            group.create_task(_told(wyoming.door(butler, parts, config)))
        if config.satellites:
            group.create_task(_told(wyoming.rooms(butler, config)))


async def _told(door: Coroutine[Any, Any, None]) -> None:
    """Keep a door open; one that fails is told of, and closes no other."""
    try:
        await door
    except StewardError as error:
        log.print(str(error), highlight=False, markup=False, soft_wrap=True)


async def _behind(butler: Butler, config: Config) -> None:
    """Load the models behind the page, which works without them as far as it can; then listen."""
    try:
        await butler.warm()
        if config.wake.listen == "on":
            await listen.by_microphone(butler)
    except StewardError as error:
        log.print(str(error), highlight=False, markup=False, soft_wrap=True)
