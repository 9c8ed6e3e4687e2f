"""A question that was read by its parts: how something is, which, how many, where it is most."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from steward.plan.language.text import HAN
from steward.plan.parts.agenda import (
    SKY,
    asks_until,
    events,
    is_calendar,
    is_list,
    is_of_a_day,
    is_of_somebody,
    items,
    weather,
)
from steward.plan.parts.asked import (
    Asked,
    Steps,
    class_of,
    fitting,
    in_unit,
    is_whole,
    named,
    near,
    pool,
    sort,
    states_of,
)
from steward.plan.parts.aspects import ALSO, ASPECTS, CLASS, value_of
from steward.plan.parts.atoms import Thing, Token
from steward.plan.parts.choose import Scene, matching
from steward.plan.parts.standing import standing
from steward.types import Gap, Json, Unknown

_ASKS = re.compile(
    r"多少|几[度点盏个样台扇把项间件]|哪|什么|啥|[吗么伐]$|没$|没有$|是不是|有没有|怎么样|怎样|如何"
    r"|多[热冷大高亮快久远响吵长]|会不会|下不下|谁|^念|呢$|(.)不\1|(.)没\2|是否"
)
_WISH = re.compile(r"[好行以成]吗$|^(?:能|可以|麻烦|请|帮)")
_READ_OUT = re.compile(
    r"^(?:请|麻烦你?|帮我|给我|把)*(?:念|读|报一?下|查|看看|看一?下)|[念读][给一]"
)
_ASKING = re.compile(
    r"^(?:(?:hey|hi|ok|okay|so|and|please|um|uh|er|do you know|(?:can|could) you (?:tell me|check)"
    r"|i wonder|let me know|tell me|steward|butler)\s+)*(?:what|which|how|where|who|whose|is"
    r"|are|was|were|am|did|does|do|has|have|any|anyone|anybody|anything|everything|will|if|whether"
    r"|tell me|read|check|isn't|aren't|(?:until|till|by|from) when)(?![a-z])"
)
_ASKING_TOO = re.compile(
    r"\?$|^when(?:'s| is| are| does| do| did| will| was| am| have| has)(?![a-z])"
)
_NAMES_VALUE = re.compile(
    r"^(?!.*\b(?:set|turn|raise|lower|increase|decrease|reduce|change|put|make|adjust|drop|bring|bump"
    r"|crank|dim|brighten|to|by|up|down)\b).*\b(?:battery|humidity|co2|oil|water|noise|light) level"
    r"(?: please)?$|\b(?:reading|status|percentage)(?: please)?$"
)
"""What is only named as a value is asked for: "doorbell battery level please"."""
_LET = re.compile(
    r"^(?:do you mind|will you|have the|have my"
    r"|have (?!you|we|i|they|any)\w+(?: \w+)? (?:clean|vacuum|hoover|mow|cut|sweep|mop|scrub|go"
    r"|start|play|do|dock|return|come|stop)\b"
    r"|how about (?:a|we|you)\b|everything off\b"
    r"|any (?:chance|way) (?:you|of)\b)"
)
_HAN = re.compile(f"[{HAN}]")
_INDOORS = ("room", "房间", "inside", "indoor", "indoors", "室内", "哪个房间", "哪间", "哪间屋")
_OUTDOORS = frozenset(
    {"garden", "yard", "terrace", "balcony", "outside", "lawn", "driveway", "pond", "porch"}
)
_ROOM = re.compile(r"\b(?:room|where)|房间|哪间|屋|哪里|哪儿")
"""What is asked for is the place, whatever measures there."""
_HOW_LONG = frozenset(
    {"how long", "how much time", "how much longer", "多久", "还要多久", "几分钟", "多少分钟"}
)
_LEFT = frozenset({"left", "remain", "还剩", "剩", "剩下"})
_OF_ROOMS = (
    *("temperature", "humidity", "illuminance", "carbon_dioxide", "pm25"),
    "sound_pressure",
)
_THAN = ("than", "比")
_MORE = {
    **dict.fromkeys("热暖", "temperature max"),
    **dict.fromkeys("冷凉", "temperature min"),
    **dict.fromkeys("潮湿", "humidity max"),
    "干": "humidity min",
}
_MOST = 8
"""More readings than this are not told one after the other."""


def is_question(text: str) -> bool:
    """Tell whether plain `text` asks, and so must never act."""
    folded = text.casefold()
    if _HAN.search(folded) and not _ASKING.search(folded):
        wish = _WISH.search(folded) and not _READ_OUT.search(folded)
        return bool(_ASKS.search(folded) or _READ_OUT.search(folded)) and not wish
    asks = _ASKING.search(folded) or _ASKING_TOO.search(folded) or _NAMES_VALUE.search(folded)
    return bool(asks) and not _LET.search(folded)


def ask(said: Sequence[Token], scene: Scene, capabilities: Collection[str]) -> Steps | Unknown:
    """Return the steps that answer the question, or why there are none."""
    asked = sort(said)
    dated = "when" in asked.topics or asks_until(asked) or is_of_somebody(asked, scene)
    if not dated and any(not token.known for token in said):
        return Unknown(Gap.NOT_UNDERSTOOD)
    steps = _read(asked, scene)
    if isinstance(steps, Unknown):
        return steps
    if any(draft.capability not in capabilities for draft, _ in steps):
        return Unknown(Gap.UNSUPPORTED)
    return in_unit(steps, said)


def names_value(said: Sequence[Token]) -> bool:
    """Tell whether a value is named: "doorbell battery level please", "kitchen temperature"."""
    if any(token.has("topic") and not token.named for token in said):
        return True
    measured = {concept for aspect in ASPECTS.values() for concept in aspect.concepts}
    return all(t.atoms or t.has("fill", "chat") for t in said) and any(
        set(token.atoms) & measured for token in said
    )


def _read(asked: Asked, scene: Scene) -> Steps | Unknown:
    topics = set(asked.topics)
    if asked.extreme.startswith("temperature") and "when" in topics and not asked.need:
        return weather(asked, scene)
    which = asked.has("which", "ask") or asked.extreme.endswith("mean")
    if "比" in asked.texts and not asked.extreme:
        asked = replace(asked, extreme=_compared(asked))
    if _asks_setting(asked):
        set_to = _measured(replace(asked, topics=("degree",)), scene)
        if not isinstance(set_to, Unknown):
            return set_to
    if asked.extreme and ((which and not asked.day) or not asked.extreme.startswith("*")):
        most = _extreme(asked, scene)
        if not isinstance(most, Unknown) or asked.extreme.startswith("*"):
            return most
    elif asked.extreme.startswith("*") or topics & {"high", "low", "forecast"}:
        return weather(asked, scene)
    if topics & set(SKY) and not _has_sensor(asked, scene):
        return weather(asked, scene)
    if "weather" in topics and not _has_named(asked, scene, but=("weather",)):
        return weather(asked, scene) if not topics & set(ASPECTS) else _measured(asked, scene)
    if is_list(asked, scene) and "when" not in topics:
        return items(asked, scene)
    if "list" in topics:
        return items(asked, scene)
    dated = is_of_a_day(asked) or is_of_somebody(asked, scene)
    dated = dated or (asks_until(asked) and any(not token.known for token in asked.said))
    if topics & {"calendar", "when"} or is_calendar(asked, scene) or dated:
        return _when(asked, scene)
    return _of_things(asked, scene, topics)


def _asks_setting(asked: Asked) -> bool:
    """Tell whether a room or a thing is asked for its figure: "what's the cold room at"."""
    if len(asked.said) < 3 or asked.topics or not asked.need:
        return False
    opened, (before, last) = asked.said[0].text, asked.said[-2:]
    called = bool(before.atoms) and not {"in", "are"} & asked.texts
    return opened in ("what", "what is") and last.text in ("at", "on") and called


def _compared(asked: Asked) -> str:
    return next((most for word, most in _MORE.items() if word in "".join(asked.texts)), "")


def _of_things(asked: Asked, scene: Scene, topics: set[str]) -> Steps | Unknown:
    """Answer what is asked of the things of the home: a value, a state, or how one is."""
    what = asked.asks_what and "playing" in asked.states and not asked.plural
    if ("playing" in topics or what) and not topics & {"volume", "source", "artist"}:
        return _playing(asked, scene)
    told: Steps | Unknown = Unknown(Gap.NOT_UNDERSTOOD)
    if _LEFT & asked.texts and matching(asked.need, pool(scene, ("timer",))) and asked.need:
        asked = replace(asked, topics=(*asked.topics, "duration"))
        topics = {*topics, "duration"}
    if any(topic in ASPECTS for topic in topics):
        told = _measured(asked, scene)
        if not isinstance(told, Unknown) or ("duration" in topics and asked.texts & _HOW_LONG):
            # How long it takes is not told by a state: that its valve is open.
            return told
    standing_so = standing(asked, scene)
    if not isinstance(standing_so, Unknown):
        return standing_so
    told = told if isinstance(told, Unknown) and told.gap is not Gap.NOT_UNDERSTOOD else standing_so
    how = _how_it_is(asked, scene, _READINGS if topics & set(ASPECTS) else _TELLS)
    return told if isinstance(how, Unknown) else how


def _has_named(asked: Asked, scene: Scene, but: Sequence[str] = ()) -> bool:
    """Tell whether a thing is named; not where one of the domains `but` is called so, too."""
    found = matching(asked.need, scene.things) if asked.need else []
    return bool(found) and not any(thing.entity.domain in but for thing in found)


def _has_sensor(asked: Asked, scene: Scene) -> bool:
    found = matching(asked.atoms, pool(scene, ("sensor", "binary_sensor")))
    return bool(asked.need) and bool(found)


def _when(asked: Asked, scene: Scene) -> Steps | Unknown:
    found = events(asked, scene)
    sun = [topic for topic in ("sunrise", "sunset") if topic in asked.topics]
    return _measured(asked, scene) if sun else found


def _extreme(asked: Asked, scene: Scene) -> Steps | Unknown:
    measure, order = _measure_and_order(asked)
    found = [
        thing
        for thing in pool(scene, ("sensor", "climate"))
        if (thing.entity.domain == "climate" and measure == "temperature")
        or class_of(thing.entity) == measure
    ]
    if measure in ("temperature", "humidity"):
        found = [thing for thing in found if thing.entity.area]
    if any(token.text in _INDOORS for token in asked.said):
        found = [thing for thing in found if not _OUTDOORS & (thing.place | thing.own)]
    places = [frozenset(t.atoms) - {"room"} for t in asked.said if t.atoms and not _is_measure(t)]
    places = [place for place in places if place]
    found = _bare(found)
    together = matching(asked.need - {measure}, found)
    if together or not places:
        slots: dict[str, Json] = {"order": order, "measure": measure}
        several = len({thing.entity.area for thing in together or found}) > 1
        if several and measure in _OF_ROOMS and _ROOM.search(" ".join(asked.texts)):
            slots["of"] = "room"
        return states_of(together or found, "StewardExtreme", "default", **slots)
    each = [matching(place, found) for place in places]
    if not all(each):
        return Unknown(Gap.NO_SUCH_DEVICE)
    chosen = list({thing.entity.id: thing for group in each for thing in group}.values())
    compared = len(each) == 2 and any(text in _THAN for text in asked.texts)
    intent = "StewardCompare" if compared and not asked.has("which") else "StewardExtreme"
    return states_of(chosen, intent, order=order, measure=measure)


def _is_measure(token: Token) -> bool:
    return token.has("extreme", "topic") and not token.named


def _measure_and_order(asked: Asked) -> tuple[str, str]:
    name, _, order = asked.extreme.partition(" ")
    if name != "*":
        return name, order
    topic = next((topic for topic in ASPECTS if topic in asked.topics), "")
    return CLASS.get(topic, topic), order


def _playing(asked: Asked, scene: Scene) -> Steps | Unknown:
    players = matching(asked.need - {"music"}, pool(scene, ("media_player",)))
    players = near(players, asked, scene) if scene.area else players
    found = [thing for thing in players if thing.entity.state == "playing"] or players
    return states_of(named(found, asked), "StewardPlaying")


def _measured(asked: Asked, scene: Scene) -> Steps | Unknown:
    """Answer with a value: of the first topic, the most telling first, that something tells."""
    missing = Unknown(Gap.NO_SUCH_DEVICE)
    # "What temperature is the air conditioner on" asks for what it is set to.
    set_to = "degree" in asked.topics and "on" in asked.states and asked.asks_what
    topics = {*asked.topics, *(ALSO[topic] for topic in asked.topics if topic in ALSO)}
    for topic in ASPECTS:
        if topic not in topics and not (topic == "set" and set_to):
            continue
        found = _telling(topic, asked, scene)
        if not found:
            continue
        if len(found) > _MOST:
            missing = Unknown(Gap.AMBIGUOUS)
            continue
        intent = "HassClimateGetTemperature" if topic == "degree" else "StewardValue"
        return states_of(found, intent, topic=topic)
    return missing


def _telling(topic: str, asked: Asked, scene: Scene) -> list[Thing]:
    """Return what tells the value: sensors of it before things that hold it by the way."""
    aspect = ASPECTS[topic]
    concepts = aspect.concepts
    sensors = [
        thing
        for thing in pool(scene, ("sensor",))
        if class_of(thing.entity) in aspect.classes
        or (not class_of(thing.entity) and concepts & thing.own)
    ]
    binary = [t for t in pool(scene, ("binary_sensor",)) if class_of(t.entity) in aspect.binary]
    holding = [t for t in pool(scene, tuple(aspect.attributes)) if value_of(t.entity, topic)]
    holding = [thing for thing in holding if thing.entity.domain != "weather"]
    skies = [thing for thing in pool(scene, ("weather",)) if value_of(thing.entity, topic)]
    outside = bool({"weather", "wind"} & set(asked.topics))
    ranked = [skies, sensors] if outside else [sensors, holding, binary, skies]
    if topic == "wind" and asked.need:
        ranked = [sensors, skies]
    if topic == "set":
        warming = "set" not in asked.topics
        ranked = [[t for t in holding if not warming or t.entity.domain in _WARMING]]
    for group in ranked:
        # What the weather service tells has no name that anybody would say.
        free = group is skies and (outside or not asked.need)
        fit = group if free else fitting(asked, group, concepts)
        found = fit if len(fit) == 1 and not scene.area else near(fit, asked, scene)
        if found:
            return _preferred(found, topic, asked, scene, concepts)
    return _of_host(sensors, asked, scene)


def _of_host(sensors: list[Thing], asked: Asked, scene: Scene) -> list[Thing]:
    """Return the sensors that are called after the thing that is meant: "Rosie Battery"."""
    if not asked.need:
        return []
    others = [thing for thing in scene.things if thing.entity.domain != "sensor"]
    hosts = [name for thing in named(fitting(asked, others), asked) for name in thing.names if name]
    return [t for t in sensors if any(host < name for host in hosts for name in t.names)]


def _preferred(
    found: list[Thing], topic: str, asked: Asked, scene: Scene, concepts: frozenset[str]
) -> list[Thing]:
    if asked.need - concepts:
        best = named(found, asked, concepts) if not asked.plural else found
        return _bare(best) if len(best) > 1 else best
    if asked.has("here"):
        return _bare(found)
    nearby = [t for t in found if scene.area and t.entity.area == scene.area]
    if nearby:
        return _bare(nearby)
    whole = [thing for thing in found if thing.own & _WHOLE or not thing.entity.area]
    return whole if topic in _SUMS and len(whole) == 1 else found


_WARMING = ("climate", "water_heater")
_SUMS = ("power", "energy", "water", "gas")
_WHOLE = frozenset({"=total", "=house", "=home", "=whole", "=总", "=全屋"})
_APPLIANCE = frozenset({"fridge", "freezer", "oven", "boiler", "=cpu", "drinks_fridge"})


def _bare(found: list[Thing]) -> list[Thing]:
    """Leave out the thermometer in the fridge: it does not tell how warm the kitchen is."""
    return [t for t in found if not (t.own - t.place) & _APPLIANCE] or found


def _how_it_is(asked: Asked, scene: Scene, domains: Collection[str]) -> Steps | Unknown:
    """Answer how a thing of `domains` is that is named wholly.

    Who asks for a value is not told of a state: that a kettle is off says nothing of its heat.
    """
    known = pool(scene, domains)
    if not asked.need and not asked.may:
        return Unknown(Gap.NOT_UNDERSTOOD)
    found = near(matching(asked.need, known), asked, scene) if asked.need else known
    whole = [thing for thing in found if is_whole(thing, asked)]
    called = [thing for thing in found if thing.own & asked.need] or found
    found = named(whole, asked) if whole else called
    told = "state" in asked.topics or all(t.entity.domain in _READINGS for t in found)
    if not whole and (len(found) != 1 or not told):
        return Unknown(Gap.AMBIGUOUS if found else Gap.NO_SUCH_DEVICE)
    if len(found) > _MOST:
        return Unknown(Gap.AMBIGUOUS)
    return states_of(found, "HassGetState", "one")


_READINGS = ("sensor", "number", "input_number", "input_text", "text", "counter")
_TELLS = (
    *("sensor", "binary_sensor", "light", "switch", "fan", "cover", "lock", "valve", "climate"),
    *("media_player", "vacuum", "lawn_mower", "person", "input_boolean", "alarm_control_panel"),
    *(
        "timer",
        "humidifier",
        "water_heater",
        "camera",
        "device_tracker",
        "siren",
        "select",
        "number",
    ),
    *("input_select", "input_number", "input_text", "input_datetime", "text", "update", "counter"),
    *("automation", "remote", "schedule"),
)
"""Domains whose state says something to people."""
