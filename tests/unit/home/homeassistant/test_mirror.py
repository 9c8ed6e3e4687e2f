"""What the mirror notices by itself, with a Link that answers from a script."""

from __future__ import annotations

from typing import Any, cast

import pytest

from steward.home.homeassistant.link import Link, Listener
from steward.home.homeassistant.mirror import Mirror


class Scripted:
    """Answers as a Home Assistant with one list does, and hands its events on."""

    def __init__(self) -> None:
        self.listeners: dict[str, Listener] = {}

    async def command(self, kind: str, **_: Any) -> Any:
        if kind == "homeassistant/expose_entity/list":
            return {"exposed_entities": {"todo.x": {"conversation": True}}}
        return []

    async def subscribe(self, kind: str, listener: Listener, **_: Any) -> int:
        self.listeners[kind] = listener
        if kind == "subscribe_entities":
            listener({"a": {"todo.x": {"s": "unavailable", "a": {}}}})
        return len(self.listeners)

    async def unsubscribe(self, number: int) -> None:
        assert number


@pytest.mark.parametrize(
    ("event", "stirs"),
    [
        ({"c": {"todo.x": {"+": {"s": "0"}}}}, True),
        ({"a": {"todo.x": {"s": "3", "a": {"friendly_name": "X"}}}}, True),
        ({"r": ["todo.x"]}, False),
    ],
)
async def test_a_list_that_comes_back_is_asked_for_anew(event: Any, stirs: bool) -> None:
    mirror, link = Mirror(lambda _: None), Scripted()
    await mirror.sync(cast("Link", link))
    assert not mirror.stirred.is_set()
    link.listeners["subscribe_entities"](event)
    assert mirror.stirred.is_set() is stirs
    mirror.stirred.clear()
    link.listeners["subscribe_entities"]({"c": {"todo.x": {"+": {"s": "1"}}}})
    assert not mirror.stirred.is_set(), "it is there, and was asked"
