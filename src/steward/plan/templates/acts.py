"""What a device is asked to do: intents that act on the home, as service calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from steward.plan.templates.targets import Request, classes_of, only, select
from steward.types import Call, Entity, Gap, Json, Unknown

SWITCHED = ("light", "switch", "fan", "media_player", "input_boolean", "climate", "siren")
SWITCHED_TOO = ("humidifier", "automation", "water_heater", "remote", "group")
_ON = {
    "cover": "open_cover",
    "lock": "lock",
    "valve": "open_valve",
    "scene": "turn_on",
    "script": "turn_on",
    "button": "press",
    "input_button": "press",
    "vacuum": "start",
    "lawn_mower": "start_mowing",
    **dict.fromkeys((*SWITCHED, *SWITCHED_TOO), "turn_on"),
}
_OFF = {
    "cover": "close_cover",
    "lock": "unlock",
    "valve": "close_valve",
    "script": "turn_off",
    "vacuum": "return_to_base",
    "lawn_mower": "dock",
    **dict.fromkeys((*SWITCHED, *SWITCHED_TOO), "turn_off"),
}
"""Services of Home Assistant's intents HassTurnOn and HassTurnOff, by domain: for a lock "on" is
locked, for a cover or a valve it is open."""

_ACTIVE = ("playing", "paused", "buffering", "on", "idle")
_DIMMED = {"brightness", "color_temp", "hs", "rgb", "rgbw", "rgbww", "xy", "white"}
_COLOURED = {"hs", "rgb", "rgbw", "rgbww", "xy"}
_TINTED = {"color_temp", *_COLOURED}
"""Home Assistant's colour modes of a light that can be dimmed, coloured, made warm or cold."""


@dataclass(frozen=True)
class Draft:
    """A Call to be: it lacks an id and what it needs. `slots` are added to those of the words."""

    capability: str
    arguments: dict[str, Json]
    slots: tuple[tuple[str, Json], ...] = ()


def entity_ids(call: Call | Draft) -> tuple[str, ...]:
    """Return the ids of the entities that `call` names, in its order."""
    named = call.arguments.get("entity_id")
    return tuple(str(each) for each in named) if isinstance(named, list | tuple) else ()


Drafts: TypeAlias = tuple[Draft, ...]
Handler: TypeAlias = Callable[[Request], Drafts | Unknown]


def on_entities(
    entities: Sequence[Entity], service: str, arguments: dict[str, Json] | None = None
) -> Drafts:
    """Return one Draft of `service` for each domain in `entities`.

    Those that do not answer ("unavailable") get a Call of their own, so that they fail alone.
    """
    groups: dict[tuple[str, bool], list[Json]] = {}
    for entity in sorted(entities, key=lambda entity: entity.id):
        gone = entity.state == "unavailable" and len(entities) > 1
        groups.setdefault((entity.domain, gone), []).append(entity.id)
    return tuple(
        Draft(f"{domain}.{service}", {"entity_id": ids, **(arguments or {})})
        for (domain, _), ids in groups.items()
    )


def _by_domain(services: dict[str, str], request: Request) -> Drafts | Unknown:
    slots = request.match.slots
    domains = classes_of(slots.get("domain")) or tuple(sorted(services))
    found = select(request, domains, classes_of(slots.get("device_class")))
    if isinstance(found, Unknown):
        return found
    drafts: list[Draft] = []
    for domain in sorted({entity.domain for entity in found}):
        service = services.get(domain)
        if service is None:
            return Unknown(Gap.UNSUPPORTED, found[0].name)
        drafts += on_entities([e for e in found if e.domain == domain], service)
    return tuple(drafts)


def _turn_on(request: Request) -> Drafts | Unknown:
    return _by_domain(_ON, request)


def _turn_off(request: Request) -> Drafts | Unknown:
    return _by_domain(_OFF, request)


def _able(lights: Sequence[Entity], modes: set[str]) -> Sequence[Entity]:
    """Leave out, of several lights, those that cannot do it."""
    able = []
    for light in lights:
        listed = classes_of(light.attributes.get("supported_color_modes"))
        if modes.intersection(listed) or (not listed and "brightness" in light.attributes):
            able.append(light)
    return able if able and len(lights) > 1 else lights


def _light_set(request: Request) -> Drafts | Unknown:
    found = select(request, ("light",))
    if isinstance(found, Unknown):
        return found
    slots = request.match.slots
    arguments: dict[str, Json] = {}
    modes = _DIMMED
    if "brightness" in slots:
        arguments["brightness_pct"] = number(slots["brightness"])
    if "color" in slots:
        arguments["color_name"] = str(slots["color"]).replace(" ", "")
        modes = _COLOURED
    if "temperature" in slots:
        arguments["color_temp_kelvin"] = number(slots["temperature"])
        modes = _TINTED
    return on_entities(_able(found, modes), "turn_on", arguments)


def _light_step(request: Request) -> Drafts | Unknown:
    found = select(request, ("light",))
    if isinstance(found, Unknown):
        return found
    step = number(request.match.slots.get("step", 20))
    signed = step if request.match.slots.get("direction") == "up" else -step
    able = _able(found, _DIMMED)
    able = [light for light in able if light.state == "on"] or able
    return on_entities(able, "turn_on", {"brightness_step_pct": signed})


def _set_temperature(request: Request) -> Drafts | Unknown:
    found = select(request, ("climate", "water_heater"))
    if isinstance(found, Unknown):
        return found
    return on_entities(
        found, "set_temperature", {"temperature": number(request.match.slots["temperature"])}
    )


def _temperature_step(request: Request) -> Drafts | Unknown:
    found = select(request, ("climate",))
    if isinstance(found, Unknown):
        return found
    step = number(request.match.slots.get("step", 1))
    signed = step if request.match.slots.get("direction") == "up" else -step
    drafts: list[Draft] = []
    for entity in found:
        target = entity.attributes.get("temperature")
        if not isinstance(target, int | float):
            return Unknown(Gap.UNSUPPORTED, entity.name)
        drafts += on_entities((entity,), "set_temperature", {"temperature": target + signed})
    return tuple(drafts)


def _mode(service: str, slot: str) -> Handler:
    def handle(request: Request) -> Drafts | Unknown:
        found = select(request, ("climate",))
        if isinstance(found, Unknown):
            return found
        return on_entities(found, service, {slot: str(request.match.slots[slot])})

    return handle


def _set_position(request: Request) -> Drafts | Unknown:
    slots = request.match.slots
    domains = classes_of(slots.get("domain")) or ("cover", "valve")
    found = select(request, domains, classes_of(slots.get("device_class")))
    if isinstance(found, Unknown):
        return found
    position = {"position": number(slots["position"])}
    covers = [entity for entity in found if entity.domain == "cover"]
    valves = [entity for entity in found if entity.domain == "valve"]
    return (
        *on_entities(covers, "set_cover_position", {**position}),
        *on_entities(valves, "set_valve_position", {**position}),
    )


def _fan_speed(request: Request) -> Drafts | Unknown:
    found = select(request, ("fan",))
    if isinstance(found, Unknown):
        return found
    return on_entities(
        found, "set_percentage", {"percentage": number(request.match.slots["percentage"])}
    )


def _players(request: Request, preferred: Iterable[str]) -> tuple[Entity, ...] | Unknown:
    """Return the player meant: unless it was named, the one that is in use."""
    found = select(request, ("media_player",))
    if isinstance(found, Unknown) and found.gap is Gap.AMBIGUOUS:
        found = tuple(e for e in request.world.entities if e.domain == "media_player")
    if isinstance(found, Unknown):
        return found
    return only(request, found, preferred)


def _media(
    service: str, preferred: Iterable[str], arguments: dict[str, Json] | None = None
) -> Handler:
    states = tuple(preferred)

    def handle(request: Request) -> Drafts | Unknown:
        found = _players(request, states)
        return found if isinstance(found, Unknown) else on_entities(found, service, arguments)

    return handle


def _volume(request: Request) -> Drafts | Unknown:
    found = _players(request, _ACTIVE)
    if isinstance(found, Unknown):
        return found
    level = number(request.match.slots["volume_level"]) / 100
    return on_entities(found, "volume_set", {"volume_level": round(level, 2)})


def _volume_step(request: Request) -> Drafts | Unknown:
    found = _players(request, _ACTIVE)
    if isinstance(found, Unknown):
        return found
    step = request.match.slots.get("volume_step")
    if step in ("up", "down"):
        return on_entities(found, f"volume_{step}")
    drafts: list[Draft] = []
    for player in found:
        level = player.attributes.get("volume_level")
        if not isinstance(level, int | float):
            return Unknown(Gap.UNSUPPORTED, player.name)
        wanted = min(1.0, max(0.0, level + number(step) / 100))
        drafts += on_entities((player,), "volume_set", {"volume_level": round(wanted, 2)})
    return tuple(drafts)


def _service(domains: tuple[str, ...], service: str) -> Handler:
    def handle(request: Request) -> Drafts | Unknown:
        classes = classes_of(request.match.slots.get("device_class"))
        found = select(request, domains, classes)
        return found if isinstance(found, Unknown) else on_entities(found, service)

    return handle


def _one(domains: tuple[str, ...], service: str) -> Handler:
    def handle(request: Request) -> Drafts | Unknown:
        found = select(request, domains)
        if not isinstance(found, Unknown):
            found = only(request, found)
        return found if isinstance(found, Unknown) else on_entities(found, service)

    return handle


def _clean_area(request: Request) -> Drafts | Unknown:
    slots = request.match.slots
    vacuums = [e for e in request.world.entities if e.domain == "vacuum"]
    if "name" in slots:
        vacuums = [e for e in vacuums if e.id == slots["name"]]
    if not vacuums:
        return Unknown(Gap.NO_SUCH_DEVICE)
    found = only(request, sorted(vacuums, key=lambda entity: entity.id))
    if isinstance(found, Unknown):
        return found
    return on_entities(found, "clean_area", {"cleaning_area_id": [str(slots["area"])]})


def number(value: Json) -> int | float:
    """Return a slot's number, whole where it is whole."""
    parsed = float(value) if isinstance(value, int | float | str) else 0.0
    return int(parsed) if parsed == int(parsed) else parsed


ACTS: dict[str, Handler] = {
    "HassTurnOn": _turn_on,
    "HassTurnOff": _turn_off,
    "HassLightSet": _light_set,
    "StewardLightStep": _light_step,
    "HassClimateSetTemperature": _set_temperature,
    "StewardClimateStep": _temperature_step,
    "StewardClimateMode": _mode("set_hvac_mode", "hvac_mode"),
    "HassClimateSetFanMode": _mode("set_fan_mode", "fan_mode"),
    "HassSetPosition": _set_position,
    "StewardStopCover": _service(("cover",), "stop_cover"),
    "HassFanSetSpeed": _fan_speed,
    "HassMediaPause": _media("media_pause", ("playing", "buffering")),
    "HassMediaUnpause": _media("media_play", ("paused",)),
    "StewardMediaStop": _media("media_stop", ("playing", "paused", "buffering")),
    "HassMediaNext": _media("media_next_track", ("playing", "paused")),
    "HassMediaPrevious": _media("media_previous_track", ("playing", "paused")),
    "HassMediaPlayerMute": _media("volume_mute", _ACTIVE, {"is_volume_muted": True}),
    "HassMediaPlayerUnmute": _media("volume_mute", _ACTIVE, {"is_volume_muted": False}),
    "HassSetVolume": _volume,
    "HassSetVolumeRelative": _volume_step,
    "HassVacuumStart": _one(("vacuum",), "start"),
    "HassVacuumReturnToBase": _one(("vacuum",), "return_to_base"),
    "StewardVacuumPause": _one(("vacuum",), "pause"),
    "HassVacuumCleanArea": _clean_area,
    "HassLawnMowerStartMowing": _one(("lawn_mower",), "start_mowing"),
    "HassLawnMowerDock": _one(("lawn_mower",), "dock"),
}
"""The intents that change the home."""
