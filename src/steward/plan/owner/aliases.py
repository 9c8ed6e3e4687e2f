"""The owner's names for things of the home, as every stage sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from steward.plan.language.text import HAN
from steward.plan.owner.teaching import spelled
from steward.plan.parts.atoms import concepts, things, tokens
from steward.plan.reply.names import spoken_name
from steward.types import Area, Entity, Floor, Taught, World

Named: TypeAlias = Floor | Area | Entity

_ARTICLE = re.compile(
    r"^(?:the|my|our|a|an|that|this)\s+|^(?:我们的|我的|咱们的|咱家的|家里的|那个|这个|那盏|这盏|那台|这台)"
)


@dataclass(frozen=True)
class Several:
    """Words that fit several things: their names."""

    names: tuple[str, ...]


def with_names(world: World, known: Iterable[Taught]) -> World:
    """Return `world` with the owner's names as aliases of what they stand for, and no other change.

    A name of something that is gone is left out, and so is one whose words mean something else of
    this home (`reworded` sees to those).
    """
    names: dict[str, tuple[str, ...]] = {}
    for word, strayed in _names(known, world):
        if not strayed:
            names[word.meaning] = (*names.get(word.meaning, ()), word.phrase)
    if not names:
        return world

    def own(key: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
        return (*aliases, *names.get(key, ()))

    return World(
        tuple(replace(each, aliases=own(each.id, each.aliases)) for each in world.floors),
        tuple(replace(each, aliases=own(each.id, each.aliases)) for each in world.areas),
        tuple(replace(each, aliases=own(each.id, each.aliases)) for each in world.entities),
    )


def reworded(text: str, known: Iterable[Taught], world: World, language: str) -> str:
    """Return `text` with the home's own names for the owner's that its words would mislead.

    "Den" is a word for a study; where the owner means the living room by it, that is what is read.
    """
    for word, strayed in _names(known, world):
        target = by_id(word.meaning, world)
        if target is not None and strayed:
            name = spoken_name(target, language).replace("\\", r"\\")
            edge = "" if re.search(f"[{HAN}]", word.phrase) else r"\b"
            form = re.escape(word.phrase).replace(r"\ ", r"\s+")
            text = re.sub(f"{edge}{form}{edge}", name, text, flags=re.I)
    return text


def by_id(key: str, world: World) -> Named | None:
    """Return the floor, area or entity `key`; None when there is none."""
    everything: tuple[Named, ...] = (*world.floors, *world.areas, *world.entities)
    return next((each for each in everything if each.id == key), None)


def names_of(thing: Named) -> tuple[str, ...]:
    """Return all its names as phrases are spelled."""
    return tuple(spelled(name) for name in (thing.name, *thing.aliases))


def thing_called(text: str, world: World, area: str | None) -> Named | Several | None:
    """Return the one thing that `text` names: by a whole name, else by what is said of it."""
    said = _ARTICLE.sub("", spelled(text))
    everything: tuple[Named, ...] = (*world.areas, *world.floors, *world.entities)
    exact = [each for each in everything if said in names_of(each)]
    if len(exact) > 1:
        # "Kitchen" is the room, whatever else may be called so.
        exact = [each for each in exact if not isinstance(each, Entity)] or _near(exact, area)
    if not exact:
        exact = list(_described(said, world, area))
    if len(exact) > 1:
        return Several(tuple(each.name for each in exact))
    return exact[0] if exact else None


def _near(found: Sequence[Named], area: str | None) -> list[Named]:
    near: list[Named] = [e for e in found if isinstance(e, Entity) and area and e.area == area]
    return near if len(near) == 1 else list(found)


def _described(said: str, world: World, area: str | None) -> Sequence[Named]:
    words = tokens(said, world)
    if not all(word.known for word in words):
        return ()
    if any(not word.atoms and not word.has("fill") for word in words):
        return ()
    wanted = frozenset(atom for word in words for atom in word.atoms)
    if not wanted:
        return ()
    places: tuple[Named, ...] = (*world.areas, *world.floors)
    meant = [place for place in places if wanted in _concepts(place)]
    if meant:
        return meant
    found = [thing for thing in things(world) if wanted <= thing.all]
    covered = [thing for thing in found if any(name == wanted for name in thing.names)]
    return _near([thing.entity for thing in covered or found], area)


def _concepts(thing: Named) -> tuple[frozenset[str], ...]:
    return tuple(concepts(name) for name in (thing.name, *thing.aliases))


def _names(known: Iterable[Taught], world: World) -> list[tuple[Taught, bool]]:
    """Return the names among `known`; with each whether its words are those for something else."""
    names = [word for word in known if word.kind == "name"]
    wanted = {word.phrase: concepts(word.phrase) for word in names}
    if not any(wanted.values()):
        return [(word, False) for word in names]
    located: tuple[Named, ...] = (*world.areas, *world.floors)
    places = [(frozenset({place.id}), each) for place in located for each in _concepts(place)]
    pool = [(frozenset({t.entity.id, t.entity.area}), t.own | t.kind) for t in things(world)]

    def strayed(word: Taught) -> bool:
        said = wanted[word.phrase]
        return bool(said) and (
            any(said == each and word.meaning not in ids for ids, each in places)
            or any(said <= each and word.meaning not in ids for ids, each in pool)
        )

    return [(word, strayed(word)) for word in names]


def is_kind(phrase: str, world: World) -> bool:
    """Tell whether `phrase` is the word for a kind of things ("lamp") in `world`."""
    words = tokens(phrase, world)
    if not all(word.atoms or word.has("fill") for word in words):
        return False
    wanted = concepts(phrase)
    return bool(wanted) and any(wanted <= thing.kind | thing.wide for thing in things(world))
