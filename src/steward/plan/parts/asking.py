"""A question that was read by its parts: how something is, which, how many, where it is most."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from steward.plan.language.text import HAN
from steward.plan.parts.atoms import Thing, Token
from steward.plan.parts.choose import Scene, matching
from steward.plan.templates.acts import Draft
from steward.types import Entity, Gap, Json, Meaning, Unknown

Steps = tuple[tuple[Draft, Meaning], ...]

_OPEN_DOMAINS = ("cover", "valve", "binary_sensor")
_OPENS = ("window", "door", "garage_door", "opening")
_STATES: dict[str, tuple[str, ...]] = {
    "on": (
        *("light", "switch", "fan", "media_player", "climate", "humidifier", "input_boolean"),
        *("water_heater", "siren", "vacuum", "lawn_mower"),
    ),
    "off": ("light", "switch", "fan", "media_player", "climate", "humidifier", "input_boolean"),
    "open": _OPEN_DOMAINS,
    "closed": _OPEN_DOMAINS,
    "locked": ("lock",),
    "unlocked": ("lock",),
    "home": ("person", "device_tracker"),
    "playing": ("media_player",),
    "cleaning": ("vacuum",),
    "occupied": ("binary_sensor",),
    "detected": ("binary_sensor",),
}
"""Which domains can be in a state that was asked for."""

_SENSED = {"occupied": ("occupancy", "motion", "presence"), "detected": ()}
_MEASURES = {
    "degree": "temperature",
    **{
        name: name
        for name in (
            *("humidity", "carbon_dioxide", "battery", "pm25", "power", "energy", "pressure"),
            "toner",
        )
    },
}
_PLAIN = frozenset({"room", "machine", "light_kind"})


_ASKS = re.compile(
    r"多少|几[度点盏个样台扇把]|哪|什么|啥|[吗么]$|没$|没有$|是不是|有没有|怎么样|如何|多[热冷大高]"
    r"|会不会|下不下|^谁|^念"
)
_WISH = re.compile(r"[好行以成]吗$|^(?:能|可以|麻烦|请|帮)")
_ASKING = re.compile(
    r"^(?:(?:hey|ok|okay|so|and|please|um|uh|er)\s+)*(?:what|which|how|when|where|who|whose|is|are|was"
    r"|were|am|did|does|do|has|have|any|will|tell me|read)\b"
)
_ASKING_TOO = re.compile(r"\?$")


def is_question(text: str) -> bool:
    """Tell whether plain `text` asks, and so must never act."""
    folded = text.casefold()
    if _HAN.search(folded):
        return bool(_ASKS.search(folded)) and not _WISH.search(folded)
    return bool(_ASKING.search(folded) or _ASKING_TOO.search(folded)) and not _LET.search(folded)


_LET = re.compile(r"^(?:do you mind|will you|have the|have my)\b")
_HAN = re.compile(f"[{HAN}]")


def ask(said: Sequence[Token], scene: Scene, capabilities: Collection[str]) -> Steps | Unknown:
    """Return the steps that answer the question, or why there are none."""
    topics = {token.senses["topic"] for token in said if token.has("topic")}
    if "when" not in topics and any(not token.known for token in said):
        return Unknown(Gap.NOT_UNDERSTOOD)
    steps = _read(said, topics, scene)
    if isinstance(steps, Unknown):
        return steps
    if any(draft.capability not in capabilities for draft, _ in steps):
        return Unknown(Gap.UNSUPPORTED)
    return steps


def _read(said: Sequence[Token], topics: set[str], scene: Scene) -> Steps | Unknown:
    extreme = next((token.senses["extreme"] for token in said if token.has("extreme")), "")
    day = next((token.senses["day"] for token in said if token.has("day")), "")
    asked = any(token.has("which", "ask") for token in said)
    if extreme and ((asked and not day) or not extreme.startswith("*")):
        measures = [_MEASURES[topic] for topic in _MEASURES if topic in topics]
        name, _, order = extreme.partition(" ")
        measure = (measures or [""])[0] if name == "*" else name
        return _extreme(measure, order, said, scene)
    if extreme.startswith("*"):
        return _forecast(day or "0", scene)
    if topics & {"rain", "high", "low"}:
        return _forecast(day or "0", scene)
    if "weather" in topics and not _named(said, scene):
        return _forecast(day, scene) if day == "1" else _weather(scene)
    if "playing" in topics:
        return _playing(said, scene)
    if "list" in topics or _is_list(said, scene):
        return _list(said, scene)
    if "calendar" in topics or "when" in topics:
        return _calendar(said, day, scene)
    if "set" in topics:
        return _target(said, scene)
    if "volume" in topics:
        return _volume(said, scene)
    for topic in _MEASURES:
        if topic in topics:
            return _measured(topic, said, scene)
    return _state(said, scene)


def _atoms(said: Iterable[Token], *without: str) -> frozenset[str]:
    """Return the concepts named; words of the given classes name nothing."""
    found: set[str] = set()
    for token in said:
        if token.atoms and (token.named or not token.has(*without)):
            found |= set(token.atoms)
    return frozenset(found - _PLAIN)


def _named(said: Sequence[Token], scene: Scene) -> bool:
    atoms = _atoms(said, "topic")
    return bool(atoms) and bool(matching(atoms, scene.things))


def _near(found: Sequence[Thing], said: Sequence[Token], scene: Scene) -> list[Thing]:
    """Keep what is in the speaker's room when the sentence says "here"."""
    if any(token.has("here") for token in said):
        return [t for t in found if scene.area is not None and t.entity.area == scene.area]
    return list(found)


def _pool(scene: Scene, domains: Collection[str]) -> list[Thing]:
    return [thing for thing in scene.things if thing.entity.domain in domains]


def _class(entity: Entity) -> str:
    return str(entity.attributes.get("device_class") or "")


def _states(found: Sequence[Thing], intent: str, response: str, **slots: Json) -> Steps | Unknown:
    if not found:
        return Unknown(Gap.NO_SUCH_DEVICE)
    ids: list[Json] = [thing.entity.id for thing in found]
    draft = Draft("home.get_states", {"entity_id": ids})
    return ((draft, Meaning(intent, response, slots)),)


def _exactly(found: Sequence[Thing], atoms: frozenset[str]) -> list[Thing]:
    """Prefer the things one of whose whole names was said."""
    covered = [t for t in found if any(name and name <= atoms for name in t.names)]
    return covered or list(found)


_INDOORS = ("room", "房间", "inside", "indoor", "indoors", "室内", "哪个房间", "哪间", "哪间屋")
_OUTDOORS = frozenset(
    {"garden", "yard", "terrace", "balcony", "outside", "lawn", "driveway", "pond", "porch"}
)


def _extreme(measure: str, order: str, said: Sequence[Token], scene: Scene) -> Steps | Unknown:
    atoms = _atoms(said, "extreme", "topic", "which") - {measure, "meeting_room"}
    found = [
        thing
        for thing in _pool(scene, ("sensor", "climate"))
        if (thing.entity.domain == "climate" and measure == "temperature")
        or _class(thing.entity) == measure
    ]
    placed = [thing for thing in found if thing.entity.area]
    found = placed if measure in ("temperature", "humidity") else found
    if any(token.text in _INDOORS for token in said):
        found = [thing for thing in found if not _OUTDOORS & (thing.place | thing.own)]
    found = matching(atoms, found) or found
    return _states(found, "StewardExtreme", "default", order=order, measure=measure)


def _weather(scene: Scene) -> Steps | Unknown:
    return _states(_pool(scene, ("weather",))[:1], "HassGetWeather", "default")


def _forecast(day: str, scene: Scene) -> Steps | Unknown:
    found = _pool(scene, ("weather",))
    if len(found) != 1:
        return Unknown(Gap.NO_SUCH_DEVICE)
    arguments: dict[str, Json] = {"entity_id": [found[0].entity.id], "type": "daily"}
    slots: dict[str, Json] = {"day": int(day or "0")}
    draft = Draft("weather.get_forecasts", arguments)
    return ((draft, Meaning("StewardForecast", "default", slots)),)


def _playing(said: Sequence[Token], scene: Scene) -> Steps | Unknown:
    atoms = _atoms(said, "topic", "state") - {"music"}
    players = matching(atoms, _pool(scene, ("media_player",)))
    found = [thing for thing in players if thing.entity.state == "playing"] or players
    return _states(found, "StewardPlaying", "default")


def _is_list(said: Sequence[Token], scene: Scene) -> bool:
    named = {atom for token in said if token.named for atom in token.atoms}
    return any(name and name <= named for t in _pool(scene, ("todo",)) for name in t.names)


def _list(said: Sequence[Token], scene: Scene) -> Steps | Unknown:
    atoms = _atoms(said)
    pool = _pool(scene, ("todo",))
    found = _exactly(matching(atoms, pool), atoms)
    if len(found) != 1:
        return Unknown(Gap.AMBIGUOUS if found else Gap.NO_SUCH_DEVICE)
    count = any(token.has("count") for token in said)
    draft = Draft("todo.get_items", {"entity_id": [found[0].entity.id]})
    return ((draft, Meaning("StewardListCount" if count else "StewardListRead", "default", {})),)


def _calendar(said: Sequence[Token], day: str, scene: Scene) -> Steps | Unknown:
    pool = _pool(scene, ("calendar",))
    atoms = _atoms(said, "topic", "day", "ask")
    found = [thing for thing in pool if atoms & thing.all] or pool
    about = _about(said)
    when = any(token.has("topic") and token.senses["topic"] == "when" for token in said)
    if not found or (when and not about) or (len(found) > 1 and not day and not when):
        return Unknown(Gap.NO_SUCH_DEVICE)
    if when:
        found = pool
    arguments: dict[str, Json] = {"entity_id": [thing.entity.id for thing in found]}
    if day:
        arguments["day"] = int(day)
    draft = Draft("calendar.get_events", arguments)
    return ((draft, Meaning("StewardCalendar", "default", {"about": about} if when else {})),)


def _about(said: Sequence[Token]) -> list[Json]:
    """Return the words that an event asked for may be called by."""
    return [
        token.text
        for token in said
        if not token.known or token.atoms or not token.has("fill", "topic", "ask", "day", "chat")
    ]


def _target(said: Sequence[Token], scene: Scene) -> Steps | Unknown:
    pool = _pool(scene, ("climate", "water_heater"))
    atoms = _atoms(said, "topic")
    found = _near(matching(atoms, pool), said, scene)
    found = _exactly(found, atoms) if atoms else found
    if len(found) != 1:
        return Unknown(Gap.AMBIGUOUS if found else Gap.NO_SUCH_DEVICE)
    return _states(found, "HassGetState", "default")


def _volume(said: Sequence[Token], scene: Scene) -> Steps | Unknown:
    atoms = _atoms(said, "topic")
    found = matching(atoms, _pool(scene, ("media_player",)))
    found = _exactly(_near(found, said, scene), atoms)
    return _states(found, "HassGetState", "default") if len(found) == 1 else Unknown(Gap.AMBIGUOUS)


def _measured(topic: str, said: Sequence[Token], scene: Scene) -> Steps | Unknown:
    measure = _MEASURES[topic]
    atoms = _atoms(said, "topic")
    own = _atoms(said)
    sensors = _pool(scene, ("sensor",))
    fit = [t for t in sensors if _class(t.entity) == measure or measure in t.own]
    found = _near(matching(atoms, fit), said, scene)
    intent = "HassClimateGetTemperature" if topic == "degree" else "StewardSensor"
    if topic == "degree" and not found:
        found = _near(matching(atoms, _pool(scene, ("climate", "water_heater"))), said, scene)
    if not atoms and not any(token.has("here") for token in said) and scene.area:
        near = [thing for thing in found if thing.entity.area == scene.area]
        found = near or found
    covered = _exactly(found, own | {measure}) if atoms else found
    covered = covered if len(covered) < len(found) else found
    if not atoms and len(covered) > 1:
        return Unknown(Gap.AMBIGUOUS)
    return _states(covered, intent, "default")


def _state(said: Sequence[Token], scene: Scene) -> Steps | Unknown:
    asked = [token.senses["state"] for token in said if token.has("state") and not token.named]
    people = any(token.text in _PEOPLE for token in said)
    if people and set(asked) <= {"on", "occupied"} and (atoms := _atoms(said, "state", "any")):
        asked = ["occupied"] if _in_state("occupied", atoms, scene)[0] or not asked else asked
    if not asked and _atoms(said) & _ALARMS:
        asked = ["detected"]
    if not asked:
        return Unknown(Gap.NOT_UNDERSTOOD)
    order = ("unlocked", "locked", "detected", "cleaning", "playing", "home", "occupied")
    wanted = next((state for state in order if state in asked), asked[-1])
    atoms = _atoms(said, "state", "count", "any", "which", "act")
    found, wanted = _in_state(wanted, atoms, scene)
    response = next(
        (form for form, kind in _FORMS if any(token.has(kind) for token in said)), "one_yesno"
    )
    found = _near(found, said, scene)
    if response == "one_yesno":
        found = _exactly(found, atoms)
        if not atoms:
            return Unknown(Gap.NOT_UNDERSTOOD)
    elif not atoms and wanted in ("on", "off"):
        return Unknown(Gap.NOT_UNDERSTOOD)
    if wanted in ("occupied", "detected"):
        wanted, response = "on", "one_yesno"
    return _states(found, "HassGetState", response, state=wanted)


_PEOPLE = ("anyone", "anybody", "someone", "somebody", "有人", "人")
_ALARMS = frozenset({"leak", "motion", "smoke", "gas", "alarm"})
_FORMS = (("how_many", "count"), ("which", "which"), ("any", "any"), ("all", "all"))


def _in_state(wanted: str, atoms: frozenset[str], scene: Scene) -> tuple[list[Thing], str]:
    """Return the things meant and the state in their own words: a window is open, a lamp on."""
    domains = _STATES.get(wanted, ())
    if wanted in ("on", "off"):
        opened = [t for t in _pool(scene, _OPEN_DOMAINS) if _opens(t)]
        found = matching(atoms, opened) if atoms else []
        lit = matching(atoms, _pool(scene, domains)) if atoms else _pool(scene, domains)
        if found and not lit:
            return found, "open" if wanted == "on" else "closed"
        return lit, wanted
    pool = _pool(scene, domains)
    if wanted in ("open", "closed"):
        pool = [thing for thing in pool if _opens(thing)]
    if wanted == "detected" and "gas" not in atoms:
        pool = [thing for thing in pool if thing.kind & _ALARMS or not thing.kind]
    if wanted == "occupied":
        pool = [thing for thing in pool if _class(thing.entity) in _SENSED["occupied"]]
    return matching(atoms - {"door"}, pool) if wanted == "unlocked" else matching(
        atoms, pool
    ), wanted


def _opens(thing: Thing) -> bool:
    return thing.entity.domain != "binary_sensor" or _class(thing.entity) in _OPENS
