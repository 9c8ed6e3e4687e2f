"""Services of `cover`, `valve` and `lock`. A movement is over at once: nothing here takes time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from steward.home import attributes
from steward.home.services.base import (
    Data,
    Request,
    Result,
    Services,
    changed,
    service,
    supports,
    unsupported,
)
from steward.types import Entity, Risk


class Position(Data):
    """How far open, in percent: 0 is closed."""

    position: Annotated[int, Field(ge=0, le=100)]


class Tilt(Data):
    """How far the slats are turned open, in percent."""

    tilt_position: Annotated[int, Field(ge=0, le=100)]


class Code(Data):
    """A code that Home Assistant lets pass; nothing here asks for one."""

    code: str | None = None


def _at(entity: Entity, position: int) -> Entity:
    state = "open" if position else "closed"
    return changed(entity, state, known={"current_position": position})


def _open(request: Request[Data]) -> Result:
    if not supports(request.entity, "OPEN", otherwise=True):
        return unsupported(request.entity, "cannot be opened")
    return _at(request.entity, 100)


def _close(request: Request[Data]) -> Result:
    if not supports(request.entity, "CLOSE", otherwise=True):
        return unsupported(request.entity, "cannot be closed")
    return _at(request.entity, 0)


def _set_position(request: Request[Position]) -> Result:
    entity = request.entity
    if not supports(entity, "SET_POSITION", otherwise="current_position" in entity.attributes):
        return unsupported(entity, "has no position, only open and closed")
    return _at(changed(entity, named={"current_position": 0}), request.data.position)


def _tilted(entity: Entity, position: int) -> Result:
    if "current_tilt_position" not in entity.attributes:
        return unsupported(entity, "has no slats that can be turned")
    return changed(entity, named={"current_tilt_position": position})


def _open_tilt(request: Request[Data]) -> Result:
    return _tilted(request.entity, 100)


def _close_tilt(request: Request[Data]) -> Result:
    return _tilted(request.entity, 0)


def _set_tilt(request: Request[Tilt]) -> Result:
    return _tilted(request.entity, request.data.tilt_position)


def _stop(request: Request[Data]) -> Result:
    entity = request.entity
    if not supports(entity, "STOP", otherwise=True):
        return unsupported(entity, "cannot be stopped")
    if entity.state not in ("opening", "closing"):
        return entity
    position = attributes.number(request.attribute("current_position"))
    return changed(entity, "closed" if position == 0 else "open")


def _toggle(request: Request[Data]) -> Result:
    return _open(request) if request.entity.state in ("closed", "closing") else _close(request)


def _lock(request: Request[Code]) -> Result:
    return changed(request.entity, "locked")


def _unlock(request: Request[Code]) -> Result:
    return changed(request.entity, "unlocked")


def _unlatch(request: Request[Code]) -> Result:
    if not supports(request.entity, "OPEN", otherwise=False):
        return unsupported(request.entity, "can be unlocked, but does not pull its latch")
    return changed(request.entity, "open")


COVERS: Services = (
    service("cover.open_cover", _open, Data),
    service("cover.close_cover", _close, Data),
    service("cover.set_cover_position", _set_position, Position),
    service("cover.stop_cover", _stop, Data),
    service("cover.open_cover_tilt", _open_tilt, Data),
    service("cover.close_cover_tilt", _close_tilt, Data),
    service("cover.set_cover_tilt_position", _set_tilt, Tilt),
    service("cover.toggle", _toggle, Data),
    service("valve.open_valve", _open, Data),
    service("valve.close_valve", _close, Data),
    service("valve.set_valve_position", _set_position, Position),
    service("valve.stop_valve", _stop, Data),
    service("valve.toggle", _toggle, Data),
    service("lock.lock", _lock, Code),
    service("lock.unlock", _unlock, Code, risk=Risk.GUARDED),
    service("lock.open", _unlatch, Code, risk=Risk.GUARDED),
)
