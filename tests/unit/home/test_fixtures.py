"""Homes from files: what is read, and what is said about a file that is no home."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from steward.errors import FixturesError
from steward.home.fixtures import demo, read, world_from
from steward.types import Area, Entity, Floor

HOME = """
language: en
areas:
  - {id: kitchen, name: Kitchen, floor: Ground Floor}
  - {id: attic, name: Attic, floor: Upstairs, aliases: [阁楼]}
  - {id: yard, name: Yard}
devices:
  - {id: stove, name: Stove, area: kitchen, info: {model: S1}}
  - {id: hub, name: Hub}
entities:
  - {id: light.stove, name: Stove Light, device: stove, state: on, attributes: {brightness: 9}}
  - {id: sensor.hub, name: Hub, device: hub, area: attic, state: 18.5, unit: °C}
  - {id: climate.a, name: A, state: off, attributes: {hvac_modes: [off, heat], since: 2026-01-02}}
  - {id: sensor.clock, name: Clock, state: 12:30}
  - {id: todo.list, name: List, items: [Milk, {summary: Tea, status: completed, uid: "1"}]}
  - {id: scene.s, name: S, scene: {light.stove: {state: on, attributes: {brightness: 3}}}}
  - {id: button.b, name: B}
"""


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "home.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_home(tmp_path: Path) -> None:
    world = read(write(tmp_path, HOME))
    assert world.floors == (Floor("Ground Floor", "Ground Floor"), Floor("Upstairs", "Upstairs"))
    assert world.areas == (
        Area("kitchen", "Kitchen", "Ground Floor"),
        Area("attic", "Attic", "Upstairs", ("阁楼",)),
        Area("yard", "Yard"),
    )
    entities = {entity.id: entity for entity in world.entities}
    assert entities["light.stove"] == Entity(
        "light.stove", "Stove Light", "on", "kitchen", attributes={"brightness": 9}
    )
    assert entities["sensor.hub"] == Entity("sensor.hub", "Hub", "18.5", "attic", unit="°C")
    assert entities["climate.a"].attributes == {
        "hvac_modes": ["off", "heat"],
        "since": "2026-01-02",
    }
    assert entities["sensor.clock"].state == "12:30"
    assert entities["todo.list"].state == "1"
    assert entities["todo.list"].attributes["items"] == [
        {"uid": "2", "summary": "Milk", "status": "needs_action"},
        {"uid": "1", "summary": "Tea", "status": "completed"},
    ]
    assert entities["scene.s"].attributes["scene"] == {
        "light.stove": {"state": "on", "attributes": {"brightness": 3}}
    }
    assert entities["button.b"].state == "unknown"


def test_floors_by_id_or_name() -> None:
    world = world_from(
        {
            "floors": [{"id": "g", "name": "Ground", "aliases": ["一楼"]}],
            "areas": [
                {"id": "a", "name": "A", "floor": "g"},
                {"id": "b", "name": "B", "floor": "Ground"},
            ],
        }
    )
    assert world.floors == (Floor("g", "Ground", ("一楼",)),)
    assert [area.floor for area in world.areas] == ["g", "g"]


def test_words_that_a_loader_of_yaml_1_1_took_for_booleans() -> None:
    world = world_from({"entities": [{"id": "light.a", "name": "A", "state": True}]})
    assert world.entities[0].state == "on"


E_LIGHT = "entities: [{id: light.a, name: A, state: on"

# the text, words of the message, words of the hint
BAD: list[tuple[str | bytes, list[str], str]] = [
    ("", ["not a mapping"], "areas:"),
    ("- a\n", ["not a mapping"], "areas:"),
    ("areas: [\n", ["line 2", "YAML"], "mend"),
    ("areas:\n\t- x", ["line 2"], "mend"),
    (b"\xff\xfe\x00", ["UTF-8"], "UTF-8"),
    ("a: \x00", ["not valid YAML"], "UTF-8"),
    ("areas: []\nareas: []\n", ["line 2", "'areas'", "twice"], "mend"),
    (
        "entities: [{id: calendar.a, name: A, events: [{sumary: s}]}]",
        ["calendar.a", "events[0]"],
        "format",
    ),
    ("entities: [{name: A}]", ["entities[0]", "id"], "format"),
    ("entities: [{id: Light, name: A}]", ["entities[0] (Light).id"], "format"),
    ("entities: [{id: light.a}]", ["light.a", "name"], "format"),
    ("entities: [{id: light.a, name: ' '}]", ["light.a", "name"], "format"),
    ("entities: [{id: light.a, name: A, state: [1]}]", ["light.a", "state"], "format"),
    ("areas: [{id: a, name: A}, {id: a, name: B}]", ["areas", "id a", "2 times"], "own id"),
    (E_LIGHT + ", area: kitchn}]\nareas: [{id: kitchen, name: K}]", ["kitchn"], "mean kitchen"),
    (E_LIGHT + ", device: x}]", ["light.a", "unknown device x"], "lists no device"),
    ("devices: [{id: d, name: D, area: z}]\n" + E_LIGHT + ", device: d}]", ["area z"], "no area"),
    ("floors: [{id: g, name: G}]\nareas: [{id: a, name: A, floor: h}]", ["floor h"], "known: G"),
    (E_LIGHT + ", attributes: {brightness: 300}}]", ["light.a", "brightness", "300"], "0 to 255"),
    (E_LIGHT + ", attributes: {brightness: high}}]", ["brightness", "high"], "0 to 255"),
    (E_LIGHT + ", attributes: {rgb_color: red}}]", ["rgb_color"], "three numbers"),
    (E_LIGHT + ", attributes: {supported_color_modes: rgb}}]", ["color_modes"], "list of words"),
    (
        E_LIGHT + ", attributes: {x: !!timestamp 2026-01-01}}]",
        [": entities[0].attributes.x", "JSON"],
        "finite",
    ),
    (E_LIGHT + ", attributes: {x: !!float .nan}}]", ["attributes.x", "nan"], "finite"),
    (E_LIGHT + ", attributes: {1: 2}}]", ["key 1"], '"1"'),
    (E_LIGHT + ", attributes: {x: !!python/object:os.system a}}]", ["line 1"], "mend"),
    (E_LIGHT + ", attributes: {x: !!int a}}]", ["not valid YAML"], "tags"),
    (E_LIGHT + ", attributes: {[1]: 2}}]", ["line 1", "key"], "mend"),
    (E_LIGHT + ", items: [a]}]", ["light.a", "todo"], "remove"),
    ("entities: [{id: todo.a, name: A, state: 2, items: [a]}]", ["todo.a", "2"], "leave state"),
    ("entities: [{id: todo.a, name: A, attributes: {items: [a]}}]", ["todo.a"], "beside"),
    ("entities: [{id: scene.a, name: A, scene: {light.b: {state: on}}}]", ["light.b"], "known"),
    ("entities: [{id: scene.a, name: A, scene: {scene.a: {state: on}}}]", ["scene.a"], "lights"),
    (
        "entities: [{id: calendar.a, name: A, events: [{summary: s, start: soon, end: x}]}]",
        ["calendar.a", "events[0].start", "ISO"],
        "format",
    ),
    (
        "entities: [{id: climate.a, name: A, attributes: {min_temp: 9, max_temp: 5}}]",
        ["min_temp"],
        "no more than max_temp",
    ),
    ("a: &a [*a]", ["deep"], "circle"),
    ("[" * 3000, ["line 1", "too deep"], "mend"),
    (
        "\n".join(
            ["a0: &a0 [1, 1]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 30))]
        ),
        ["large"],
        "anchors",
    ),
    ("a: " + "x" * 2_000_001, ["larger"], "fixtures"),
]


@pytest.mark.parametrize(("text", "said", "hint"), BAD, ids=range(len(BAD)))
def test_bad_files(tmp_path: Path, text: str | bytes, said: list[str], hint: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(FixturesError) as caught:
        read(path)
    for words in (str(path), *said):
        assert words in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.hint


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(FixturesError, match="cannot read"):
            read(path)


@pytest.mark.parametrize("data", [None, 3, "x", [], {1: 2}, {"areas": dt.date(2026, 1, 1)}])
def test_data_that_is_no_home(data: Any) -> None:
    with pytest.raises(FixturesError):
        world_from(data)


def test_the_demo_home_is_worth_showing() -> None:
    world = demo()
    assert len(world.floors) == 2
    assert len(world.areas) == 9
    assert 40 <= len(world.entities) <= 60
    domains = {entity.domain for entity in world.entities}
    assert domains >= {
        *("light", "switch", "climate", "cover", "lock", "media_player", "fan", "vacuum", "valve"),
        *("sensor", "binary_sensor", "todo", "timer", "scene", "weather", "calendar", "camera"),
    }


def test_everything_in_the_demo_home_has_its_own_english_and_chinese_name() -> None:
    world = demo()
    places: list[Floor | Area] = [*world.floors, *world.areas]
    groups: tuple[list[Floor | Area | Entity], ...] = ([*places], [*world.entities])
    for thing in (*groups[0], *groups[1]):
        assert thing.name.isascii(), thing
        chinese = [alias for alias in thing.aliases if any("一" <= c <= "鿿" for c in alias)]
        assert chinese, thing
    for group in groups:
        names = [name.casefold() for thing in group for name in {thing.name, *thing.aliases}]
        assert len(names) == len(set(names))


def test_the_demo_home_answers_to_what_the_guide_says_first() -> None:
    entities = {entity.id: entity for entity in demo().entities}
    lights = [e for e in entities.values() if e.domain == "light" and e.area == "living_room"]
    assert [(e.name, e.state) for e in lights] == [("Living Room Light", "off")]
    assert {"客厅灯", "Living Room Lamp"} <= set(lights[0].aliases)
    assert entities["cover.living_room_curtain"].state == "open"
    assert "卧室空调" in entities["climate.bedroom_ac"].aliases
    assert entities["lock.front_door"].state == "locked"
    # A light that is on shines: the one it comes back with is not darkness.
    for entity in entities.values():
        assert entity.attributes.get("brightness", 1) != 0


def test_a_device_lends_its_name_to_what_it_does_and_to_all_it_tells() -> None:
    data = {
        "devices": [
            {"id": "mower", "name": "Robot Mower"},
            {"id": "air", "name": "Air Monitor"},
            {"id": "lamp", "name": "Desk Lamp"},
        ],
        "entities": [
            {"id": "lawn_mower.shaun", "name": "Shaun", "device": "mower"},
            {"id": "sensor.mower_battery", "name": "Battery", "device": "mower"},
            {"id": "sensor.humidity", "name": "Humidity", "device": "air"},
            {"id": "sensor.co2", "name": "CO2", "device": "air"},
            {"id": "light.desk", "name": "Desk Lamp", "device": "lamp"},
            {"id": "sensor.desk", "name": "Power", "device": "lamp"},
        ],
    }
    aliases = {entity.id: entity.aliases for entity in world_from(data).entities}
    assert aliases["lawn_mower.shaun"] == ("Robot Mower", "Robot Mower Shaun")
    assert aliases["sensor.mower_battery"] == ("Robot Mower Battery",)
    assert aliases["sensor.humidity"] == ("Air Monitor Humidity",)
    assert (aliases["light.desk"], aliases["sensor.desk"]) == ((), ())


def test_keys_of_other_programs_are_left_out_with_a_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    data = {
        "name": "Farm",
        "areas": [{"id": "the barn", "name": "Barn", "icon": "mdi:barn"}],
        "devices": [{"id": "d 1", "name": "Hub", "area": "the barn", "info": "a hub"}],
        "entities": [{"id": "light.a", "name": "A", "device": "d 1", "stat": "on"}],
    }
    world = world_from(data, "farm.yaml")
    assert world.entities[0].area == "the barn"
    said = [record.getMessage() for record in caplog.records]
    assert any("farm.yaml: unknown key name" in line for line in said)
    assert any("the barn: unknown key icon" in line for line in said)
    assert any("light.a: unknown key stat" in line and "mean state?" in line for line in said)
