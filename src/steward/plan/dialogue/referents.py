"""What "it", "the other one" and "the hallway one" are: things like those of the turn before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from steward.plan.dialogue.conversation import by_ids
from steward.plan.dialogue.inverse import UNDO
from steward.plan.language.text import HAN, is_chinese, plain
from steward.plan.parts.atoms import joined_atoms, names_of, things, tokens
from steward.plan.parts.choose import matching
from steward.plan.reply.words import phrase, table_of
from steward.plan.templates.acts import SWITCHED, SWITCHED_TOO, entity_ids
from steward.types import Call, Calls, Context, Entity, Exchange, Question, World

_HAN = re.compile(f"[{HAN}]")
_FILLERS = frozenset({"the", "a", "an", "one", "ones", "in", "on", "of", "s", "at", "my", "our"})
_FILLERS_ZH = re.compile("[的那个这里边间一]")
_SIDES = str.maketrans({"旁": "", "侧": ""})
_BY_NAME = (4, 2)
"""The fits that need no area."""
_SWITCHED = frozenset({*SWITCHED, *SWITCHED_TOO})


@dataclass(frozen=True)
class Last:
    """What a sentence points back at: the Calls of a turn, and their entities as they are now."""

    turn: Exchange
    calls: tuple[Call, ...]
    targets: tuple[Entity, ...]

    @property
    def acted(self) -> bool:
        """Whether the turn did something, or asked for leave to."""
        return any(not call.capability.startswith("home.get_") for call in self.calls)


def last(context: Context, world: World) -> Last | None:
    """Return the latest turn that was about entities of `world`; None when there is none.

    When a turn put one thing back and did another, it was about the other.
    """
    for turn in reversed(context.exchanges):
        body = turn.plan.body
        calls = body.calls if isinstance(body, Calls | Question) else ()
        meant = [call for call in calls if call.meaning.intent != UNDO] or list(calls)
        named = [name for call in meant for name in entity_ids(call)]
        targets = by_ids(world, named)
        if targets:
            return Last(turn, tuple(call for call in meant if entity_ids(call)), targets)
    return None


def other(noun: str, before: Last, world: World) -> tuple[Entity, ...]:
    """Return the one thing that is most like the one of the turn before, and is not it.

    `noun` ("lamp") narrows what is meant unless it is a mere "one". Empty when nothing, or no
    single thing, comes nearest.
    """
    if len(before.targets) != 1:
        return ()
    was = before.targets[0]
    pool = [e for e in world.entities if e.domain == was.domain and e.id != was.id]
    pool = [e for e in pool if _class(e) == _class(was)] or pool
    if noun not in ("", "one", "two", "ones", "side", "other"):
        pool = [e for e in pool if _fits(noun, e, world) > 0 or _foreign(noun, e)]
    # In Chinese and English names alike, what differs between twins is a word or two of several.
    scored = {e.id: _likeness(was, e) + _near(was, e, pool) for e in pool}
    if not scored:
        return ()
    best = max(scored.values())
    found = [e for e in pool if scored[e.id] >= best - 1e-9]
    return tuple(found) if len(found) == 1 and (best > 0 or len(pool) == 1) else ()


def _near(was: Entity, entity: Entity, pool: Sequence[Entity]) -> float:
    """Return what it counts to be in the same room; the only other thing there is surely meant."""
    if not was.area or entity.area != was.area:
        return 0.0
    return 0.3 if sum(e.area == was.area for e in pool) > 1 else 0.6


def named(thing: str, before: Last, world: World, wrong: bool) -> tuple[Entity, ...]:
    """Return what `thing` ("the hallway one", "oak") is, among things like those before.

    With `wrong` it is not one of those. Empty when nothing fits, or several things equally well.
    """
    old = {entity.id for entity in before.targets}
    domains = {entity.domain for entity in before.targets}
    pool = [entity for entity in world.entities if alike(entity, before)]
    # Of another kind only what is called so itself: "the hallway" is not the hallway's heating.
    fits = {
        entity.id: fit
        for entity in pool
        if (fit := _fits(thing, entity, world)) > 0
        and (entity.domain in domains or fit in _BY_NAME)
    }
    if any(entity.id in fits and entity.domain in domains for entity in pool):
        pool = [entity for entity in pool if entity.domain in domains]
    pool = [entity for entity in pool if entity.id in fits]
    fits = {entity.id: fits[entity.id] for entity in pool}
    best = max(fits.values(), default=0)
    if best <= 0:
        return ()
    found = [e for e in pool if fits[e.id] == best]
    classes = {_class(e) for e in before.targets}
    narrowing: tuple[Callable[[Entity], bool], ...] = (
        lambda e: not wrong or e.id not in old,
        lambda e: _class(e) in classes,
    )
    for keep in narrowing:
        if len(found) > 1:
            found = [e for e in found if keep(e)] or found
    if len(found) > 1 and _was_area(before) and is_place(thing, world):
        return tuple(found)
    return nearest(found, before)


def nearest(found: Sequence[Entity], before: Last) -> tuple[Entity, ...]:
    """Return the one of `found` that is called most like the things before; empty for a tie."""
    likeness = {e.id: max(_likeness(t, e) for t in before.targets) for e in found}
    top = max(likeness.values(), default=0.0)
    best = tuple(e for e in found if likeness[e.id] >= top - 1e-9)
    return best if len(best) == 1 else ()


def alike(entity: Entity, before: Last) -> bool:
    """Tell whether what was done to the things before can be done to `entity` at all."""
    domains = {target.domain for target in before.targets}
    if entity.domain in domains:
        return True
    switching = all(call.capability.endswith(("turn_on", "turn_off")) for call in before.calls)
    return switching and domains <= _SWITCHED and entity.domain in _SWITCHED


def said_for(call: Call) -> Mapping[str, str]:
    """Return the words of the request that name things and places in `call`, by slot."""
    slots = call.meaning.slots
    return {key: str(slots[key]) for key in ("name", "area", "floor") if slots.get(key)}


def _class(entity: Entity) -> str:
    return str(entity.attributes.get("device_class") or "")


def _was_area(before: Last) -> bool:
    return len(before.targets) > 1 and all("name" not in said_for(c) for c in before.calls)


def is_place(thing: str, world: World) -> bool:
    """Tell whether `thing` is what an area or a floor of `world` is called."""
    words = _key(thing)
    return any(_key(name) == words for name in places(world))


def place_called(thing: str, world: World) -> str:
    """Return the name of the area or floor that `thing` is, in its own words or others; or ""."""
    said = re.sub("^(?:the|my|our) | ones?$|的$", "", thing.strip())
    if is_place(said, world):
        return said
    named, meant = names_of(world).decomposed, joined_atoms(tokens(said, world))
    pairs = [(area.id, area.name) for area in world.areas]
    pairs += [(floor.id, floor.name) for floor in world.floors]
    found = [
        called
        for key, called in pairs
        if meant and any(meant == name for name, _ in named.get(key, ()))
    ]
    return found[0] if len(found) == 1 else ""


def called(thing: str, among: Sequence[Entity], world: World) -> tuple[Entity, ...]:
    """Return those of the entities `among` that all words of `thing` may be said of."""
    meant = joined_atoms(tokens(thing, world))
    ids = {entity.id for entity in among}
    pool = [each for each in things(world) if each.entity.id in ids]
    return tuple(each.entity for each in matching(meant, pool)) if meant else ()


def places(world: World) -> tuple[str, ...]:
    """Return what the areas and floors of `world` are called, the longest name first."""
    names = [name for area in world.areas for name in (area.name, *area.aliases)]
    names += [name for floor in world.floors for name in (floor.name, *floor.aliases)]
    return tuple(sorted(names, key=len, reverse=True))


def _names(entity: Entity) -> tuple[str, ...]:
    return (entity.name, *entity.aliases)


def _areas(entity: Entity, world: World) -> tuple[str, ...]:
    return tuple(
        name
        for area in world.areas
        if area.id == entity.area
        for name in (area.name, *area.aliases)
    )


def _key(text: str) -> str:
    language = "zh" if is_chinese(text) else "en"
    text = plain(text, language).casefold().translate(_SIDES)
    if language == "zh":
        return _FILLERS_ZH.sub("", text)
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    found = re.findall(r"[\w]+", text.casefold().replace("'s", " ").replace("’s", " "))
    return [_stem(word) for word in found if word not in _FILLERS]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _fits(thing: str, entity: Entity, world: World) -> int:
    """Return how well `thing` names `entity`: 4 its name, 3 its area, 2 a part, 1 with the area."""
    key = _key(thing)
    if not key:
        return 0
    names, areas = [_key(n) for n in _names(entity)], [_key(a) for a in _areas(entity, world)]
    if key in names:
        return 4
    if key in areas:
        return 3
    if _HAN.search(key):
        parts = {key} | {key.replace(area, "", 1) for area in areas if area and area in key}
        for part in sorted(parts, key=len, reverse=True):
            if any(_chars(part, name) for name in names) or _is_kind(part, entity, "zh"):
                return 2 if part == key else 1
        return 0
    words = set(key.split())
    if any(words <= set(name.split()) for name in names):
        return 2
    kinds = {w for name in names for w in name.split()} | {w for a in areas for w in a.split()}
    kinds |= set(_words(_kind(entity, "en")))
    return 1 if words <= kinds else 0


def _chars(part: str, name: str) -> bool:
    """Tell whether the characters of `part` stand in `name` in this order."""
    rest = iter(name)
    return bool(part) and all(char in rest for char in part)


def _foreign(noun: str, entity: Entity) -> bool:
    """Tell whether `noun` is Chinese and no name of `entity` is, so that it cannot be compared."""
    return is_chinese(noun) and not any(is_chinese(name) for name in _names(entity))


def _kind(entity: Entity, language: str) -> str:
    table = table_of(language, "kinds")
    return str(table.get(_class(entity)) or phrase(language, "kinds", entity.domain))


def _is_kind(part: str, entity: Entity, language: str) -> bool:
    return part == "" or part in (_kind(entity, language), entity.domain)


def _likeness(one: Entity, other: Entity) -> float:
    """Return how much of their best-matching names is the same, 0 to 1 (Dice's coefficient)."""
    best = 0.0
    for left in _names(one):
        for right in _names(other):
            ours, theirs = _units(left), _units(right)
            if ours and theirs and is_chinese(left) == is_chinese(right):
                best = max(best, 2 * len(ours & theirs) / (len(ours) + len(theirs)))
    return best


def _units(name: str) -> set[str]:
    key = _key(name)
    return set(key) if _HAN.search(key) else set(key.split())
