"""Opening the Wyoming door and reaching the satellites, beside the page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from steward.butler import Butler
from steward.config import Config
from steward.plan.cascade import NO_CONTEXT
from steward.types import Plan, Utterance
from steward.wiring import Parts, wake_words

if TYPE_CHECKING:
    from steward.serve.wyoming.services import Services


async def door(butler: Butler, parts: Parts, config: Config) -> None:
    """Serve Wyoming's peers until cancelled.

    Raises:
        PortError: the address cannot be listened on.
    """
    from steward.serve.wyoming.server import serve

    await serve(services(butler, parts, config), config.wyoming)


async def rooms(butler: Butler, config: Config) -> None:
    """Serve the satellites that `config` names until cancelled."""
    from steward.serve.wyoming.satellites import Link

    links = (Link(butler, name, one) for name, one in config.satellites.items())
    await asyncio.gather(*(link.run() for link in links))


def services(butler: Butler, parts: Parts, config: Config) -> Services:
    """Return what the door serves: `parts`, of which `butler` is made."""
    from steward.serve.wyoming.services import Services

    async def read(said: Utterance) -> Plan:
        return await parts.stages[0](said, parts.home.seen, NO_CONTEXT)

    word = wake_words(config)[0]
    return Services(butler, parts.ear.get, parts.voice, word, config.languages, read)
