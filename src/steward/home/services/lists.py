"""Services of `todo`: a list keeps its items in the attribute `items`, its state counts the open.

An item is {"uid", "summary", "status": "needs_action" or "completed"} and, where given, `due` and
`description`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Annotated, Literal

from pydantic import StringConstraints

from steward.home.services.base import (
    Data,
    Refusal,
    Request,
    Result,
    Service,
    Services,
    changed,
    invalid,
    service,
    supports,
    unchanged,
    unsupported,
)
from steward.types import Entity, Json, Risk

_OPEN = "needs_action"

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_Status = Literal["needs_action", "completed"]
_Item = Mapping[str, Json]


class NewItem(Data):
    """What to put on the list."""

    item: _Text
    due: str | None = None
    description: str | None = None


class ItemChange(Data):
    """Which item, by its words or uid, and what becomes of it."""

    item: _Text
    status: _Status | None = None
    rename: _Text | None = None


class ItemNames(Data):
    """Items, by their words or uids."""

    item: _Text | tuple[_Text, ...]


class Wanted(Data):
    """Which items to read."""

    status: tuple[_Status, ...] | _Status = "needs_action"


def items_of(entity: Entity) -> list[_Item]:
    """Return what stands on a list."""
    listed = entity.attributes.get("items")
    if not isinstance(listed, list | tuple):
        return []
    return [item for item in listed if isinstance(item, Mapping)]


def _open_count(items: list[_Item]) -> int:
    return sum(item.get("status") == _OPEN for item in items)


def _with(entity: Entity, items: list[_Item]) -> Entity:
    """Return the list with other items; a count that knew of unlisted items keeps knowing them."""
    listed = _open_count(items_of(entity))
    before = int(entity.state) if entity.state.isdecimal() else listed
    state = str(max(0, before - listed) + _open_count(items))
    return changed(entity, state, named={"items": list(items)})


def find(entity: Entity, wanted: str) -> int | None:
    """Return the place of the item `wanted`: by uid, its words, its words in another case; open
    items first."""
    items = items_of(entity)
    order = sorted(range(len(items)), key=lambda i: items[i].get("status") != _OPEN)
    for key in ("uid", "summary"):
        for i in order:
            if items[i].get(key) == wanted:
                return i
    folded = wanted.casefold()
    return next((i for i in order if str(items[i].get("summary")).casefold() == folded), None)


def _missing(entity: Entity, wanted: str) -> Refusal:
    return Refusal("not_found", f"{entity.name} has no item {wanted}")


def _add(request: Request[NewItem]) -> Result:
    entity, data = request.entity, request.data
    if not supports(entity, "CREATE_TODO_ITEM", otherwise=True):
        return unsupported(entity, "takes no new items")
    items = items_of(entity)
    taken = {item.get("uid") for item in items}
    uid = next(str(n) for n in count(1) if str(n) not in taken)
    item: dict[str, Json] = {"uid": uid, "summary": data.item, "status": _OPEN}
    item |= {k: v for k, v in (("due", data.due), ("description", data.description)) if v}
    return _with(entity, [*items, item])


def _remove(request: Request[ItemNames]) -> Result:
    entity, names = request.entity, request.data.item
    if not supports(entity, "DELETE_TODO_ITEM", otherwise=True):
        return unsupported(entity, "does not let items be removed")
    for name in (names,) if isinstance(names, str) else names:
        place = find(entity, name)
        if place is None:
            return _missing(entity, name)
        items = items_of(entity)
        entity = _with(entity, items[:place] + items[place + 1 :])
    return entity


def _update(request: Request[ItemChange]) -> Result:
    entity, data = request.entity, request.data
    if not supports(entity, "UPDATE_TODO_ITEM", otherwise=True):
        return unsupported(entity, "does not let items be changed")
    if data.status is None and data.rename is None:
        return invalid(entity, "needs a status or a new name for the item")
    place = find(entity, data.item)
    if place is None:
        return _missing(entity, data.item)
    items = items_of(entity)
    change = {"status": data.status, "summary": data.rename}
    items[place] = {**items[place], **{k: v for k, v in change.items() if v is not None}}
    return _with(entity, items)


def _remove_completed(request: Request[Data]) -> Result:
    entity = request.entity
    return _with(entity, [item for item in items_of(entity) if item.get("status") == _OPEN])


def _get(request: Request[Wanted]) -> list[Json]:
    wanted = request.data.status
    statuses = (wanted,) if isinstance(wanted, str) else wanted
    return [item for item in items_of(request.entity) if item.get("status") in statuses]


LISTS: Services = (
    service("todo.add_item", _add, NewItem),
    service("todo.update_item", _update, ItemChange),
    service("todo.remove_item", _remove, ItemNames),
    service("todo.remove_completed_items", _remove_completed, Data),
    Service("todo.get_items", Wanted, unchanged, frozenset({"todo"}), Risk.READ, ("items", _get)),
)
