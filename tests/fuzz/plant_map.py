"""Any text as a map of a plant, and any registers for its points."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from steward.errors import FixturesError
from steward.home.plant import points
from steward.home.plant.map import parse
from steward.home.plant.registers import KINDS, decode

EXAMPLES = Path(__file__).parents[2] / "examples" / "pump-station"
SEEDS = tuple(
    (EXAMPLES / name).read_bytes() + b"\0\x41\x48\xf5\xc3" for name in ("modbus.yaml", "opcua.yaml")
)


def one(data: bytes) -> None:
    """Read a map, and each of its points from the registers after it."""
    text, _, raw = data.partition(b"\0")
    registers = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    try:
        plant = parse(text.decode("utf-8", "replace"), "map")
    except FixturesError as error:
        assert error.hint
        return
    for point in plant.points:
        with suppress(ValueError):
            value = decode(registers[: KINDS[point.type].registers], point.type, point.order)
            points.shown(points.entity(point), point, value)
