"""Whatever a Home Assistant tells, a home is made of it, and the connection survives it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from steward.home.homeassistant.registries import Registries, Thing, exposed, registries
from steward.home.homeassistant.requests import READINGS, entries
from steward.home.homeassistant.states import updated
from steward.types import Call, Entity, Meaning

KEYS = ["a", "c", "r", "s", "+", "-", "light.x", "scene.y", "entity_id", "friendly_name"]
FIELDS = ["area_id", "floor_id", "label_id", "name", "id", "aliases", "labels", "device_id"]
MORE = ["exposed_entities", "conversation", "unit_of_measurement", "response", "events"]
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
messages: st.SearchStrategy[Any] = st.recursive(
    leaves | st.sampled_from(["light.x", "scene.y"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, *FIELDS, *MORE]), inner, max_size=4)
    ),
    max_leaves=20,
)
KNOWN = Registries(things={"light.x": Thing("hall", ("Lamp",)), "scene.y": Thing()})


@settings(max_examples=300, deadline=None)
@given(st.lists(messages, max_size=4))
def test_states_stay_states(told: list[Any]) -> None:
    home: dict[str, Entity] = {}
    for message in told:
        home, new = updated(home, message, KNOWN)
        assert {entity.id for entity in new} <= set(home) <= set(KNOWN.things)
    for key, entity in home.items():
        assert entity.id == key
        assert isinstance(entity.name, str)
        assert isinstance(entity.state, str)
        assert entity.area == KNOWN.things[key].area
        json.dumps(dict(entity.attributes))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([
    "get_config", "floor_registry/list", "area_registry/list", "label_registry/list",
    "device_registry/list", "entity_registry/get_entries",
]), messages), messages)  # fmt: skip
def test_registries_are_consistent(answers: dict[str, Any], shown: Any) -> None:
    ids = (*exposed(shown), "light.x")
    found = registries(answers, ids)
    floors, areas = {each.id for each in found.floors}, {each.id for each in found.areas}
    assert all(area.floor is None or area.floor in floors for area in found.areas)
    assert all(thing.area is None or thing.area in areas for thing in found.things.values())
    assert set(found.things) == set(ids)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(READINGS)), messages)
def test_readings_are_lists(service: str, result: Any) -> None:
    call = Call("c", service, Meaning("Test"), {"entity_id": ["calendar.x"]})
    for entry in entries(call, result, datetime(2026, 3, 4, tzinfo=UTC)):
        assert isinstance(entry, dict)
        assert "entity_id" in entry
