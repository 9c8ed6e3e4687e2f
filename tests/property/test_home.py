"""Whatever is asked of a home, it stays a home, and a refusal changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from steward.errors import FixturesError
from steward.home import attributes, documents
from steward.home.fixtures import demo, world_from
from steward.home.services.table import SERVICES, Effect, capabilities, carry_out
from steward.types import Call, Entity, Json, Meaning, Risk, World

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
IDS = [entity.id for entity in demo().entities]
READS = {capability.name for capability in capabilities() if capability.risk is Risk.READ}
FIELDS = sorted({name for each in SERVICES.values() for name in each.data.model_fields})
WORDS = ["off", "on", "heat", "cool", "red", "light blue", "Milk", "1", "completed", "low", "auto"]

values: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 300),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(max_size=20),
    st.lists(st.integers(0, 255), min_size=3, max_size=3),
    st.datetimes().map(datetime.isoformat),
)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    service = SERVICES[draw(st.sampled_from(sorted(SERVICES)))]
    fitting = [i for i in IDS if not service.domains or i.partition(".")[0] in service.domains]
    ids = st.sampled_from(fitting or IDS) | st.sampled_from(IDS)
    arguments: dict[str, Json] = {
        "entity_id": draw(st.lists(ids, min_size=1, max_size=4)),
    }
    own = sorted(set(service.data.model_fields) - {"entity_id"})
    for name in draw(st.lists(st.sampled_from(own or FIELDS), max_size=2 if own else 0)):
        arguments[name] = draw(values)
    return Call("c", service.name, Meaning("Test"), arguments)


def check(before: dict[str, Entity], after: dict[str, Entity]) -> None:
    assert list(after) == list(before)
    for key, entity in after.items():
        old = before[key]
        assert (entity.id, entity.name, entity.area, entity.aliases, entity.unit) == (
            old.id,
            old.name,
            old.area,
            old.aliases,
            old.unit,
        )
        attributes.check(entity.domain, entity.attributes, entity.id)
        json.dumps(dict(entity.attributes), allow_nan=False)
        assert entity.state
        if entity.domain == "cover":
            assert (entity.state == "closed") == (entity.attributes["current_position"] == 0)
        if entity.domain == "fan" and "percentage" in entity.attributes:
            assert (entity.state == "on") == (entity.attributes["percentage"] != 0)
        if entity.domain == "light" and entity.state == "on":
            assert entity.attributes.get("brightness", 1) not in (0, None)
        if entity.domain == "todo":
            items = entity.attributes["items"]
            assert isinstance(items, list)
            assert entity.state == str(sum(i["status"] == "needs_action" for i in items))
            assert len({i["uid"] for i in items}) == len(items)
        if entity.domain == "climate":
            modes, target = entity.attributes["hvac_modes"], entity.attributes["temperature"]
            assert isinstance(modes, list)
            assert entity.state in modes
            assert attributes.number(target) is not None


@settings(max_examples=300, deadline=None)
@given(st.lists(calls(), max_size=25))
def test_any_sequence_of_calls_leaves_a_home(sequence: list[Call]) -> None:
    entities = {entity.id: entity for entity in demo().entities}
    for call in sequence:
        frozen = dict(entities)
        effect = carry_out(entities, call, NOW)
        assert entities == frozen
        assert carry_out(entities, call, NOW) == effect
        if not isinstance(effect, Effect):
            assert effect.message
            continue
        after = entities | {entity.id: entity for entity in effect.changed}
        check(entities, after)
        differs = [key for key in after if after[key] != entities[key]]
        assert effect.value["changed"] == differs
        assert call.capability not in READS or not differs
        named = call.arguments["entity_id"]
        assert isinstance(named, list)
        if call.capability not in ("scene.turn_on", "homeassistant.turn_on"):
            assert set(differs) <= set(named)
        json.dumps(effect.value, allow_nan=False)
        entities = after


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = ["id", "name", "state", "area", "device", "floor", "aliases", "attributes", "items", "scene"]
THING = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["light.a", "todo.b", "scene.c", "a", "x.y"]) | PLAIN,
        "name": st.sampled_from(["A", "B"]) | PLAIN,
        **{key: st.sampled_from(["a", "x.y"]) | PLAIN for key in KEYS[2:]},
    },
)
HOMES = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(THING, max_size=3) | PLAIN
        for key in ("floors", "areas", "devices", "entities")
    },
)


@settings(max_examples=300, deadline=None)
@given(HOMES | PLAIN)
def test_any_data_is_a_home_or_said_not_to_be(data: Any) -> None:
    try:
        world = world_from(data, "FILE")
    except FixturesError as error:
        assert error.message.startswith("FILE")
        assert error.hint
        return
    assert isinstance(world, World)
    floors, areas = {f.id for f in world.floors}, {a.id for a in world.areas}
    assert all(area.floor is None or area.floor in floors for area in world.areas)
    assert all(entity.area is None or entity.area in areas for entity in world.entities)


YAMLISH = st.text(alphabet=st.sampled_from("ab: -[]{}&*!|>\"'#\n\t0.,?%@"), max_size=60)


@settings(max_examples=400, deadline=None)
@given(YAMLISH | st.text(max_size=60))
def test_any_text_is_yaml_or_said_not_to_be(text: str) -> None:
    try:
        json.dumps(documents.parse(text, "FILE"), allow_nan=False)
    except FixturesError as error:
        assert error.message.startswith("FILE")
        assert error.hint
