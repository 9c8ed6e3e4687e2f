"""A reading of a sentence becomes Calls on exactly the entities meant, or says what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from steward.plan.language.text import plain
from steward.plan.reply.words import has_phrases
from steward.plan.templates.acts import ACTS, Draft, Drafts
from steward.plan.templates.asks import ASKS, UNSUPPORTED
from steward.plan.templates.grammar import Match
from steward.plan.templates.targets import Request, about, place_words
from steward.types import Area, Entity, Floor, Gap, Json, Meaning, Unknown, World

SPEECH = {
    ("StewardGreet", None): "greet",
    ("StewardThanks", None): "thanks",
    ("StewardHelp", None): "help",
    ("HassNevermind", None): "nevermind",
    ("HassRespond", "hello"): "greet",
    ("HassRespond", "commands"): "help",
}
"""Phrases that answer what is only talk: intent and, where it matters, the form of its response."""

MAX_NAME_WORDS = 4
MAX_NAME = 40
"""Longest words, in words and in characters, that are repeated as the name of something unknown."""

_QUANTIFIERS = frozenset(
    {"all", "both", "each", "every", "any", "some", "it", "this", "that", "these", "those", "them"}
    | {"everything", "something", "anything", "nothing", "everyone", "up", "down", "out"}
)
"""Words that count things or point at them; what follows them is not a name."""

Step = tuple[Draft, Meaning]
"""A Draft with what it is for."""


def speech(match: Match) -> str | None:
    """Return the key of the phrase that answers `match` when nothing is to be done for it."""
    return SPEECH.get((match.intent, match.response)) or SPEECH.get((match.intent, None))


def resolve(
    matches: Sequence[Match],
    world: World,
    area: str | None,
    language: str,
    capabilities: Collection[str],
) -> tuple[Step, ...] | Unknown:
    """Return the steps of the best of `matches` that the home can carry out.

    When none can, the gap of the best one is returned. `area` is the speaker's, `capabilities` the
    names of what may be called.
    """
    first_gap: Unknown | None = None
    left = list(matches)
    while left:
        match = left.pop(0)
        twins = [other for other in left if _same_words(match, other)]
        left = [other for other in left if other not in twins]
        outcome = _resolve_one((match, *twins), world, area, language, capabilities)
        if not isinstance(outcome, Unknown):
            return outcome
        if outcome.gap is Gap.AMBIGUOUS:
            return outcome
        if first_gap is None or first_gap.gap is Gap.NOT_UNDERSTOOD:
            first_gap = outcome
    return first_gap or Unknown(Gap.NOT_UNDERSTOOD)


def _same_words(one: Match, other: Match) -> bool:
    """Tell whether two readings differ only in which entity of the same name is meant."""
    return (
        one.intent == other.intent
        and one.texts == other.texts
        and one.loose == other.loose
        and "name" in one.texts
        and "name" in other.texts
        and {k: v for k, v in one.slots.items() if k != "name"}
        == {k: v for k, v in other.slots.items() if k != "name"}
        and one.slots["name"] != other.slots["name"]
    )


def _resolve_one(
    twins: Sequence[Match],
    world: World,
    area: str | None,
    language: str,
    capabilities: Collection[str],
) -> tuple[Step, ...] | Unknown:
    first = twins[0]
    missing = _missing(first, Request(first, world, area, language))
    if missing is not None:
        return missing
    handler = ACTS.get(first.intent) or ASKS.get(first.intent)
    if handler is None:
        return Unknown(Gap.NOT_UNDERSTOOD)
    done: list[tuple[Match, Drafts]] = []
    gap: Unknown | None = None
    for match in twins:
        drafts = handler(Request(match, world, area, language))
        if isinstance(drafts, Unknown):
            gap = gap or drafts
        else:
            done.append((match, drafts))
    if not done:
        return gap or Unknown(Gap.NOT_UNDERSTOOD)
    if len(done) > 1:
        where = {entity.id: entity.area for entity in world.entities}
        done = [pair for pair in done if where[str(pair[0].slots["name"])] == area] if area else []
        if len(done) != 1:
            return Unknown(Gap.AMBIGUOUS, first.texts["name"])
    match, drafts = done[0]
    return _steps(match, drafts, Request(match, world, area, language), capabilities)


def _missing(match: Match, request: Request) -> Unknown | None:
    """Return the gap of a reading that is about what this home or this device has not."""
    if match.intent == "StewardNoArea":
        place = match.texts.get("place", "")
        if _is_name(place, request, (*request.world.areas, *request.world.floors)):
            return Unknown(Gap.UNSUPPORTED, place)
        return Unknown(Gap.NO_SUCH_AREA, place) if _is_noun(place) else Unknown()
    if match.intent == "StewardNoDevice":
        thing = match.texts.get("thing", "")
        if _is_name(thing, request, (*request.world.entities, *request.world.areas)):
            return Unknown(Gap.UNSUPPORTED, thing)
        return Unknown(Gap.NO_SUCH_DEVICE, thing) if _is_noun(thing) else Unknown()
    if match.intent in UNSUPPORTED:
        return Unknown(Gap.UNSUPPORTED)
    scripted = {"scene", "script"} & set(_domains(match, request.world))
    if match.bare and match.intent.startswith("HassTurn") and not scripted:
        # A name alone is no command: it may be half of a sentence.
        return Unknown(Gap.NOT_UNDERSTOOD)
    return None


def _is_name(words: str, request: Request, things: Sequence[Entity | Area | Floor]) -> bool:
    """Tell whether `words` name one of `things`: then it is there, but not for this."""
    folded = words.casefold()
    return any(
        plain(name, request.language).casefold() == folded
        for thing in things
        for name in (thing.name, *thing.aliases)
    )


def _is_noun(words: str) -> bool:
    """Tell whether `words` can be a name: short, and not counting or pointing at things."""
    first, *rest = words.casefold().split() or [""]
    return first not in _QUANTIFIERS and len(rest) < MAX_NAME_WORDS and len(words) < MAX_NAME


def _domains(match: Match, world: World) -> list[str]:
    return [entity.domain for entity in world.entities if entity.id == match.slots.get("name")]


def _steps(
    match: Match, drafts: Drafts, request: Request, capabilities: Collection[str]
) -> tuple[Step, ...] | Unknown:
    slots = _slots(match, request)
    steps: list[Step] = []
    for draft in drafts:
        if draft.capability not in capabilities:
            return Unknown(Gap.UNSUPPORTED, about(request, {draft.capability.partition(".")[0]}))
        meaning = Meaning(match.intent, match.response, {**slots, **dict(draft.slots)})
        steps.append((draft, meaning))
    return tuple(steps) or Unknown(Gap.NOT_UNDERSTOOD)


def _slots(match: Match, request: Request) -> Mapping[str, Json]:
    """Return the slots in words: places by the name that is said aloud, things as said."""
    slots = dict(match.slots)
    for place in ("area", "floor"):
        value = slots.pop(place, None)
        here = replace(request, match=replace(match, slots={place: value}))
        # Answers in a language of which we have no names repeat the word that was said.
        said = "" if has_phrases(request.language) else match.texts.get(place, "")
        if words := said or place_words(here):
            slots[place] = words
    if "name" in match.texts:
        slots["name"] = match.texts["name"]
    return slots
