"""Small pieces of sentences: names with their article, lists of things, numbers with units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from steward.plan.reply.names import spoken_name
from steward.plan.reply.words import phrase
from steward.types import Entity, Json, World

MANY = 4
"""From this many things on their number is said, not their names."""

_PLURAL = re.compile(r"[^aious' ]s$", re.IGNORECASE)
"""A plural by its looks: not "Glass", "Bus", "Iris" or "Christmas"."""

_PROPER = ("vacuum", "lawn_mower", "person", "device_tracker")
"""Domains whose one-word names are usually those of a pet-like thing or of a person."""

_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d)")
_OF_PLACE = re.compile(r"^(.+[室厅房间廊园台库院楼层道区关口])([灯窗锁扇])$")
"""A name that is a place and a thing of one syllable."""


def capital(text: str) -> str:
    """Return `text` with its first letter large, as a sentence begins."""
    return text[:1].upper() + text[1:]


def joined(language: str, items: Sequence[str]) -> str:
    """Return "A, B and C"."""
    if len(items) < 2:
        return "".join(items)
    comma, last = phrase(language, "join", "comma"), phrase(language, "join", "and")
    return last.join([comma.join(items[:-1]), items[-1]])


def the(name: str, language: str, domain: str = "") -> str:
    """Return `name` as it stands inside a sentence: in English "the living room light".

    In Chinese a thing of one syllable is parted from its place: spoken, "客厅灯" is misheard.

    Words that are only capitalised because they are in a title lose that; "TV" and "CO2" stay.
    """
    if language.partition("-")[0] == "zh":
        return _OF_PLACE.sub(r"\1的\2", name)
    if language.partition("-")[0] != "en" or not name.isascii():
        return name
    words = name.split()
    if len(words) == 1 and domain in _PROPER and name.lower() not in ("vacuum", "mower", "hoover"):
        return name
    plain = [w.lower() if re.fullmatch(r"[A-Z][a-z'-]*", w) else w for w in words]
    if plain[0] in ("the", "my", "our"):
        return " ".join(plain)
    return " ".join(["the", *plain])


def things(entities: Sequence[Entity], language: str, slots: Mapping[str, Json]) -> str:
    """Return what `entities` are called together, in the words of the request where they fit.

    One or a few are named. More are counted: "6 lights on the ground floor".
    """
    if len(entities) < MANY:
        return joined(language, [the_entity(entity, language) for entity in entities])
    domains = {entity.domain for entity in entities}
    kind = str(slots.get("device_class") or (domains.pop() if len(domains) == 1 else "thing"))
    words = phrase(language, "many", kind)
    counted = phrase(language, "join", "counted").format(count=len(entities), kind=words)
    for place in ("area", "floor"):
        if slots.get(place):
            where = the(str(slots[place]), language)
            return phrase(language, "join", f"in_{place}").format(things=counted, place=where)
    return counted


def the_entity(entity: Entity, language: str) -> str:
    """Return the entity's display name in `language`, with its article."""
    return the(spoken_name(entity, language), language, entity.domain)


def is_are(language: str, entities: Sequence[Entity]) -> str:
    """Return the copula for so many things ("is", "are")."""
    plural = len(entities) > 1 or (
        len(entities) == 1
        and entities[0].domain not in _PROPER
        and _PLURAL.search(spoken_name(entities[0], language)) is not None
    )
    return phrase(language, "join", "are" if plural else "is")


def value(number: Json, unit: str | None, language: str) -> str:
    """Return a measured value as it is read aloud: "26.5 degrees", "82 percent"."""
    said = digits(number)
    if not unit:
        return said
    form = phrase(language, "units", unit)
    return form.format(n=said) if "{n}" in form else f"{said} {form}"


def digits(number: Json) -> str:
    """Return a number without needless decimals (at most two), anything else as it is."""
    try:
        parsed = float(str(number))
    except ValueError:
        return str(number)
    return f"{parsed:.2f}".rstrip("0").rstrip(".")


def state_word(domain: str, state: str, language: str, device_class: str = "") -> str:
    """Return what the state of such an entity is called: a window's "on" is "open"."""
    for key in (f"{domain}.{device_class}.{state}", f"{domain}.{state}", state):
        word = phrase(language, "states", key)
        if word != key.replace("_", " "):
            return word
    return state.replace("_", " ")


def duration(seconds: float, language: str) -> str:
    """Return a length of time in hours, minutes and seconds, rounded to whole seconds."""
    left = max(0, round(seconds))
    parts = []
    for unit, length in (("hour", 3600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, length)
        if count:
            form = phrase(language, "time", unit if count == 1 else f"{unit}s")
            parts.append(form.format(n=count))
    if not parts:
        parts = [phrase(language, "time", "seconds").format(n=0)]
    return phrase(language, "time", "join").join(parts)


def seconds_of(clock: str) -> int | None:
    """Return how many seconds "1:30:00" is, None of other words."""
    found = _CLOCK.fullmatch(clock)
    if found is None:
        return None
    hours, minutes, seconds = map(int, found.groups())
    return hours * 3600 + minutes * 60 + seconds


def by_id(world: World, ids: Sequence[str]) -> tuple[Entity, ...]:
    """Return the entities with these ids that are in `world`, in the order of the ids."""
    known = {entity.id: entity for entity in world.entities}
    return tuple(known[name] for name in ids if name in known)
