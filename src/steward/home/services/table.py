"""All services by name, what they look like as capabilities, and how one Call is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from pydantic import ValidationError

from steward.home.services.base import (
    Data,
    Refusal,
    Request,
    Result,
    Service,
    Services,
    unchanged,
    unsupported,
)
from steward.home.services.choices import CHOICES
from steward.home.services.climate import CLIMATE
from steward.home.services.covers import COVERS
from steward.home.services.dates import DATES
from steward.home.services.helpers import HELPERS, counted_down
from steward.home.services.lights import LIGHTS
from steward.home.services.lists import LISTS
from steward.home.services.machines import MACHINES
from steward.home.services.media import MEDIA
from steward.home.services.switches import SWITCHES
from steward.types import Call, Capability, Done, Entity, Failed, Json, Outcome, Risk, World

_BY_DOMAIN: Services = (
    *LIGHTS,
    *SWITCHES,
    *CLIMATE,
    *COVERS,
    *MEDIA,
    *MACHINES,
    *LISTS,
    *DATES,
    *HELPERS,
    *CHOICES,
)
_DOMAIN_SERVICES: Mapping[str, Service[Any]] = {each.name: each for each in _BY_DOMAIN}


def _of_own_domain(verb: str) -> Callable[[Request[Data]], Result]:
    """Return `homeassistant.<verb>`: the service `<domain>.<verb>` of the entity, if there is one.

    A cover or lock has none: that "turn on" opens a cover is a matter of intents, not services.
    """

    def apply(request: Request[Data]) -> Result:
        own = _DOMAIN_SERVICES.get(f"{request.entity.domain}.{verb}")
        if own is None:
            return unsupported(request.entity, f"has no service {verb}")
        data = own.data.model_validate({"entity_id": (request.entity.id,)})
        result: Result = own.apply(Request(request.entity, data, request.now, request.entities))
        return result

    return apply


_ANYWHERE: Services = (
    *(
        Service(f"homeassistant.{verb}", Data, _of_own_domain(verb), frozenset())
        for verb in ("turn_on", "turn_off", "toggle")
    ),
    Service("home.get_states", Data, unchanged, frozenset(), Risk.READ),
)

SERVICES: Mapping[str, Service[Any]] = {each.name: each for each in (*_BY_DOMAIN, *_ANYWHERE)}
"""Every service that a home of ours carries out, by name."""


@cache
def capabilities() -> tuple[Capability, ...]:
    """Return every service as a Capability with the JSON schema of its arguments."""
    return tuple(
        Capability(each.name, each.data.model_json_schema(), each.risk)
        for each in SERVICES.values()
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a Call does: the entities that are different afterwards, and the value of its Done."""

    changed: tuple[Entity, ...]
    value: Mapping[str, Json]


def carry_out(entities: Mapping[str, Entity], call: Call, now: datetime) -> Effect | Failed:
    """Return what `call` does to `entities` (by id) at `now`, which has a time zone. Pure.

    One entity that cannot do it makes the whole Call fail, and nothing changes. The value is
    {"states": {id: {"state", "unit", "attributes"}}, "changed": [ids]} over the entities named and
    those changed; services that read add "items", "events" or "forecast", lists whose entries
    carry the "entity_id" they come from.
    """
    fit = fitting(entities, call)
    if isinstance(fit, Failed):
        return fit
    service, data = fit
    after = dict(entities)
    answers: list[Json] = []
    named = tuple(dict.fromkeys(data.entity_id))
    for entity_id in named:
        request = Request(after[entity_id], data, now, after)
        result: Result = service.apply(request)
        if isinstance(result, Refusal):
            return Failed(call.id, result.reason, result.message)
        after |= {e.id: e for e in (result if isinstance(result, tuple) else (result,))}
        if service.answer is not None:
            found = service.answer[1](request)
            answers += [{"entity_id": entity_id, **cast("dict[str, Json]", one)} for one in found]
    different = tuple(
        now_so
        for key, before in entities.items()
        if (now_so := after[key]) is not before and now_so != before
    )
    ids = dict.fromkeys((*named, *(entity.id for entity in different)))
    told = {key: after[key] for key in ids}
    if service.risk is Risk.READ:
        told = {key: counted_down(entity, now) for key, entity in told.items()}
    value: dict[str, Json] = {
        "states": {entity_id: shown(entity) for entity_id, entity in told.items()},
        "changed": [entity.id for entity in different],
    }
    if service.answer is not None:
        value[service.answer[0]] = answers
    return Effect(different, value)


def fitting(entities: Mapping[str, Entity], call: Call) -> tuple[Service[Any], Data] | Failed:
    """Return the service that `call` names, and its data, where it is one for these entities."""
    service = SERVICES.get(call.capability)
    if service is None:
        return Failed(call.id, "unsupported", f"this home has no service {call.capability}")
    try:
        data: Data = service.data.model_validate(dict(call.arguments))
    except ValidationError as error:
        return Failed(call.id, "invalid", f"{call.capability}: {_first(error)}")
    for entity_id in data.entity_id:
        refusal = _unfit(service, entity_id, entities)
        if refusal is not None:
            return Failed(call.id, refusal.reason, refusal.message)
    return service, data


def foresee(world: World, call: Call, now: datetime) -> Outcome:
    """Return what would come of `call` in `world` at `now`, which has a time zone. Pure."""
    effect = carry_out({entity.id: entity for entity in world.entities}, call, now)
    return effect if isinstance(effect, Failed) else Done(call.id, effect.value)


def _unfit(service: Service[Any], entity_id: str, entities: Mapping[str, Entity]) -> Refusal | None:
    entity = entities.get(entity_id)
    if entity is None:
        return Refusal("not_found", f"there is no {entity_id} in this home")
    if service.domains and entity.domain not in service.domains:
        return unsupported(entity, f"is a {entity.domain}; {service.name} is not for it")
    if entity.state == "unavailable" and service.risk is not Risk.READ:
        return Refusal("unavailable", f"{entity.name} does not answer")
    return None


def shown(entity: Entity) -> Json:
    """Return how `entity` is, as the value of a Done tells it."""
    return {"state": entity.state, "unit": entity.unit, "attributes": dict(entity.attributes)}


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
