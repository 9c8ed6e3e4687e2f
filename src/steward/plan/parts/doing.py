"""A command that was read by its parts, as steps on exactly the things meant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from steward.plan.parts.changing import DOMAINS, change
from steward.plan.parts.choose import Chosen, Scene, choose
from steward.plan.parts.frames import Frame
from steward.plan.templates.acts import Draft, Drafts, on_entities
from steward.types import Entity, Gap, Json, Meaning, Unknown

_SWITCHED = (
    *("light", "switch", "fan", "media_player", "climate", "humidifier", "input_boolean"),
    *("water_heater", "siren", "remote", "group", "automation"),
)
_EVERYTHING = ("light", "switch", "fan", "media_player", "climate")
"""What "everything" is when it is switched off: not locks, pumps of water, or modes of the home."""
_ALL_OPENINGS = ("cover",)
"""What it is when it is opened or closed: not locks, and not the main water."""

_ON = {
    **dict.fromkeys((*_SWITCHED, "scene", "script"), "turn_on"),
    "vacuum": "start",
    "lawn_mower": "start_mowing",
    "timer": "start",
    "valve": "open_valve",
    "camera": "turn_on",
    "button": "press",
    "input_button": "press",
}
_RUN = ("switch", "valve", "vacuum", "lawn_mower", "fan", "humidifier", "scene", "script", "timer")
"""What is run; a lamp or a player is not."""

_OFF = {
    **dict.fromkeys((*_SWITCHED, "script"), "turn_off"),
    "valve": "close_valve",
    "vacuum": "return_to_base",
    "camera": "turn_off",
    "timer": "cancel",
}
_SERVICES: dict[str, dict[str, str]] = {
    "on": _ON,
    "off": _OFF,
    "open": {"cover": "open_cover", "valve": "open_valve", "lock": "unlock"},
    "close": {"cover": "close_cover", "valve": "close_valve"},
    "turn_open": {**_ON, "cover": "open_cover", "lock": "unlock"},
    "turn_close": {**_OFF, "cover": "close_cover"},
    "out": {**_OFF, "vacuum": "start", "lawn_mower": "start_mowing"},
    "lit": {"light": "turn_on"},
    "lock": {"lock": "lock"},
    "unlock": {"lock": "unlock"},
    "stop": {**_OFF, "cover": "stop_cover", "media_player": "media_stop", "vacuum": "stop"},
    "pause": {
        "media_player": "media_pause",
        "vacuum": "pause",
        "timer": "pause",
        "lawn_mower": "pause",
    },
    "play": {"media_player": "media_play", "timer": "start", "lawn_mower": "start_mowing"},
    "cancel": {"timer": "cancel"},
    "run": {name: _ON[name] for name in _RUN},
    "press": {"button": "press", "input_button": "press", "script": "turn_on", "scene": "turn_on"},
    "shuffle": {"media_player": "shuffle_set"},
    "unshuffle": {"media_player": "shuffle_set"},
    "repeat": {"media_player": "repeat_set"},
    "repeat_one": {"media_player": "repeat_set"},
    "unrepeat": {"media_player": "repeat_set"},
    "oscillate": {"fan": "oscillate"},
    "unoscillate": {"fan": "oscillate"},
    "reverse": {"fan": "set_direction"},
    "mute": {"media_player": "volume_mute"},
    "unmute": {"media_player": "volume_mute"},
    "clean": {"vacuum": "start"},
    "locate": {"vacuum": "locate"},
    "mow": {"lawn_mower": "start_mowing"},
    "dock": {"vacuum": "return_to_base", "lawn_mower": "dock"},
    "install": {"update": "install"},
    "next": {"media_player": "media_next_track"},
    "previous": {"media_player": "media_previous_track"},
}
"""The service for each verb, by domain."""

_ARGUMENTS: dict[str, dict[str, Json]] = {
    "mute": {"is_volume_muted": True},
    "unmute": {"is_volume_muted": False},
    "shuffle": {"shuffle": True},
    "unshuffle": {"shuffle": False},
    "repeat": {"repeat": "all"},
    "repeat_one": {"repeat": "one"},
    "unrepeat": {"repeat": "off"},
    "oscillate": {"oscillating": True},
    "unoscillate": {"oscillating": False},
    "reverse": {"direction": "reverse"},
}
"""What a verb says besides its service."""

_NEED_NO_NAME = frozenset(
    {"lock", "pause", "play", "mute", "unmute", "clean", "mow", "dock", "next", "previous"}
    | {"shuffle", "unshuffle", "repeat", "repeat_one", "unrepeat"}
)
"""Verbs that say by themselves what kind of thing is meant."""

_MOVING = ("", "on", "open", "close", "turn_open", "turn_close")
"""Verbs that may come with how far."""

_ENDING = ("off", "turn_close")
"""Verbs that switch off."""

_INTENTS = {
    "on": "HassTurnOn",
    "open": "HassTurnOn",
    "turn_open": "HassTurnOn",
    "turn_close": "HassTurnOff",
    "off": "HassTurnOff",
    "out": "HassTurnOff",
    "lit": "HassTurnOn",
    "close": "HassTurnOff",
    "pause": "HassMediaPause",
    "play": "HassMediaUnpause",
    "mute": "HassMediaPlayerMute",
    "unmute": "HassMediaPlayerUnmute",
    "lock": "HassTurnOn",
    "unlock": "HassTurnOff",
}


def do(
    frame: Frame, scene: Scene, capabilities: Collection[str]
) -> tuple[tuple[Draft, Meaning], ...] | Unknown:
    """Return the steps for `frame`, which use only `capabilities`, or why there are none."""
    intent, drafts = _drafts(frame, scene)
    return as_steps(intent, drafts, capabilities)


def as_steps(
    intent: str, drafts: Drafts | Unknown, capabilities: Collection[str]
) -> tuple[tuple[Draft, Meaning], ...] | Unknown:
    """Return `drafts` as steps that mean `intent`, or why they cannot be taken."""
    if isinstance(drafts, Unknown):
        return drafts
    if not drafts:
        return Unknown(Gap.NOT_UNDERSTOOD)
    for draft in drafts:
        if draft.capability not in capabilities:
            return Unknown(Gap.UNSUPPORTED)
    return tuple((draft, Meaning(intent, "default", dict(draft.slots))) for draft in drafts)


def _drafts(frame: Frame, scene: Scene) -> tuple[str, Drafts | Unknown]:
    if frame.act == "close" and frame.sign < 0 and _is_whole(frame):
        frame = replace(frame, act="off", sign=0)  # "shut everything down"
    changing = (
        *(frame.quantity, frame.sign, frame.scale, frame.amount, frame.color),
        *(frame.kelvin, frame.mode, frame.level, frame.slight),
    )
    if any(changing[1:]) and frame.act not in _MOVING:
        return "", Unknown(Gap.NOT_UNDERSTOOD)
    if frame.act == "lit":
        groups = tuple(group | {"light"} for group in frame.groups)
        frame = replace(frame, act="on", groups=groups, plural=True)
    if frame.complaint and frame.quantity == "light":
        if _all_lit(frame, scene):
            return change(replace(frame, quantity="brightness"), scene)
        lit = replace(frame, act="on", complaint=False, sign=0, quantity="")
        lit = lit if lit.groups else replace(lit, marks=lit.marks | {"here"})
        groups = tuple(g | {"light"} for g in lit.groups) or (frozenset({"light"}),)
        return "HassTurnOn", _acted(replace(lit, groups=groups), scene)
    if fan := _cooling(frame, scene):
        return "HassTurnOn", on_entities([fan], "turn_on")
    if any(changing) and not _is_movement(frame):
        return change(frame, scene)
    if not frame.act and not _is_movement(frame):
        return "", Unknown(Gap.NOT_UNDERSTOOD)
    if frame.sign and frame.act in _MOVING and _covers(frame, scene):
        moved = replace(frame, act="open" if frame.sign > 0 else "close")
        return _INTENTS[moved.act], _acted(moved, scene, ("cover",))
    if _is_movement(frame) and (not frame.act or _is_turned_up(frame, scene)):
        return change(frame, scene)
    return _INTENTS.get(frame.act, "StewardAct"), _acted(frame, scene)


def _all_lit(frame: Frame, scene: Scene) -> bool:
    """Tell whether all lights are on that are said to be too dark."""
    chosen = choose(frame, scene, ("light",)) if frame.groups else Unknown(Gap.NOT_UNDERSTOOD)
    return not isinstance(chosen, Unknown) and all(
        thing.entity.state == "on" for thing in chosen.things
    )


def _cooling(frame: Frame, scene: Scene) -> Entity | None:
    """Return the fan that helps where it is too hot or stuffy, and nothing there cools."""
    if not (frame.complaint and frame.quantity == "temperature" and frame.sign < 0):
        return None
    if frame.groups or scene.area is None:
        return None
    here = [thing.entity for thing in scene.things if thing.entity.area == scene.area]
    fans = [entity for entity in here if entity.domain == "fan"]
    cooled = any(entity.domain == "climate" for entity in here)
    return fans[0] if len(fans) == 1 and not cooled else None


def _is_movement(frame: Frame) -> bool:
    """Tell whether it only says up, down, or all the way."""
    return (
        not (frame.quantity or frame.scale or frame.amount or frame.color or frame.kelvin)
        and not (frame.mode or frame.slight or frame.complaint)
        and frame.level in ("", "max")
        and (bool(frame.sign) or frame.act in _MOVING[2:])
    )


def _is_turned_up(frame: Frame, scene: Scene) -> bool:
    """Tell whether "open it all the way" is said of what is not open but bright, fast or loud."""
    if frame.level != "max" or frame.act not in _BEGINNING or not frame.groups:
        return False
    found = [choose(frame, scene, domains) for domains in (("cover", "valve"), _TURNED_UP)]
    return [isinstance(each, Unknown) for each in found] == [True, False]


_BEGINNING = ("on", "open", "turn_open")
_TURNED_UP = ("light", "fan", "media_player")


def _covers(frame: Frame, scene: Scene) -> bool:
    chosen = choose(frame, scene, ("cover",))
    return not isinstance(chosen, Unknown) and bool(frame.groups)


def _acted(frame: Frame, scene: Scene, only: Sequence[str] = ()) -> Drafts | Unknown:
    services = _SERVICES.get(frame.act, {})
    frame = _all_machines(frame)
    domains = [name for name in services if not only or name in only]
    bare = not frame.groups
    everything = "everything" in frame.marks or (frame.act in _ENDING and _is_whole(frame))
    if not everything and frame.act in _ENDING and "total" in frame.marks:
        places = frozenset[str]().union(*(thing.place - thing.kind for thing in scene.things))
        everything = all(group <= places for group in frame.groups)  # "kitchen all off"
    if everything:
        frame = replace(frame, marks=frame.marks | {"everything"})
    if everything or (bare and "all" in frame.marks and frame.act in _ENDING):
        kinds = _ALL_OPENINGS if frame.act in ("open", "close") else _EVERYTHING
        domains = [name for name in kinds if name in services] or domains
    elif bare and frame.act not in _NEED_NO_NAME:
        return Unknown(Gap.NOT_UNDERSTOOD)
    if bare and frame.act == "lock":
        frame = replace(frame, marks=frame.marks | {"all"})
    chosen = choose(frame, scene, domains)
    if isinstance(chosen, Unknown):
        others = choose(frame, scene, DOMAINS) if frame.groups else chosen
        return chosen if isinstance(others, Unknown) else Unknown(Gap.UNSUPPORTED)
    if not _is_of_a_kind(frame, chosen):
        return Unknown(Gap.AMBIGUOUS)
    return _services(chosen, services, frame)


def _is_whole(frame: Frame) -> bool:
    """Tell whether everything is meant: "shut everything down", "turn the house off"."""
    home = "home" in frame.marks and not frame.groups and "it" not in frame.marks
    return "everything" in frame.marks or home


def _all_machines(frame: Frame) -> Frame:
    """Take "all devices in the kitchen" for everything there."""
    if not frame.every or not any("machine" in group for group in frame.groups):
        return frame
    groups = tuple(group - {"machine"} for group in frame.groups)
    marks = frame.marks | {"everything"}
    return replace(frame, groups=tuple(group for group in groups if group), marks=marks)


def _is_of_a_kind(frame: Frame, chosen: Chosen) -> bool:
    """Tell whether what was said names things, and not a place alone."""
    if "everything" in frame.marks or not frame.groups or chosen.exact:
        return True
    if frame.act in _NEED_NO_NAME or frame.act == "unlock":
        return True
    return all(
        any(group & (thing.kind | thing.wide | thing.own - thing.place) for group in frame.groups)
        for thing in chosen.things
    )


def _services(chosen: Chosen, services: dict[str, str], frame: Frame) -> Drafts:
    drafts: list[Draft] = []
    entities = [thing.entity for thing in chosen.things]
    for domain in sorted({entity.domain for entity in entities}):
        arguments = _ARGUMENTS.get(frame.act, {})
        able = [entity for entity in entities if entity.domain == domain]
        if services[domain] == "media_pause" and len(able) > 1:
            able = _playing(able) or able
        drafts += on_entities(able, services[domain], arguments)
    return tuple(drafts)


def _playing(players: Sequence[Entity]) -> list[Entity]:
    return [player for player in players if player.state in ("playing", "buffering")]
