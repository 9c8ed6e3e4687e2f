"""What Home Assistant tells, as a World: its registries, its states, its lists and forecasts."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from steward.errors import UserError
from steward.home.homeassistant.link import RefusedError, address_of
from steward.home.homeassistant.registries import Registries, Thing, exposed, registries
from steward.home.homeassistant.requests import entries, refused, service_call
from steward.home.homeassistant.states import updated, with_attribute
from steward.types import Area, Call, Entity, Floor, Json, Meaning

ANSWERS: dict[str, Any] = {
    "get_config": {"unit_system": {"temperature": "°F"}},
    "floor_registry/list": [
        {"floor_id": "up", "name": "Upstairs", "aliases": ["楼上"], "level": 1}
    ],
    "area_registry/list": [
        {"area_id": "loft", "name": "Loft", "floor_id": "up", "aliases": ["阁楼", ""]},
        {"area_id": "shed", "name": "Shed", "floor_id": "gone"},
        {"name": "no id"},
    ],
    "label_registry/list": [{"label_id": "xmas", "name": "Christmas"}],
    "device_registry/list": [{"id": "d1", "area_id": "loft"}, {"id": "d2", "area_id": None}],
    "entity_registry/get_entries": {
        "light.a": {"device_id": "d1", "area_id": None, "aliases": ["Lamp"], "labels": ["xmas"]},
        "light.b": {"device_id": "d1", "area_id": "shed", "aliases": [None], "labels": []},
        "light.c": None,
    },
}
IDS = ("light.a", "light.b", "light.c")


def test_places_names_and_labels() -> None:
    found = registries(ANSWERS, IDS)
    assert found.floors == (Floor("up", "Upstairs", ("楼上",)),)
    assert found.areas == (Area("loft", "Loft", "up", ("阁楼",)), Area("shed", "Shed"))
    assert found.degrees == "°F"
    assert found.things == {
        "light.a": Thing("loft", ("Lamp", "Christmas")),
        "light.b": Thing("shed"),
        "light.c": Thing(),
    }


def test_an_older_home_assistant_has_no_floors_and_no_labels() -> None:
    old = {key: value for key, value in ANSWERS.items() if "floor" not in key and "la" not in key}
    found = registries(old, IDS)
    assert found.floors == ()
    assert found.areas[0] == Area("loft", "Loft", None, ("阁楼",))
    assert found.things["light.a"].aliases == ("Lamp",)


def test_only_what_assistants_may_use() -> None:
    shown = {"a.b": {"conversation": True}, "c.d": {"conversation": False}, "e.f": {}, "g.h": None}
    assert exposed({"exposed_entities": shown}) == ("a.b",)
    assert exposed({}) == exposed(None) == ()


KNOWN = Registries(things={"light.a": Thing("loft", ("Lamp",)), "climate.b": Thing()}, degrees="°F")


def test_states_are_told_and_then_only_what_changed() -> None:
    first = {
        "a": {
            "light.a": {"s": "on", "a": {"friendly_name": "Bed Light", "brightness": 3, "x": 1}},
            "climate.b": {"s": "heat", "a": {"temperature": 70, "icon": "mdi:fire"}},
            "light.hidden": {"s": "on", "a": {}},
        }
    }
    home, new = updated({}, first, KNOWN)
    lamp = Entity("light.a", "Bed Light", "on", "loft", ("Lamp",), None, {"brightness": 3, "x": 1})
    assert home["light.a"] == lamp
    assert (home["climate.b"].unit, home["climate.b"].name) == ("°F", "b")
    assert home["climate.b"].attributes == {"temperature": 70}
    assert new == list(home.values())
    change = {"c": {"light.a": {"+": {"s": "off", "a": {"y": 2}}, "-": {"a": ["brightness"]}}}}
    home, new = updated(home, change, KNOWN)
    assert new == [home["light.a"]]
    assert (new[0].state, new[0].attributes) == ("off", {"x": 1, "y": 2})
    home, new = updated(home, {"r": ["light.a"]}, KNOWN)
    assert list(home) == ["climate.b"]
    assert new == []


def test_what_is_told_elsewhere_stays_when_states_are_told_anew() -> None:
    known = Registries(things={"todo.list": Thing()})
    home, _ = updated({}, {"a": {"todo.list": {"s": "1", "a": {}}}}, known)
    items: list[Json] = [{"summary": "Milk"}]
    home["todo.list"] = with_attribute(home["todo.list"], "items", items)
    home, new = updated(home, {"a": {"todo.list": {"s": "2", "a": {}}}}, known)
    assert home["todo.list"].attributes == {"items": items}
    assert new == [home["todo.list"]]


def test_pictures_and_their_keys_are_not_kept() -> None:
    attributes = {"access_token": "s3cret", "entity_picture": "/api/x?token=s3cret", "fps": 3}
    known = Registries(things={"camera.c": Thing()})
    home, _ = updated({}, {"a": {"camera.c": {"s": "idle", "a": attributes}}}, known)
    assert home["camera.c"].attributes == {"fps": 3}


def call(capability: str, *ids: str, **more: Json) -> Call:
    return Call("c1", capability, Meaning("Test"), {"entity_id": list(ids), **more})


NOW = datetime(2026, 3, 4, 12, tzinfo=timezone(timedelta(hours=1)))


def test_requests_are_what_home_assistant_takes() -> None:
    milk: Json = [{"uid": "u7", "summary": "Oat Milk", "status": "needs_action"}]
    home = {"todo.x": Entity("todo.x", "X", "1", attributes={"items": milk})}
    assert service_call(call("light.turn_on", "light.a", "light.a", brightness=3), {}, NOW) == {
        "domain": "light",
        "service": "turn_on",
        "service_data": {"brightness": 3},
        "target": {"entity_id": ["light.a"]},
    }
    done = call("todo.update_item", "todo.x", item="oat milk", status="completed")
    assert service_call(done, home, NOW)["service_data"] == {"item": "u7", "status": "completed"}
    both = call("todo.remove_item", "todo.x", item=["oat milk", "Eggs"])
    assert service_call(both, home, NOW)["service_data"]["item"] == ["u7", "Eggs"]
    add = call("todo.add_item", "todo.x", item="Oat Milk", due="2026-03-05")
    sent = service_call(add, home, NOW)["service_data"]
    assert sent == {"item": "Oat Milk", "due_date": "2026-03-05"}
    read = service_call(call("calendar.get_events", "calendar.c", day=1), {}, NOW)
    assert read["return_response"] is True
    assert read["service_data"] == {
        "start_date_time": "2026-03-05T00:00:00",
        "end_date_time": "2026-03-06T00:00:00",
    }


def test_events_are_told_in_the_time_of_the_home() -> None:
    events = [
        {"summary": "Late", "start": "2026-03-04T20:30:00+00:00", "end": "2026-03-04T21:00:00Z"},
        {"summary": "All day", "start": "2026-03-04", "end": "2026-03-05"},
    ]
    asked = call("calendar.get_events", "calendar.c")
    answer = {"response": {"calendar.c": {"events": events}}}
    assert entries(asked, answer, NOW) == [
        {
            "entity_id": "calendar.c",
            "summary": "All day",
            "start": "2026-03-04",
            "end": "2026-03-05",
        },
        {
            "entity_id": "calendar.c",
            "summary": "Late",
            "start": "2026-03-04T21:30:00",
            "end": "2026-03-04T22:00:00",
        },
    ]
    assert entries(asked, {"response": {"calendar.c": None}}, NOW) == []


def test_errors_have_our_reasons() -> None:
    asked = call("light.turn_on", "light.a")
    assert refused(asked, RefusedError("not_found", "no such service")).reason == "unsupported"
    assert refused(asked, RefusedError("home_assistant_error", "the bulb")).reason == "error"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://homeassistant.local:8123", "ws://homeassistant.local:8123/api/websocket"),
        ("https://ha.example.org/", "wss://ha.example.org/api/websocket"),
        ("https://example.org/ha", "wss://example.org/ha/api/websocket"),
        ("http://[::1]:8123", "ws://[::1]:8123/api/websocket"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url", ["", "homeassistant.local", "ftp://x", "http://", "http://u:p@x", "http://x:99999", "http://[::1"]
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UserError, match="not the address"):
        address_of(url)
