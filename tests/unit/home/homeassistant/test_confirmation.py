"""When what came back shows that a command was done."""

# ruff: noqa: E501 - a table is read by its columns

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from steward.home.homeassistant.confirmation import confirmed
from steward.home.services.table import Effect, carry_out
from steward.types import Call, Entity, Meaning

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LAMP = {"supported_color_modes": ["hs", "color_temp"], "brightness": None, "rgb_color": None}
LIT = {**LAMP, "brightness": 100, "rgb_color": [255, 255, 255], "color_temp_kelvin": 4000}
COVER = {"current_position": 70, "supported_features": 15}
MILK = {"uid": "1", "summary": "Milk", "status": "needs_action"}
HEATED = {"temperature": 20, "current_temperature": 19, "hvac_modes": ["heat", "cool", "off"]}

# service, state and attributes before, arguments, state and attributes that came, shown or not
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any], str, dict[str, Any], bool]] = [
    ("light.turn_on", "off", LAMP, {}, "on", {**LAMP, "brightness": 180}, True),
    ("light.turn_on", "off", LAMP, {}, "off", LAMP, False),
    ("light.turn_on", "off", LAMP, {}, "unavailable", {}, False),
    ("light.turn_on", "off", LAMP, {"brightness_pct": 30}, "on", {**LAMP, "brightness": 77}, True),
    ("light.turn_on", "off", LAMP, {"brightness_pct": 30}, "on", {**LAMP, "brightness": 255}, False),
    # It fades: on the way counts, away from it does not.
    ("light.turn_on", "on", LIT, {"brightness": 200}, "on", {**LIT, "brightness": 140}, True),
    ("light.turn_on", "on", LIT, {"brightness": 200}, "on", {**LIT, "brightness": 60}, False),
    ("light.turn_on", "on", LIT, {"brightness_step": 40}, "on", {**LIT, "brightness": 140}, True),
    # Green has full brightness in the lamps of Home Assistant.
    ("light.turn_on", "on", LIT, {"color_name": "green"}, "on", {**LIT, "rgb_color": [0, 255, 0]}, True),
    ("light.turn_on", "on", LIT, {"color_name": "red"}, "on", {**LIT, "rgb_color": [0, 255, 0]}, False),
    ("light.turn_on", "on", LIT, {"color_temp_kelvin": 2700}, "on", {**LIT, "color_temp_kelvin": 2702}, True),
    ("light.turn_off", "on", LIT, {}, "off", LAMP, True),
    ("cover.set_cover_position", "open", COVER, {"position": 20}, "closing", COVER, True),
    ("cover.set_cover_position", "open", COVER, {"position": 20}, "opening", COVER, False),
    ("cover.set_cover_position", "open", COVER, {"position": 20}, "open", {**COVER, "current_position": 60}, True),
    ("cover.close_cover", "open", COVER, {}, "open", COVER, False),
    ("lock.lock", "unlocked", {}, {}, "locked", {}, True),
    # It may jam: that it has begun is not enough.
    ("lock.lock", "unlocked", {}, {}, "locking", {}, False),
    ("lock.lock", "unlocked", {}, {}, "jammed", {}, False),
    ("climate.set_temperature", "heat", HEATED, {"temperature": 22}, "heat", {**HEATED, "temperature": 22.0}, True),
    ("climate.set_temperature", "heat", HEATED, {"temperature": 22}, "heat", HEATED, False),
    # Turned on, it does what it did last, whatever that was.
    ("climate.turn_on", "off", HEATED, {}, "cool", HEATED, True),
    ("climate.set_hvac_mode", "off", HEATED, {"hvac_mode": "heat"}, "cool", HEATED, False),
    ("media_player.turn_on", "off", {}, {}, "playing", {}, True),
    ("vacuum.return_to_base", "cleaning", {}, {}, "docked", {}, True),
    ("number.set_value", "1.0", {}, {"value": 42}, "42.0", {}, True),
    ("number.set_value", "1.0", {}, {"value": 42}, "41.0", {}, False),
    ("button.press", "unknown", {}, {}, "2026-03-04T12:00:00+00:00", {}, True),
    ("button.press", "unknown", {}, {}, "unknown", {}, False),
    ("todo.add_item", "0", {"items": []}, {"item": "Milk"}, "1", {"items": [{**MILK, "uid": "x7"}]}, True),
    ("todo.update_item", "1", {"items": [MILK]}, {"item": "milk", "rename": "Oat milk"}, "1", {"items": [MILK]}, False),
    (
        "todo.update_item",
        "1",
        {"items": [MILK]},
        {"item": "milk", "rename": "Oat milk"},
        "1",
        {"items": [{**MILK, "summary": "Oat milk", "due": None}]},
        True,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "state", "shown", "asked", "came", "with_", "so"),
    CASES,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_shows_that_it_was_done(
    service: str,
    state: str,
    shown: dict[str, Any],
    asked: dict[str, Any],
    came: str,
    with_: dict[str, Any],
    so: bool,
) -> None:
    thing = f"{service.partition('.')[0]}.thing"
    before = Entity(thing, "Thing", state, attributes=shown)
    call = Call("c1", service, Meaning("Test"), {"entity_id": [thing], **asked})
    effect = carry_out({thing: before}, call, NOW)
    assert isinstance(effect, Effect)
    (foreseen,) = effect.changed
    assert confirmed(call, before, foreseen, Entity(thing, "Thing", came, attributes=with_)) is so
    # Nothing that stayed as it was shows anything.
    assert not confirmed(call, before, foreseen, before)


def test_a_script_has_run_when_it_was_triggered() -> None:
    before = Entity("script.x", "X", "off", attributes={"last_triggered": None})
    call = Call("c1", "script.turn_on", Meaning("Test"), {"entity_id": ["script.x"]})
    effect = carry_out({"script.x": before}, call, NOW)
    assert isinstance(effect, Effect)
    running = {"last_triggered": "2026-03-04T11:59:59.9+00:00"}
    now = Entity("script.x", "X", "on", attributes=running)
    assert confirmed(call, before, effect.changed[0], now)
