"""The words of a question sorted by what they do, and the things that they are about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from steward.plan.language.measures import CELSIUS, FAHRENHEIT
from steward.plan.parts.atoms import Thing, Token
from steward.plan.parts.choose import Scene, matching
from steward.plan.templates.acts import Draft
from steward.types import Entity, Gap, Json, Meaning, Unknown

Steps = tuple[tuple[Draft, Meaning], ...]

_PLAIN = frozenset({"room", "machine", "light_kind", "meeting_room"})
_SOFT = (
    *("topic", "state", "count", "any", "which", "all", "chat", "extreme", "day", "fill", "ask"),
    *("here", "quantity", "mode"),
)
_FORMS = (("how_many", "count"), ("which", "which"), ("any", "any"), ("all", "all"))


@dataclass(frozen=True)
class Asked:
    """A question: `need` are the concepts that what is meant must have, `may` those of words that
    can also do something else. `texts` are the words as they were said."""

    said: tuple[Token, ...]
    need: frozenset[str]
    may: frozenset[str]
    topics: tuple[str, ...]
    states: tuple[str, ...]
    form: str
    extreme: str
    day: str
    texts: frozenset[str] = field(default_factory=frozenset[str])

    def has(self, *kinds: str) -> bool:
        """Tell whether a word of one of `kinds` was said."""
        return any(token.has(*kinds) for token in self.said)

    @property
    def atoms(self) -> frozenset[str]:
        """All concepts that were said."""
        return self.need | self.may

    @property
    def asks_what(self) -> bool:
        """Whether one of the words is "what"."""
        return any(text.startswith("what") or "什么" in text or "啥" in text for text in self.texts)

    @property
    def plural(self) -> bool:
        """Whether several things were asked for."""
        return any(token.plural and token.atoms for token in self.said)


def sort(said: Sequence[Token]) -> Asked:
    """Sort the words of a question."""
    need: set[str] = set()
    may: set[str] = set()
    for token in said:
        soft = token.has(*_SOFT) and not token.named
        (may if soft else need).update(token.atoms)

    def senses(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(t.senses[kind] for t in said if t.has(kind)))

    states = tuple(t.senses["state"] for t in said if t.has("state") and not t.named)
    form = next((form for form, kind in _FORMS if any(t.has(kind) for t in said)), "one_yesno")
    return Asked(
        tuple(said),
        frozenset(need) - _PLAIN,
        frozenset(may) - _PLAIN,
        senses("topic"),
        states,
        form,
        (senses("extreme") or ("",))[0],
        (senses("day") or ("",))[0],
        frozenset(token.text for token in said),
    )


def pool(scene: Scene, domains: Collection[str]) -> list[Thing]:
    """Return the things of `domains`."""
    return [thing for thing in scene.things if thing.entity.domain in domains]


def class_of(entity: Entity) -> str:
    """Return the device class, or ""."""
    return str(entity.attributes.get("device_class") or "")


def near(found: Sequence[Thing], asked: Asked, scene: Scene) -> list[Thing]:
    """Keep what is in the speaker's room when the sentence says "here"."""
    if asked.has("here"):
        return [t for t in found if scene.area is not None and t.entity.area == scene.area]
    return list(found)


def nearest(found: Sequence[Thing], asked: Asked, scene: Scene) -> list[Thing]:
    """Prefer the speaker's room where the question names no place and no thing by its name."""
    kinds = frozenset[str]().union(*(thing.kind | thing.wide for thing in found))
    if not scene.area or asked.need - kinds:
        return list(found)
    return [thing for thing in found if thing.entity.area == scene.area] or list(found)


def fitting(
    asked: Asked, among: Sequence[Thing], extra: frozenset[str] = frozenset()
) -> list[Thing]:
    """Return the things that the question can mean; `extra` goes without saying of them all."""
    need = asked.need - extra
    found = matching(need, among)
    # A "door lock" is a lock, whatever its battery is called.
    return found if found or "lock" not in asked.atoms else matching(need - {"door", "lock"}, among)


def named(found: Sequence[Thing], asked: Asked, extra: frozenset[str] = frozenset()) -> list[Thing]:
    """Prefer the things one of whose names was said wholly, those of the longest name.

    A word that also does something else counts as a part of a name, and so does `extra`.
    """
    sizes = {thing.entity.id: _size(thing, asked, extra) for thing in found}
    best = max(sizes.values(), default=0)
    return [thing for thing in found if sizes[thing.entity.id] == best] if best else list(found)


def _size(thing: Thing, asked: Asked, extra: frozenset[str]) -> int:
    sizes = [0]
    for name in thing.names:
        said = {
            atom for atom in name if atom in asked.atoms or atom.removeprefix("=") in asked.texts
        }
        # Of a lock "door" goes without saying, when it is called a lock.
        implied = thing.kind if said & thing.kind else frozenset[str]()
        if said & asked.atoms and name - said <= extra | implied:
            sizes.append(len(said))
    return max(sizes)


def is_whole(thing: Thing, asked: Asked) -> bool:
    """Tell whether one of the names of `thing` was said wholly."""
    return bool(_size(thing, asked, frozenset()))


def in_unit(steps: Steps, said: Sequence[Token]) -> Steps:
    """Return `steps` such that what they measure is told in the unit that `said` names, if any."""
    units = (
        _SCALES.get(kind) or token.senses[kind]
        for token in said
        for kind in (*_SCALES, "measure")
        if token.has(kind)
    )
    unit = next(units, None)
    if unit is None:
        return steps
    return tuple(
        (draft, replace(meaning, slots={**meaning.slots, "unit": unit}))
        if meaning.intent in _MEASURES
        else (draft, meaning)
        for draft, meaning in steps
    )


_SCALES = {"fahrenheit": FAHRENHEIT, "celsius": CELSIUS}
_MEASURES = ("HassGetState", "StewardValue", "HassClimateGetTemperature")


def states_of(
    found: Iterable[Thing], intent: str, response: str = "default", **slots: Json
) -> Steps | Unknown:
    """Return the step that reads the states of `found`."""
    ids: list[Json] = [thing.entity.id for thing in found]
    if not ids:
        return Unknown(Gap.NO_SUCH_DEVICE)
    draft = Draft("home.get_states", {"entity_id": ids})
    return ((draft, Meaning(intent, response, slots)),)
