"""The map file: which register or node of a plant is which thing, in the words of its people.

YAML of version 1.2, strict as a fixtures file. `modbus:` or `opcua:` says where the plant is,
`areas:` its places, `points:` one thing each:

    - {id: number.flow, name: Flow, aliases: [流量], at: holding 10, type: float32, unit: m³/h,
       limits: [0, 20], risk: guarded}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from steward.errors import FixturesError
from steward.home import documents
from steward.home.fixtures import Text
from steward.home.plant.registers import BITS, KINDS, Kind, Order
from steward.types import Area, Json, Risk

TABLES = ("coil", "discrete", "input", "holding")
"""The four tables of Modbus; coils and holding registers can be written."""
_REGISTER = re.compile(rf"^({'|'.join(TABLES)}) (\d{{1,5}})(?:\.(\d{{1,2}}))?$")
_NODE = re.compile(r"^(?:ns=\d{1,5};)?[isgb]=\S.*$")
_ID = r"^(sensor|binary_sensor|number|switch|valve|select|button)\.[a-z0-9_]{1,60}$"
_WRITING = frozenset({"number", "switch", "valve", "select", "button"})
_BINARY: Mapping[str, Mapping[str, float]] = {
    "switch": {"off": 0, "on": 1},
    "binary_sensor": {"off": 0, "on": 1},
    "valve": {"closed": 0, "open": 1},
    "button": {"press": 1},
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Register(_Strict):
    """One place in a Modbus device: `address` counts from 0; `bit` is one of a register's 16."""

    table: Literal["coil", "discrete", "input", "holding"]
    address: Annotated[int, Field(ge=0, le=65535)]
    bit: Annotated[int, Field(ge=0, le=15)] | None = None


Place: TypeAlias = Register | str
"""Where a value is: a Register, or the id of an OPC UA node ("ns=2;s=Pressure")."""


class Modbus(_Strict):
    """A Modbus TCP device: its address, its unit number, seconds between two looks."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    poll: Annotated[float, Field(ge=0.05, le=3600)] = 1.0
    timeout: Annotated[float, Field(ge=0.05, le=60)] = 2.0


class OpcUa(_Strict):
    """An OPC UA server: its address, whom to log in as, seconds between two reports."""

    url: Annotated[str, Field(pattern=r"^opc\.tcp://\S+$")]
    user: Text | None = None
    password_file: Path | None = None
    security: Text | None = None
    """As asyncua takes it: "Basic256Sha256,SignAndEncrypt,certificate.der,key.pem"."""
    interval: Annotated[float, Field(ge=0.05, le=3600)] = 0.5
    timeout: Annotated[float, Field(ge=0.05, le=60)] = 4.0


class Point(_Strict):
    """One thing of the plant. A number in its `unit` is the raw one times `scale` plus `offset`.

    `states` are the words for raw numbers. Commands go to `command`, or to `at` without it.
    """

    id: Annotated[str, Field(pattern=_ID)]
    name: Text
    aliases: tuple[Text, ...] = ()
    area: Text | None = None
    at: Place
    command: Place | None = None
    type: Kind = "uint16"
    order: Order = "ABCD"
    scale: float = 1.0
    offset: float = 0.0
    unit: str | None = None
    limits: tuple[float, float] | None = None
    step: Annotated[float, Field(gt=0)] | None = None
    states: dict[str, float] = Field(default_factory=dict)
    read_only: bool = False
    risk: Literal[Risk.ACT, Risk.GUARDED] = Risk.ACT
    device_class: Text | None = None

    @field_validator("at", "command", mode="before")
    @classmethod
    def _place(cls, value: object) -> object:
        if not isinstance(value, str):
            raise ValueError('write it like "holding 10" or "ns=2;s=Pressure"')
        if match := _REGISTER.match(value):
            return {"table": match[1], "address": int(match[2]), "bit": match[3]}
        if _NODE.match(value):
            return value
        raise ValueError(f'{value!r:.60} is neither like "holding 10" nor like "ns=2;s=Pressure"')

    @property
    def domain(self) -> str:
        """The kind of thing: "sensor", "switch", …"""
        return self.id.partition(".")[0]

    @property
    def writable(self) -> bool:
        """Whether it can be told anything."""
        return self.domain in _WRITING and not self.read_only

    @property
    def target(self) -> Place:
        """Where commands go."""
        return self.command if self.command is not None else self.at

    @property
    def words(self) -> Mapping[str, float]:
        """The raw number of each state that has a word; none for plain numbers."""
        return self.states or _BINARY.get(self.domain, {})

    @model_validator(mode="after")
    def _consistent(self) -> Point:
        if self.scale == 0:
            raise ValueError("scale is 0: every value would be the same")
        if self.limits and self.limits[0] >= self.limits[1]:
            raise ValueError("limits: the first must be less than the second")
        if len(set(self.states.values())) < len(self.states):
            raise ValueError("states: two words for the same number")
        if self.domain == "select" and len(self.states) < 2:
            raise ValueError("a select needs states: a word for each raw number")
        binary = _BINARY.get(self.domain)
        if self.states and binary and set(self.states) != set(binary):
            raise ValueError(f"states: must be {', '.join(binary)}")
        if self.writable:
            self._check_target()
        return self

    def _check_target(self) -> None:
        if isinstance(self.target, Register):
            if self.target.table in ("discrete", "input"):
                raise ValueError(
                    f"{self.target.table} can only be read: write `command:` with a coil or a "
                    "holding register, or `read_only: true`"
                )
            if self.target.bit is not None:
                raise ValueError("one bit of a register cannot be written without its neighbours")
        if self.domain == "number":
            if self.limits is None:
                raise ValueError("a number that can be set needs limits: [lowest, highest]")
            self._check_fit(self.limits)

    def _check_fit(self, limits: tuple[float, float]) -> None:
        lowest, highest = KINDS[self.type].range
        for limit in limits:
            raw = (limit - self.offset) / self.scale
            if not lowest <= raw <= highest:
                raise ValueError(f"limits: {limit:g} does not fit in {self.type}")


class Map(_Strict):
    """A whole map file, checked."""

    modbus: Modbus | None = None
    opcua: OpcUa | None = None
    areas: tuple[Area, ...] = ()
    points: Annotated[tuple[Point, ...], Field(min_length=1, max_length=5000)]

    @property
    def peer(self) -> str:
        """Where the plant is, in words for a message."""
        if self.modbus:
            return f"the Modbus device at {self.modbus.host}:{self.modbus.port}"
        return f"the OPC UA server at {self.opcua.url if self.opcua else ''}"

    @model_validator(mode="after")
    def _consistent(self) -> Map:
        if (self.modbus is None) == (self.opcua is None):
            raise ValueError("say where the plant is: modbus: or opcua:, one of them")
        areas = {area.id for area in self.areas}
        seen: set[str] = set()
        for point in self.points:
            if point.id in seen:
                raise ValueError(f"two points are called {point.id}")
            seen.add(point.id)
            if point.area is not None and point.area not in areas:
                raise ValueError(f"{point.id}: unknown area {point.area}")
            for place in (point.at, point.command):
                if place is not None and isinstance(place, Register) != bool(self.modbus):
                    wanted = "a register" if self.modbus else "a node"
                    raise ValueError(f"{point.id}: {place!r:.60} is not {wanted}")
            if self.modbus and _is_bit(point) != (point.type == "bit"):
                raise ValueError(f"{point.id}: type bit is for coils, discretes and single bits")
        return self


def read(path: Path) -> Map:
    """Return the map in the file `path`.

    Raises:
        FixturesError: the file is missing, unreadable, not YAML, or not a map; it says where.
    """
    return parse(documents.read(path, "map"), str(path))


def parse(text: str, origin: str) -> Map:
    """Return the map that `text` describes; `origin` names it in errors. Pure.

    Raises:
        FixturesError: it is not a map; the message says where and the hint what to write.
    """
    data = documents.parse(text, origin)
    if not isinstance(data, dict):
        raise FixturesError(f"{origin}: not a mapping", hint="a map begins with modbus: or opcua:")
    with_types = {**data, "points": _typed(data.get("points"))}
    try:
        return Map.model_validate(with_types)
    except ValidationError as error:
        raise _explained(error, data, origin) from error


def _is_bit(point: Point) -> bool:
    at = point.at
    return isinstance(at, Register) and (at.table in BITS or at.bit is not None)


def _typed(points: Json) -> Json:
    """Fill in the type that goes without saying: a coil holds a bit."""
    if not isinstance(points, list):
        return points
    filled: list[Json] = []
    for point in points:
        at = point.get("at") if isinstance(point, dict) else None
        if isinstance(point, dict) and isinstance(at, str) and "type" not in point:
            match = _REGISTER.match(at)
            if match and (match[1] in BITS or match[3]):
                point = {**point, "type": "bit"}
            elif _NODE.match(at):
                # A node knows its own type; this one shows and holds all of them.
                point = {**point, "type": "float64"}
        filled.append(point)
    return filled


def _explained(error: ValidationError, data: Mapping[str, Json], origin: str) -> FixturesError:
    first = error.errors()[0]
    loc: Sequence[int | str] = first["loc"]
    place = ".".join(str(part) for part in loc) or "the map"
    points = data.get("points")
    if loc[:1] == ("points",) and len(loc) > 1 and isinstance(points, list):
        point = points[int(loc[1])]
        named = point.get("id") if isinstance(point, dict) else None
        rest = ".".join(str(part) for part in loc[2:])
        place = f"points[{loc[1]}] ({named})" + (f".{rest}" if rest else "")
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        model: type[BaseModel] = Point if loc[0] == "points" else Map
        return FixturesError(
            f"{origin}: {place}: unknown key", hint=f"known keys: {', '.join(model.model_fields)}"
        )
    return FixturesError(f"{origin}: {place}: {message}", hint="see docs/guides/modbus-opcua.md")
