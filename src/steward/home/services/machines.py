"""Services of `vacuum`, `lawn_mower` and `alarm_control_panel`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

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
from steward.types import Risk


class CleanArea(Data):
    """The ids of the areas to clean."""

    cleaning_area_id: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]


class Code(Data):
    """The alarm's code, where it has none: anything."""

    code: str | None = None


def _moves(
    state: str, feature: str, *, only_from: frozenset[str] | None = None
) -> Callable[[Request[Data]], Result]:
    """Return the service that sets `state`; an entity in none of `only_from` stays as it is."""

    def apply(request: Request[Data]) -> Result:
        entity = request.entity
        if not supports(entity, feature, otherwise=True):
            return unsupported(entity, "cannot do that")
        stays = only_from is not None and entity.state not in only_from
        return entity if stays else changed(entity, state)

    return apply


def _go_home(feature: str) -> Callable[[Request[Data]], Result]:
    def apply(request: Request[Data]) -> Result:
        entity = request.entity
        if not supports(entity, feature, otherwise=True):
            return unsupported(entity, "cannot return by itself")
        return entity if entity.state == "docked" else changed(entity, "returning")

    return apply


def _locate(request: Request[Data]) -> Result:
    if not supports(request.entity, "LOCATE", otherwise=True):
        return unsupported(request.entity, "cannot make itself heard")
    return request.entity


def _clean_area(request: Request[CleanArea]) -> Result:
    if not supports(request.entity, "START", otherwise=True):
        return unsupported(request.entity, "cannot be started")
    return changed(request.entity, "cleaning")


def _alarm(state: str) -> Callable[[Request[Code]], Result]:
    def apply(request: Request[Code]) -> Result:
        if request.attribute("code_format") is not None:
            return unsupported(request.entity, "asks for a code, and no codes are kept here")
        return changed(request.entity, state)

    return apply


_BUSY = frozenset({"cleaning", "returning"})

MACHINES: Services = (
    service("vacuum.start", _moves("cleaning", "START"), Data),
    service("vacuum.pause", _moves("paused", "PAUSE", only_from=_BUSY), Data),
    service("vacuum.stop", _moves("idle", "STOP", only_from=_BUSY | {"paused"}), Data),
    service("vacuum.return_to_base", _go_home("RETURN_HOME"), Data),
    service("vacuum.locate", _locate, Data),
    service("vacuum.clean_area", _clean_area, CleanArea),
    service("lawn_mower.start_mowing", _moves("mowing", "START_MOWING"), Data),
    service(
        "lawn_mower.pause",
        _moves("paused", "PAUSE", only_from=frozenset({"mowing", "returning"})),
        Data,
    ),
    service("lawn_mower.dock", _go_home("DOCK"), Data),
    service("alarm_control_panel.alarm_arm_away", _alarm("armed_away"), Code),
    service("alarm_control_panel.alarm_arm_home", _alarm("armed_home"), Code),
    service("alarm_control_panel.alarm_arm_night", _alarm("armed_night"), Code),
    service("alarm_control_panel.alarm_arm_vacation", _alarm("armed_vacation"), Code),
    service("alarm_control_panel.alarm_disarm", _alarm("disarmed"), Code, risk=Risk.GUARDED),
)
