"""Services over several entities, and those that read: scenes, lists, calendars, forecasts."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from steward.home.services.helpers import run_out
from steward.home.services.table import Effect, carry_out
from steward.types import Call, Entity, Json, Meaning

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=ZONE)  # a Monday


def read(entity: Entity, service: str, **data: Json) -> Effect:
    call = Call("c", service, Meaning("Test"), {"entity_id": [entity.id], **data})
    effect = carry_out({entity.id: entity}, call, NOW)
    assert isinstance(effect, Effect), effect
    assert effect.changed == ()
    return effect


def test_scene_sets_its_members() -> None:
    scene = Entity(
        "scene.film",
        "Film",
        "unknown",
        attributes={
            "scene": {
                "light.a": {"state": "on", "attributes": {"brightness": 5}},
                "light.gone": {"state": "on"},
                "cover.b": {"attributes": {"current_position": 0}, "state": "closed"},
                "switch.c": {"state": "off"},
            }
        },
    )
    members = (
        Entity("light.a", "A", "off", attributes={"brightness": 9, "effect": None}),
        Entity("light.gone", "Gone", "unavailable"),
        Entity("cover.b", "B", "open", attributes={"current_position": 100}),
        Entity("switch.c", "C", "off"),
    )
    home = {e.id: e for e in (scene, *members)}
    call = Call("c", "scene.turn_on", Meaning("Test"), {"entity_id": ["scene.film"]})
    effect = carry_out(home, call, NOW)
    assert isinstance(effect, Effect)
    after = {e.id: e for e in effect.changed}
    assert after.keys() == {"scene.film", "light.a", "cover.b"}
    assert after["scene.film"].state == "2026-05-04T10:00:00+00:00"
    assert after["light.a"].state == "on"
    assert after["light.a"].attributes == {"brightness": 5, "effect": None}
    assert after["cover.b"].state == "closed"


def test_items_by_status() -> None:
    milk = {"uid": "a", "summary": "Milk", "status": "needs_action"}
    eggs = {"uid": "b", "summary": "Eggs", "status": "completed"}
    todo = Entity("todo.a", "A", "1", attributes={"items": [milk, eggs]})
    source = {"entity_id": "todo.a"}
    assert read(todo, "todo.get_items").value["items"] == [source | milk]
    both = read(todo, "todo.get_items", status=["needs_action", "completed"])
    assert both.value["items"] == [source | milk, source | eggs]
    assert read(Entity("todo.a", "A", "0"), "todo.get_items").value["items"] == []


def events(*listed: dict[str, Json], **data: Json) -> list[tuple[str, str]]:
    calendar = Entity("calendar.a", "A", "off", attributes={"events": list(listed)})
    found: Any = read(calendar, "calendar.get_events", **data).value["events"]
    return [(event["summary"], event["start"]) for event in found]


ONCE: dict[str, Json] = {
    "summary": "Once",
    "start": "2026-05-04T11:00:00",
    "end": "2026-05-04T13:00:00",
}
DAILY: dict[str, Json] = {
    "summary": "Daily",
    "start": "2026-05-01T08:00:00",
    "end": "2026-05-01T09:00:00",
    "repeat": "daily",
}
WEEKLY: dict[str, Json] = {
    "summary": "Weekly",
    "start": "2026-04-29T18:00:00",
    "end": "2026-04-29T19:00:00",
    "repeat": "weekly",
}
BIRTHDAY: dict[str, Json] = {
    "summary": "Birthday",
    "start": "1990-05-06",
    "end": "1990-05-07",
    "repeat": "yearly",
}
ZONED: dict[str, Json] = {
    "summary": "Zoned",
    "start": "2026-05-05T06:00:00+00:00",
    "end": "2026-05-05T07:00:00+00:00",
}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"day": 0}, [("Daily", "2026-05-04T08:00:00"), ("Once", "2026-05-04T11:00:00")]),
        ({"day": 1}, [("Daily", "2026-05-05T08:00:00"), ("Zoned", "2026-05-05T08:00:00")]),
        (
            {"day": 2},
            [
                ("Birthday", "2026-05-06"),
                ("Daily", "2026-05-06T08:00:00"),
                ("Weekly", "2026-05-06T18:00:00"),
            ],
        ),
        ({"duration": 3600}, [("Once", "2026-05-04T11:00:00")]),
        ({"start_date_time": "2026-05-04T13:00:00", "end_date_time": "2026-05-05T08:00:00"}, []),
        (
            {"start_date_time": "2026-05-04T10:59:00+00:00", "duration": "PT10M"},
            [("Once", "2026-05-04T11:00:00")],
        ),
        ({"start_date_time": "2020-01-01T00:00:00", "end_date_time": "2019-01-01T00:00:00"}, []),
    ],
)
def test_events_in_a_window(data: dict[str, Json], expected: list[tuple[str, str]]) -> None:
    assert events(WEEKLY, DAILY, ONCE, BIRTHDAY, ZONED, **data) == expected


def test_the_next_seven_days_without_a_window() -> None:
    assert events(WEEKLY) == [("Weekly", "2026-05-06T18:00:00")]


def test_leap_day_birthdays() -> None:
    leap = BIRTHDAY | {"start": "2000-02-29", "end": "2000-03-01"}
    window = {"start_date_time": "2026-01-01T00:00:00", "end_date_time": "2033-01-01T00:00:00"}
    assert [start for _, start in events(leap, **window)] == ["2028-02-29", "2032-02-29"]


def test_a_daily_event_over_centuries_is_cut_off() -> None:
    window = {"start_date_time": "1901-01-01T00:00:00", "end_date_time": "2199-01-01T00:00:00"}
    assert len(events(DAILY, **window)) == 1000


def test_forecasts() -> None:
    weather = Entity(
        "weather.a",
        "A",
        "sunny",
        attributes={
            "forecast": [{"condition": "sunny"}, {"condition": "rainy"}],
            "forecast_hourly": [{"condition": "fog"}, {"datetime": "later"}],
        },
    )
    source = {"entity_id": "weather.a"}
    assert read(weather, "weather.get_forecasts").value["forecast"] == [
        source | {"datetime": "2026-05-04T00:00:00", "condition": "sunny"},
        source | {"datetime": "2026-05-05T00:00:00", "condition": "rainy"},
    ]
    assert read(weather, "weather.get_forecasts", type="hourly").value["forecast"] == [
        source | {"datetime": "2026-05-04T12:00:00", "condition": "fog"},
        source | {"datetime": "later"},
    ]


def test_timers_run_out_at_their_instant() -> None:
    timer = Entity(
        "timer.a", "A", "active", attributes={"finishes_at": "2026-05-04T10:00:01+00:00"}
    )
    home = {
        e.id: e for e in (timer, Entity("timer.b", "B", "active"), Entity("light.c", "C", "on"))
    }
    assert run_out(home, NOW) == ()
    over = run_out(home, NOW + timedelta(seconds=1))
    assert [(e.id, e.state, e.attributes["finishes_at"]) for e in over] == [
        ("timer.a", "idle", None)
    ]
