"""Which entities are meant by the concepts that a sentence names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from steward.plan.language.lexicon import lexicon
from steward.plan.parts.atoms import Thing, names_of
from steward.plan.parts.frames import HERE, Frame
from steward.plan.parts.near import nearby
from steward.types import Gap, Unknown, World

_OPENINGS = frozenset({"door", "window"})
_STOREYS = frozenset({"upstairs", "downstairs"})


@dataclass(frozen=True)
class Scene:
    """Where a sentence is said: the home, its things, the speaker's area (an id, or None)."""

    world: World
    things: tuple[Thing, ...]
    area: str | None
    language: str


@dataclass(frozen=True)
class Chosen:
    """The things meant, whether they were named each by itself, and whether a place was said."""

    things: tuple[Thing, ...]
    exact: bool
    placed: bool


def choose(frame: Frame, scene: Scene, domains: Collection[str]) -> Chosen | Unknown:
    """Return the things of `domains` that `frame` is about, or what is missing or unclear."""
    groups = _shared(frame.groups, scene, domains, frame.plural) or ((frozenset[str](), False),)
    found: dict[str, Thing] = {}
    exact, placed = True, False
    for group, lent in groups:
        wanted = replace(frame, plural=True) if lent and frame.plural else frame
        if HERE in group:
            wanted = replace(wanted, marks=wanted.marks | {"here"})
            group -= {HERE}
        chosen = _one_group(group, wanted, scene, domains)
        if isinstance(chosen, Unknown):
            return chosen
        exact, placed = exact and chosen.exact, placed or chosen.placed
        found |= {thing.entity.id: thing for thing in chosen.things}
    for group in frame.spared:
        meant = [thing for thing in found.values() if group <= thing.all | thing.wide]
        spared = [thing.entity.id for thing in _in_room_so_called(group, meant, scene)]
        if not spared or len(spared) == len(found):
            return Unknown(Gap.AMBIGUOUS if spared else Gap.NOT_UNDERSTOOD)
        for key in spared:
            del found[key]
    return Chosen(tuple(found[key] for key in sorted(found)), exact, placed)


def matching(group: frozenset[str], pool: Sequence[Thing]) -> list[Thing]:
    """Return the things that everything in `group` may be said of."""
    found = [thing for thing in pool if group <= thing.all]
    if not found:
        found = [thing for thing in pool if group <= thing.all | thing.wide]
    less = group - _SIZES
    for kind, where in _WHERE.items():
        less -= where if kind in group else frozenset()
    if not found and less and less != group:
        found = matching(less, pool)
    if not found and "table_lamp" in group:
        lamps = [thing for thing in pool if _LAMP.search(thing.entity.name)]
        found = matching(less - {"table_lamp"}, lamps)  # "台灯", of the Loft Lamp
    if not found and "room" in group and group - {"room"}:
        found = matching(group - {"room"} | {"bedroom"}, pool)  # the kids' room
    return found


_LAMP = re.compile(r"\blamps?\b", re.IGNORECASE)
_SIZES = frozenset({"big", "small", "old", "new"})
"""What may be said of a thing whatever it is called."""
_WHERE = {"table_lamp": frozenset({"desk", "table"}), "charger": frozenset({"ev", "car"})}
"""What may be said of a thing of that kind too: "台灯" is a table lamp and a desk lamp."""


def _shared(
    groups: Sequence[frozenset[str]], scene: Scene, domains: Collection[str], plural: bool
) -> tuple[tuple[frozenset[str], bool], ...]:
    """Give each thing what only one of them says: "the kitchen and hall lights".

    The kind is the last one's (the first's in "lights in the kitchen and hall"), the place that of
    the only one which has a place. With each goes whether it got its kind so: then all of that kind
    are meant.
    """
    if len(groups) < 2:
        return tuple((group, False) for group in groups)
    pool = [thing for thing in scene.things if thing.entity.domain in domains]
    kinds = frozenset[str]().union(*(thing.kind | thing.wide for thing in pool))
    places = frozenset[str]().union(*(thing.place for thing in pool)) - kinds
    first = frozenset[str]() if groups[-1] & kinds or not plural else groups[0] & kinds
    kind = (groups[-1] & kinds) or first
    placed = [group & places for group in groups if group & places]
    shared = []
    for said in groups:
        here, group = said & {HERE}, said - {HERE}
        lent = bool(kind) and not group & kinds and bool(matching(group | kind, pool))
        whole = group | kind if lent and first else group
        whole = _like_last(group, groups[-1], kind, pool) if lent and not first else whole
        alone = len(placed) == 1 and not here and not group & places
        if alone and matching(whole | placed[0], pool):
            whole |= placed[0]
        shared.append((whole | here, lent))
    return tuple(shared)


def _like_last(
    group: frozenset[str], last: frozenset[str], kind: frozenset[str], pool: Sequence[Thing]
) -> frozenset[str]:
    """Say of "rose", before "and oak bedside lamps", all that is said of the last but its name."""
    whole = {group | last - {atom} for atom in last if matching(group | last - {atom}, pool)}
    return whole.pop() if len(whole) == 1 else group | kind


def _one_group(
    group: frozenset[str], frame: Frame, scene: Scene, domains: Collection[str]
) -> Chosen | Unknown:
    pool = [thing for thing in scene.things if thing.entity.domain in domains]
    if "here" in frame.marks or _are_all_rooms(frame, scene):
        group -= {"room"}
    found = matching(group, pool)
    if not found and frame.pointed and frame.pointed <= lexicon().places:
        # "This meeting room", whose name says no such thing.
        frame = replace(frame, marks=frame.marks | {"here"})
        group = group - frame.pointed
        found = matching(group, pool)
    at_hand = () if frame.every else nearby(group, found, pool, scene.area)
    if at_hand and (frame.plural or len(at_hand) == 1):
        return Chosen(at_hand, False, False)
    if not found:
        return Unknown(Gap.NO_SUCH_DEVICE if group else Gap.NOT_UNDERSTOOD)
    if _is_only_told(group, found, scene):
        return Unknown(Gap.NO_SUCH_DEVICE)
    found = _by_kind(group, found)
    found = found if "rooms" in frame.marks else _in_room_so_called(group, found, scene)
    placed = any(group & thing.place - thing.kind for thing in found)
    if placed and "home" in frame.marks and scene.language == "en" and not group & _STOREYS:
        # "Every light in the office, the whole place": one room, or all of them?
        return Unknown(Gap.AMBIGUOUS)
    own = not all(group <= thing.place | thing.kind | thing.wide for thing in found)
    rooms = frozenset[str]().union(*(group & thing.place for thing in found))
    if rooms == {"room"} and not own and len({thing.entity.area for thing in found}) > 1:
        # "Room" alone, among numbered rooms, is the speaker's.
        frame = replace(frame, marks=frame.marks | {"here"})
    if "here" in frame.marks:
        here = _here(found, scene)
        if isinstance(here, Unknown):
            return here
        found, placed = here, True
    if "pair" in frame.marks and len(frame.groups) == 1 and not _are_rooms(frame.paired, scene):
        return _pair(group, found, scene)
    covered = _covered(group, found)
    if frame.every and len(frame.groups) > 1:
        # "The hall light and the fan both": of two that are named, "both" says nothing more.
        called = [thing for thing in covered if group in thing.names]
        found = called if len(called) == 1 else found
    if frame.every:
        return Chosen(tuple(found), False, placed)
    if frame.plural:
        named = _called_in_plural(covered, group)
        return Chosen(named, True, placed) if named else _many(found, frame, scene, placed)
    lit = found[0].entity.domain == "light" and ("light" in group or not group)
    if "scope" in frame.marks and lit and placed and not own:
        return Chosen(_called_in_plural(covered, group) or tuple(found), False, placed)
    if len(covered) == 1 and (own or placed or len(found) == 1 or not scene.area):
        return Chosen(tuple(covered), True, placed)
    if len(found) == 1:
        return Chosen(tuple(found), bool(covered), placed)
    if not own and lit:
        return _many(found, frame, scene, placed)
    found = _so_called(group, found)
    if len(found) == 1:
        return Chosen(tuple(found), True, placed)
    return _single(covered or found, frame, scene, placed) or Unknown(Gap.AMBIGUOUS)


def _here(found: list[Thing], scene: Scene) -> list[Thing] | Unknown:
    """Return what is in the speaker's room; where that is not known, the only thing there is."""
    near = [thing for thing in found if scene.area and thing.entity.area == scene.area]
    if not near and (scene.area or len(found) > 1):
        return Unknown(Gap.NO_SUCH_DEVICE if scene.area else Gap.AMBIGUOUS)
    return near or found


def _are_all_rooms(frame: Frame, scene: Scene) -> bool:
    """Tell whether "every room" is said in a home whose rooms have no numbers."""
    return "rooms" in frame.marks and "room" not in names_of(scene.world).numbered


def _in_room_so_called(group: frozenset[str], found: Sequence[Thing], scene: Scene) -> list[Thing]:
    """Prefer, for "the bedroom lights", those of the bedroom to those of the guest bedroom."""
    names = names_of(scene.world).decomposed
    rooms = {
        area.id
        for area in scene.world.areas
        if any(name and name <= group for name, _ in names.get(area.id, ()))
    }
    if not any(thing.entity.area in rooms for thing in found):
        return list(found)
    return [t for t in found if t.entity.area in rooms or group <= t.own | t.kind | t.wide]


def _is_only_told(group: frozenset[str], found: Sequence[Thing], scene: Scene) -> bool:
    """Tell whether what is named is a door or window that only a sensor tells of.

    "The barn door" then is not the curtain of the barn, though some call such a thing a door.
    """
    if any(group <= thing.all for thing in found):
        return False
    sensors = [thing for thing in scene.things if thing.entity.domain == "binary_sensor"]
    return any(group <= thing.all and group & thing.kind & _OPENINGS for thing in sensors)


def _are_rooms(said: frozenset[str], scene: Scene) -> bool:
    """Tell whether "both bedrooms" are rooms: there are two called so."""
    rooms = {area.id for area in scene.world.areas}
    names = names_of(scene.world).decomposed
    called = [key for key in rooms if any(said <= name for name, _ in names.get(key, ()))]
    return bool(said) and len(called) == 2


def _pair(group: frozenset[str], found: Sequence[Thing], scene: Scene) -> Chosen | Unknown:
    """Return the two things meant by "both ovens": of more it is not clear which.

    Those that are called so go before those of a room called so, those of the speaker's room
    before the others.
    """
    pool = _by_kind(group, found)
    called = [thing for thing in pool if group <= _called(thing, scene)]
    near = [thing for thing in pool if scene.area and thing.entity.area == scene.area]
    if len(pool) == 1:
        return Chosen(tuple(pool), False, False)  # "Both curtains", which are one to this home.
    pair = next((some for some in (pool, near, called) if len(some) == 2), None)
    return Chosen(tuple(pair), True, False) if pair else Unknown(Gap.AMBIGUOUS)


def _called(thing: Thing, scene: Scene) -> frozenset[str]:
    """Return what the names of a thing say besides the name of its room."""
    known = names_of(scene.world).decomposed.get(thing.entity.area or "", ())
    rooms = [room for room, _ in known]
    names = (
        min((name - room for room in rooms if room <= name), key=len, default=name)
        for name in thing.names
    )
    return frozenset[str]().union(*names)


def _by_kind(group: frozenset[str], found: Sequence[Thing]) -> list[Thing]:
    """Prefer the television to the light behind the television."""
    best = max(len(group & thing.kind) for thing in found)
    return [thing for thing in found if len(group & thing.kind) == best] if best else list(found)


def _so_called(group: frozenset[str], found: Sequence[Thing]) -> list[Thing]:
    """Prefer, for "the fan", what is called a fan to the purifier, which only is one."""
    called = [thing for thing in found if any(group & thing.kind <= name for name in thing.names)]
    return called if any(group & thing.kind for thing in called) else list(found)


def _covered(group: frozenset[str], found: Iterable[Thing]) -> list[Thing]:
    """Return the things one of whose names is wholly said, those of the longest name."""
    sizes = {
        thing.entity.id: max(
            (len(name) for name in thing.names if name and name <= group), default=0
        )
        for thing in found
    }
    best = max(sizes.values(), default=0)
    return [thing for thing in found if best and sizes[thing.entity.id] == best]


def _called_in_plural(covered: Sequence[Thing], group: frozenset[str]) -> tuple[Thing, ...]:
    """Return the one thing whose own name is a plural: "the fairy lights"."""
    named = tuple(thing for thing in covered if _named_plural(thing, group))
    own = len(named) == 1 and any(name - named[0].kind for name in named[0].names)
    return named if own else ()


def _named_plural(thing: Thing, group: frozenset[str]) -> bool:
    return any(
        plural and name <= group for name, plural in zip(thing.names, thing.plurals, strict=True)
    )


def _many(found: Sequence[Thing], frame: Frame, scene: Scene, placed: bool) -> Chosen | Unknown:
    """Return all of them; without a place those in the speaker's area, if there are any."""
    if not placed and scene.area:
        near = [thing for thing in found if thing.entity.area == scene.area]
        if near:
            return Chosen(tuple(near), False, False)
    if not placed and not frame.plural and len(found) > 1:
        return Unknown(Gap.AMBIGUOUS)
    return Chosen(tuple(found), False, placed)


def _single(found: Sequence[Thing], frame: Frame, scene: Scene, placed: bool) -> Chosen | None:
    """Return the one thing meant: the nearest, else the only one in use."""
    near = [thing for thing in found if scene.area and thing.entity.area == scene.area]
    if len(near) == 1:
        return Chosen(tuple(near), False, placed)
    pool = near or list(found)
    if len(pool) == 1:
        return Chosen(tuple(pool), False, placed)
    if pool[0].entity.domain != "media_player":
        return None
    state = "paused" if frame.act == "play" else "playing"
    used = [thing for thing in pool if thing.entity.state == state]
    return Chosen(tuple(used), False, placed) if len(used) == 1 else None
