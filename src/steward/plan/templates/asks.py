"""Questions about the home, and what is asked of timers, lists, calendars and the clock."""

from __future__ import annotations

import re
from collections.abc import Mapping

from steward.plan.language.lexicon import lexicon, words
from steward.plan.reply.words import phrase
from steward.plan.templates.acts import Draft, Drafts, Handler, number, on_entities
from steward.plan.templates.targets import Request, classes_of, only, select
from steward.types import Entity, Gap, Json, Unknown

_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}
_ITEMS = re.compile(
    r"\s*(?:,\s*and\s|,|、|，|\s+and\s+|\s+und\s+|\s+y\s+|\s+et\s+|\s+e\s+|和|跟|以及)\s*"
)
_SHOPPING = (
    "shopping",
    "groceries",
    "grocery",
    "购物",
    "采购",
    "买菜",
    "超市",
    "súper",
    "handleliste",
    "inköp",
    "boodschappen",
    "einkauf",
    "compra",
    "courses",
    "spesa",
)
_STATEFUL = (
    "sensor",
    "binary_sensor",
    "light",
    "switch",
    "fan",
    "cover",
    "lock",
    "valve",
    "climate",
    "media_player",
    "vacuum",
    "lawn_mower",
    "person",
    "input_boolean",
    "alarm_control_panel",
    "timer",
    "humidifier",
    "water_heater",
    "camera",
    "weather",
    "sun",
    "device_tracker",
    "siren",
)


def _states(found: tuple[Entity, ...]) -> Drafts:
    return (Draft("home.get_states", {"entity_id": [entity.id for entity in found]}),)


def _get_state(request: Request) -> Drafts | Unknown:
    slots = request.match.slots
    if "state" in request.match.guesses and not any(
        entity.domain == "person" for entity in request.world.entities
    ):
        return Unknown()
    domains = classes_of(slots.get("domain")) or _STATEFUL
    found = select(request, domains, classes_of(slots.get("device_class")))
    return found if isinstance(found, Unknown) else _states(found)


def _get_temperature(request: Request) -> Drafts | Unknown:
    if "name" in request.match.slots:
        found = select(request, ("climate", "sensor", "water_heater"))
        return found if isinstance(found, Unknown) else _states(found)
    sensors = select(request, ("sensor",), ("temperature",))
    if not isinstance(sensors, Unknown):
        # A thermometer in the fridge does not tell how warm the kitchen is.
        named = [entity for entity in sensors if not _of_appliance(entity)]
        return _states(tuple(named) or sensors)
    if sensors.gap is Gap.AMBIGUOUS:
        return Unknown(Gap.AMBIGUOUS, phrase(request.language, "kinds", "room"))
    rooms = select(request, ("climate",))
    return sensors if isinstance(rooms, Unknown) else _states(rooms)


def _of_appliance(entity: Entity) -> bool:
    return bool(re.search(r"fridge|freezer|oven|boiler|cpu|冰箱|烤箱", entity.name, re.IGNORECASE))


def _sensor(request: Request) -> Drafts | Unknown:
    classes = classes_of(request.match.slots.get("device_class"))
    found = select(request, ("sensor", "binary_sensor"), classes)
    return found if isinstance(found, Unknown) else _states(found)


def _weather(request: Request) -> Drafts | Unknown:
    found = select(request, ("weather",))
    if not isinstance(found, Unknown):
        found = only(request, found)
    return found if isinstance(found, Unknown) else _states(found)


def _forecast(request: Request) -> Drafts | Unknown:
    found = select(request, ("weather",))
    if not isinstance(found, Unknown):
        found = only(request, found)
    if isinstance(found, Unknown):
        return found
    return on_entities(found, "get_forecasts", {"type": "daily"})


def _calendar(request: Request) -> Drafts | Unknown:
    found = select(request, ("calendar",))
    if isinstance(found, Unknown):
        return found
    day = request.match.slots.get("day")
    return on_entities(found, "get_events", {} if day is None else {"day": number(day)})


def _list_of(request: Request) -> tuple[Entity, ...] | Unknown:
    """Return the list meant; a shopping list is one by its name, or the only list there is."""
    found = select(request, ("todo",))
    if isinstance(found, Unknown) or "name" in request.match.slots:
        return found
    shopping = tuple(entity for entity in found if _is_shopping(entity))
    return only(request, shopping or found)


def _is_shopping(entity: Entity) -> bool:
    names = " ".join((entity.name, *entity.aliases)).casefold()
    return any(word in names for word in _SHOPPING)


def _summaries(todo: Entity) -> list[str]:
    listed = todo.attributes.get("items")
    return [
        str(item.get("summary") if isinstance(item, Mapping) else item)
        for item in (listed if isinstance(listed, list | tuple) else ())
    ]


def _items(request: Request, todo: Entity, adding: bool) -> list[str]:
    """Return the items said.

    One that is on the list as it was said is one, whatever is in it. What is not to be added is on
    the list already, so that "the dates are bought" means the dates.
    """
    text = str(request.match.slots.get("item", "")).strip()
    summaries = _summaries(todo)
    if text.casefold() in {summary.casefold() for summary in summaries}:
        return [text]
    said = [one for one in summaries if not adding and one.casefold() in text.casefold()]
    whole = [one for one in said if not any(one != other and one in other for other in said)]
    return whole or [item for item in _ITEMS.split(text) if item]


_QUESTION = re.compile("几[样个件项种]|多少|什么|啥|哪些|[吗么]$")
"""What is asked in the place of an item: "要买的东西有几样" adds nothing."""


def _holding(request: Request, item: str) -> tuple[Entity, ...] | Unknown:
    """Return the one list that `item` stands on."""
    said = item.casefold()
    found = tuple(
        entity
        for entity in request.world.entities
        if entity.domain == "todo" and any(one.casefold() in said for one in _summaries(entity))
    )
    return found if len(found) == 1 else Unknown(Gap.NOT_UNDERSTOOD)


def _is_fitting(item: str) -> bool:
    """Tell whether `item` is what homes have: who needs "some shade" wants no shopping."""
    kinds = frozenset[str]().union(*lexicon().kinds.values())
    item = re.sub(r" (?:(?:in|over|up|down|out) )?(?:here|there)$", "", item)
    atoms = lexicon().atoms.get(words(item)[-1:], ())
    return bool(atoms) and kinds.issuperset(atoms)


def _list(service: str, extra: dict[str, Json] | None = None) -> Handler:
    def handle(request: Request) -> Drafts | Unknown:
        item = str(request.match.slots.get("item", ""))
        anywhere = "anywhere" in request.match.slots
        found = _holding(request, item) if anywhere else _list_of(request)
        if isinstance(found, Unknown):
            return found
        wished = "wished" in request.match.slots and _is_fitting(item)
        if wished or _QUESTION.search(item):
            return Unknown(Gap.NOT_UNDERSTOOD)
        ids: list[Json] = [entity.id for entity in found]
        return tuple(
            Draft(
                f"todo.{service}",
                {"entity_id": ids, "item": item, **(extra or {})},
                (("item", item),),
            )
            for item in _items(request, found[0], service == "add_item")
        )

    return handle


def _get_items(request: Request) -> Drafts | Unknown:
    found = _list_of(request)
    return found if isinstance(found, Unknown) else on_entities(found, "get_items")


def _has_item(request: Request) -> Drafts | Unknown:
    found = _list_of(request)
    if isinstance(found, Unknown):
        return found
    item = str(request.match.slots.get("item", "")).strip()
    ids: list[Json] = [entity.id for entity in found]
    return (Draft("todo.get_items", {"entity_id": ids}, (("item", item),)),)


def _duration(request: Request, prefix: str = "") -> int:
    slots = request.match.slots
    return sum(
        round(number(slots.get(f"{prefix}{unit}", 0)) * length) for unit, length in _SECONDS.items()
    )


def _timer_name(request: Request) -> str:
    return str(request.match.slots.get("name", "")).strip()


def _start_timer(request: Request) -> Drafts | Unknown:
    seconds = _duration(request)
    if "conversation_command" in request.match.slots or seconds <= 0:
        return Unknown(Gap.UNSUPPORTED, request.words("conversation_command"))
    arguments: dict[str, Json] = {"seconds": seconds, "language": request.language}
    slots: list[tuple[str, Json]] = [("total", seconds)]
    if name := _timer_name(request):
        arguments["name"] = name
    return (Draft("timers.start", arguments, tuple(slots)),)


def _timer(service: str) -> Handler:
    def handle(request: Request) -> Drafts | Unknown:
        arguments: dict[str, Json] = {}
        if name := _timer_name(request):
            arguments["name"] = name
        if length := _duration(request, "start_"):
            arguments["seconds"] = length
        return (Draft(f"timers.{service}", arguments),)

    return handle


def _change_timer(service: str) -> Handler:
    def handle(request: Request) -> Drafts | Unknown:
        change = _duration(request)
        arguments: dict[str, Json] = {"seconds": change}
        if name := _timer_name(request):
            arguments["name"] = name
        if length := _duration(request, "start_"):
            arguments["original"] = length
        return (Draft(f"timers.{service}", arguments, (("total", change),)),)

    return handle


def _plainly(capability: str) -> Handler:
    return lambda _request: (Draft(capability, {}),)


ASKS: dict[str, Handler] = {
    "HassGetState": _get_state,
    "HassClimateGetTemperature": _get_temperature,
    "StewardSensor": _sensor,
    "HassGetWeather": _weather,
    "StewardForecast": _forecast,
    "StewardCalendar": _calendar,
    "HassGetCurrentTime": _plainly("clock.time"),
    "HassGetCurrentDate": _plainly("clock.date"),
    "HassListAddItem": _list("add_item"),
    "HassShoppingListAddItem": _list("add_item"),
    "HassListCompleteItem": _list("update_item", {"status": "completed"}),
    "HassShoppingListCompleteItem": _list("update_item", {"status": "completed"}),
    "HassListRemoveItem": _list("remove_item"),
    "StewardListRead": _get_items,
    "StewardListHas": _has_item,
    "HassStartTimer": _start_timer,
    "HassCancelTimer": _timer("cancel"),
    "HassCancelAllTimers": _plainly("timers.cancel_all"),
    "HassTimerStatus": _timer("status"),
    "HassPauseTimer": _timer("pause"),
    "HassUnpauseTimer": _timer("resume"),
    "HassIncreaseTimer": _change_timer("increase"),
    "HassDecreaseTimer": _change_timer("decrease"),
}
"""The intents that ask, and those of lists and timers."""

UNSUPPORTED = frozenset({"HassBroadcast", "HassMediaSearchAndPlay"})
"""Intents that are understood and that nothing here can do."""
