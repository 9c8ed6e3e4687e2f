"""What every service is made of: the request it gets, the data it takes, how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from steward.types import Entity, Json, Risk


class Data(BaseModel):
    """The arguments of a Call: the entities it is for; subclasses add a service's own fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    entity_id: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)]


DataT = TypeVar("DataT", bound=Data)


@dataclass(frozen=True, slots=True)
class Request(Generic[DataT]):
    """One service asked of one entity at the moment `now` (with time zone), among `entities`."""

    entity: Entity
    data: DataT
    now: datetime
    entities: Mapping[str, Entity]

    def attribute(self, name: str) -> Json:
        """Return an attribute of the entity, None when it has no such attribute."""
        return self.entity.attributes.get(name)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a service leaves an entity as it is."""

    reason: Literal["unavailable", "unsupported", "invalid", "not_found"]
    message: str


Result: TypeAlias = Entity | tuple[Entity, ...] | Refusal
"""The entity as it is afterwards, or (scenes) all the entities that were set, or a refusal."""


@dataclass(frozen=True, slots=True)
class Service(Generic[DataT]):
    """A Home Assistant service: `apply` decides, `domains` are the entities it works on.

    `answer` is for services that read: the key of the result, and what makes it for one entity.
    No `domains` means any.
    """

    name: str
    data: type[DataT]
    apply: Callable[[Request[DataT]], Result]
    domains: frozenset[str]
    risk: Risk = Risk.ACT
    answer: tuple[str, Callable[[Request[DataT]], list[Json]]] | None = None


Services: TypeAlias = tuple[Service[Any], ...]
"""Services of several kinds of data."""


def service(
    name: str,
    apply: Callable[[Request[DataT]], Result],
    data: type[DataT],
    *,
    risk: Risk = Risk.ACT,
) -> Service[DataT]:
    """Return the service `name` ("light.turn_on"), for the entities of its own domain."""
    return Service(name, data, apply, frozenset({name.partition(".")[0]}), risk)


def changed(
    entity: Entity,
    state: str | None = None,
    *,
    named: Mapping[str, Json] | None = None,
    known: Mapping[str, Json] | None = None,
) -> Entity:
    """Return `entity` with another state and attributes.

    `named` are the attributes that the command names: they are set. `known` are the ones that
    follow from it: they are set only where the entity has them, so that no attribute is invented.
    """
    follow = {key: value for key, value in (known or {}).items() if key in entity.attributes}
    attributes = {**entity.attributes, **follow, **(named or {})}
    return replace(entity, state=entity.state if state is None else state, attributes=attributes)


def unchanged(request: Request[Data]) -> Result:
    """Return the entity as it is."""
    return request.entity


def becomes(state: str) -> Callable[[Request[Data]], Result]:
    """Return the service that does nothing but set `state`."""

    def apply(request: Request[Data]) -> Result:
        return changed(request.entity, state)

    return apply


def unsupported(entity: Entity, what: str) -> Refusal:
    """Return the refusal of a feature that `entity` does not have: "Hall Light has no colour"."""
    return Refusal("unsupported", f"{entity.name} {what}")


def invalid(entity: Entity, what: str) -> Refusal:
    """Return the refusal of a value: "Thermostat accepts 5 to 30"."""
    return Refusal("invalid", f"{entity.name} {what}")


# Home Assistant's <Domain>EntityFeature flags, developers.home-assistant.io/docs/core/entity
_BITS: Mapping[str, Mapping[str, int]] = {
    "climate": {"TARGET_TEMPERATURE": 1, "TARGET_TEMPERATURE_RANGE": 2, "FAN_MODE": 8},
    "cover": {"OPEN": 1, "CLOSE": 2, "SET_POSITION": 4, "STOP": 8},
    "fan": {"SET_SPEED": 1, "OSCILLATE": 2},
    "lawn_mower": {"START_MOWING": 1, "PAUSE": 2, "DOCK": 4},
    "lock": {"OPEN": 1},
    "media_player": {
        "PAUSE": 1,
        "VOLUME_SET": 4,
        "VOLUME_MUTE": 8,
        "PREVIOUS_TRACK": 16,
        "NEXT_TRACK": 32,
        "TURN_ON": 128,
        "TURN_OFF": 256,
        "VOLUME_STEP": 1024,
        "STOP": 4096,
        "PLAY": 16384,
    },
    "todo": {"CREATE_TODO_ITEM": 1, "DELETE_TODO_ITEM": 2, "UPDATE_TODO_ITEM": 4},
    "vacuum": {"PAUSE": 4, "STOP": 8, "RETURN_HOME": 16, "LOCATE": 512, "START": 8192},
    "valve": {"OPEN": 1, "CLOSE": 2, "SET_POSITION": 4, "STOP": 8},
    "water_heater": {"TARGET_TEMPERATURE": 1},
}


def supports(entity: Entity, feature: str, *, otherwise: bool) -> bool:
    """Tell whether `entity` has `feature` ("SET_POSITION").

    `supported_features` decides, as Home Assistant's number or as a list of names; an entity that
    says nothing gets `otherwise`.
    """
    listed = entity.attributes.get("supported_features")
    if isinstance(listed, int) and not isinstance(listed, bool):
        return bool(listed & _BITS[entity.domain][feature])
    if isinstance(listed, list | tuple):
        names = {str(name).rpartition(".")[2].upper() for name in listed}
        return feature in names
    return otherwise
