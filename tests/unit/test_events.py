"""The hub that tells Events to whoever listens."""

from __future__ import annotations

from steward.events import WAITING_EVENTS, Hub, StateChanged
from steward.types import Entity


async def test_a_subscriber_that_never_reads_is_dropped() -> None:
    hub = Hub()
    change = StateChanged(0.0, Entity("light.lamp", "Lamp", "on"))
    async with hub.subscribe() as events:
        for _ in range(WAITING_EVENTS + 5):
            hub.emit(change)
        assert len([event async for event in events]) == WAITING_EVENTS
