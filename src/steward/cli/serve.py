"""Starting the server."""

from __future__ import annotations

import asyncio

from steward.butler import Butler
from steward.cli import listen, mcp
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
        await run.serve(butler, config, ready, others)
    finally:
        behind.cancel()
        doors.cancel()


async def _doors(butler: Butler, parts: Parts, config: Config) -> None:
    """Open the doors beside the page that the configuration names; one that fails is told of."""
    try:
        async with asyncio.TaskGroup() as group:
            if config.webhooks:
                from steward.serve.webhooks import deliver

                group.create_task(deliver(butler, config.webhooks))
            if config.mqtt.host:
                from steward.serve.mqtt import Device

                group.create_task(Device(butler, config, parts.skills).run())
            if config.wyoming.listen == "on" or config.satellites:
                from steward.cli.wyoming import stand

                group.create_task(stand(butler, parts, config))
    except* StewardError as errors:
        for error in errors.exceptions:
            log.print(str(error), highlight=False, markup=False, soft_wrap=True)


async def _behind(butler: Butler, config: Config) -> None:
    """Load the models behind the page, which works without them as far as it can; then listen."""
    try:
        await butler.warm()
        if config.wake.listen == "on":
            await listen.by_microphone(butler)
    except StewardError as error:
        log.print(str(error), highlight=False, markup=False, soft_wrap=True)
