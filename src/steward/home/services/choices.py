"""Services that set one of the choices that a device lists: presets, sources, options, texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field

from steward.home import attributes
from steward.home.services.base import (
    Data,
    Request,
    Result,
    Services,
    changed,
    invalid,
    service,
    unsupported,
)


class Preset(Data):
    """One of the device's `preset_modes`."""

    preset_mode: str


class Swing(Data):
    """One of the device's `swing_modes`."""

    swing_mode: str


class Direction(Data):
    """Which way a fan turns."""

    direction: Literal["forward", "reverse"]


class Source(Data):
    """One of the player's `source_list`."""

    source: str


class SoundMode(Data):
    """One of the player's `sound_mode_list`."""

    sound_mode: str


class Shuffle(Data):
    """Whether the order of play is random."""

    shuffle: bool


class Repeat(Data):
    """What is played again: nothing, all, or one piece."""

    repeat: Literal["off", "all", "one"]


class FanSpeed(Data):
    """One of the vacuum's `fan_speed_list`."""

    fan_speed: str


class Text(Data):
    """The words that the helper holds from now on."""

    value: Annotated[str, Field(max_length=255)]


def _choice(field: str, listed: str) -> Callable[[Request[Data]], Result]:
    """Return the service that sets the attribute `field` to a choice out of the list `listed`."""

    def apply(request: Request[Data]) -> Result:
        entity, wanted = request.entity, str(getattr(request.data, field))
        choices = attributes.words(request.attribute(listed))
        if not choices:
            return unsupported(entity, f"has no {listed.replace('_', ' ')}")
        if wanted not in choices:
            return invalid(entity, f"has no {wanted}, only {', '.join(choices)}")
        return changed(entity, named={field: wanted})

    return apply


def _shuffle(request: Request[Shuffle]) -> Result:
    return changed(request.entity, named={"shuffle": request.data.shuffle})


def _repeat(request: Request[Repeat]) -> Result:
    return changed(request.entity, named={"repeat": request.data.repeat})


def _direction(request: Request[Direction]) -> Result:
    if "direction" not in request.entity.attributes:
        return unsupported(request.entity, "turns one way only")
    return changed(request.entity, named={"direction": request.data.direction})


def _text(request: Request[Text]) -> Result:
    return changed(request.entity, request.data.value)


CHOICES: Services = (
    service("climate.set_preset_mode", _choice("preset_mode", "preset_modes"), Preset),
    service("climate.set_swing_mode", _choice("swing_mode", "swing_modes"), Swing),
    service("fan.set_preset_mode", _choice("preset_mode", "preset_modes"), Preset),
    service("fan.set_direction", _direction, Direction),
    service("media_player.select_source", _choice("source", "source_list"), Source),
    service("media_player.select_sound_mode", _choice("sound_mode", "sound_mode_list"), SoundMode),
    service("media_player.shuffle_set", _shuffle, Shuffle),
    service("media_player.repeat_set", _repeat, Repeat),
    service("vacuum.set_fan_speed", _choice("fan_speed", "fan_speed_list"), FanSpeed),
    service("input_text.set_value", _text, Text),
    service("text.set_value", _text, Text),
)
