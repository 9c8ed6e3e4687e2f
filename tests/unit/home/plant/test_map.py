from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import STATION

from steward.errors import FixturesError
from steward.home.plant.map import Register, parse, read
from steward.types import Risk

HEAD = "modbus: {host: 10.0.0.5}\npoints:\n"


@pytest.mark.parametrize("name", ["modbus.yaml", "opcua.yaml"])
def test_the_examples_are_maps(name: str) -> None:
    plant = read(STATION / name)
    points = {point.id: point for point in plant.points}
    assert points["switch.pump_2"].risk is Risk.GUARDED
    assert points["number.flow"].limits == (0, 20)
    assert not points["sensor.pressure"].writable
    assert plant.areas[0].aliases == ("泵站",)


def test_a_register_is_read() -> None:
    plant = parse(f"{HEAD}- {{id: binary_sensor.leak, name: Leak, at: input 7.3}}", "map")
    point = plant.points[0]
    assert point.at == Register(table="input", address=7, bit=3)
    assert point.type == "bit"


@pytest.mark.parametrize(
    ("point", "wrong"),
    [
        ("{id: light.x, name: X, at: coil 1}", "id"),
        ("{id: sensor.x, name: X, at: register 1}", "at"),
        ("{id: sensor.x, name: X, at: holding 70000}", "address"),
        ("{id: sensor.x, name: X, at: 7}", "at"),
        ('{id: sensor.x, name: X, at: "ns=2;s=Y"}', "not a register"),
        ("{id: sensor.x, name: X, at: input 1, type: int17}", "type"),
        ("{id: sensor.x, name: X, at: input 1, scale: 0}", "scale"),
        ("{id: sensor.x, name: X, at: input 1, scael: 2}", "unknown key"),
        ("{id: sensor.x, name: X, at: input 1, area: nowhere}", "unknown area nowhere"),
        ("{id: number.x, name: X, at: holding 1}", "needs limits"),
        ("{id: number.x, name: X, at: holding 1, limits: [5, 1]}", "limits"),
        ("{id: number.x, name: X, at: holding 1, limits: [-1, 5]}", "does not fit in uint16"),
        ("{id: number.x, name: X, at: input 1, limits: [0, 5]}", "can only be read"),
        ("{id: switch.x, name: X, at: holding 1.2}", "bit"),
        ("{id: switch.x, name: X, at: coil 1, states: {on: 1, of: 0}}", "must be off, on"),
        ("{id: select.x, name: X, at: holding 1}", "needs states"),
        ("{id: select.x, name: X, at: holding 1, states: {a: 1, b: 1}}", "same number"),
        ("{id: switch.x, name: X, at: coil 1, type: uint16}", "bit"),
        ("{id: sensor.x, name: X, at: input 1}, {id: sensor.x, name: Y, at: input 2}", "two"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(point: str, wrong: str) -> None:
    with pytest.raises(FixturesError) as caught:
        parse(f"modbus: {{host: 10.0.0.5}}\npoints: [{point}]", "plant.yaml")
    assert wrong in str(caught.value)
    assert caught.value.message.startswith("plant.yaml: ")
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "points: 7",
        "points: [7]",
        "points: []",
        "points: [{id: sensor.x, name: X, at: input 1}]",
        "modbus: {host: a}\nopcua: {url: opc.tcp://a}\npoints: [{id: switch.x, name: X, at: coil 1}]",  # noqa: E501
    ],
)
def test_what_is_no_map_is_refused(text: str) -> None:
    with pytest.raises(FixturesError):
        parse(text, "plant.yaml")


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FixturesError, match="cannot read"):
        read(tmp_path / "none.yaml")


@given(st.text(max_size=200))
def test_any_text_is_a_map_or_refused(text: str) -> None:
    for whole in (text, HEAD + text, f"{HEAD}- {{id: sensor.x, name: X, at: {text!r}}}"):
        try:
            parse(whole, "plant.yaml")
        except FixturesError as error:
            assert error.hint
