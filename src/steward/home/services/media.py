"""Services of `media_player`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

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
    supports,
    unsupported,
)
from steward.types import Entity

_STEP = 0.1
"""Home Assistant's default `volume_step`."""

_SILENT = frozenset({"off", "idle", "standby", "on", "unknown"})
"""States in which a player plays nothing that could be paused or skipped."""


class Volume(Data):
    """A loudness from 0 to 1."""

    volume_level: Annotated[float, Field(ge=0, le=1)]


class Muted(Data):
    """Whether the sound is off."""

    is_volume_muted: bool


def _turn_on(request: Request[Data]) -> Result:
    return changed(request.entity, "on") if request.entity.state == "off" else request.entity


def _turn_off(request: Request[Data]) -> Result:
    return changed(request.entity, "off")


def _toggle(request: Request[Data]) -> Result:
    return _turn_on(request) if request.entity.state == "off" else _turn_off(request)


def _play(request: Request[Data]) -> Result:
    if not supports(request.entity, "PLAY", otherwise=True):
        return unsupported(request.entity, "cannot play on command")
    return changed(request.entity, "playing")


def _pause(request: Request[Data]) -> Result:
    entity = request.entity
    if not supports(entity, "PAUSE", otherwise=True):
        return unsupported(entity, "cannot be paused")
    return entity if entity.state in _SILENT else changed(entity, "paused")


def _play_pause(request: Request[Data]) -> Result:
    return _pause(request) if request.entity.state == "playing" else _play(request)


def _stop(request: Request[Data]) -> Result:
    entity = request.entity
    if not supports(entity, "STOP", otherwise=True):
        return unsupported(entity, "cannot be stopped")
    return entity if entity.state in _SILENT else changed(entity, "idle")


def _skip(feature: str, step: int) -> Callable[[Request[Data]], Result]:
    def apply(request: Request[Data]) -> Result:
        entity = request.entity
        if not supports(entity, feature, otherwise=True):
            return unsupported(entity, "cannot skip")
        if entity.state in _SILENT:
            return invalid(entity, "is not playing anything")
        track = attributes.number(request.attribute("media_track"))
        if track is None:
            return entity
        return changed(entity, named={"media_track": max(1, round(track) + step)})

    return apply


def _has_volume(entity: Entity) -> bool:
    return supports(entity, "VOLUME_SET", otherwise="volume_level" in entity.attributes)


def _volume_set(request: Request[Volume]) -> Result:
    if not _has_volume(request.entity):
        return unsupported(request.entity, "has no volume to set")
    return changed(request.entity, named={"volume_level": request.data.volume_level})


def _volume_step(step: float) -> Callable[[Request[Data]], Result]:
    def apply(request: Request[Data]) -> Result:
        entity = request.entity
        if not (_has_volume(entity) or supports(entity, "VOLUME_STEP", otherwise=False)):
            return unsupported(entity, "has no volume to change")
        level = attributes.number(request.attribute("volume_level"))
        if level is None:
            return invalid(entity, "does not say how loud it is")
        return changed(entity, named={"volume_level": round(min(1, max(0, level + step)), 4)})

    return apply


def _mute(request: Request[Muted]) -> Result:
    entity = request.entity
    able = "is_volume_muted" in entity.attributes or "volume_level" in entity.attributes
    if not supports(entity, "VOLUME_MUTE", otherwise=able):
        return unsupported(entity, "cannot be muted")
    return changed(entity, named={"is_volume_muted": request.data.is_volume_muted})


MEDIA: Services = (
    service("media_player.turn_on", _turn_on, Data),
    service("media_player.turn_off", _turn_off, Data),
    service("media_player.toggle", _toggle, Data),
    service("media_player.media_play", _play, Data),
    service("media_player.media_pause", _pause, Data),
    service("media_player.media_play_pause", _play_pause, Data),
    service("media_player.media_stop", _stop, Data),
    service("media_player.media_next_track", _skip("NEXT_TRACK", 1), Data),
    service("media_player.media_previous_track", _skip("PREVIOUS_TRACK", -1), Data),
    service("media_player.volume_set", _volume_set, Volume),
    service("media_player.volume_up", _volume_step(_STEP), Data),
    service("media_player.volume_down", _volume_step(-_STEP), Data),
    service("media_player.volume_mute", _mute, Muted),
)
