"""The first stage: a sentence by itself becomes a Plan, by templates, by parts, by the reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from typing import TypeAlias

from steward.plan.cascade import Stage
from steward.plan.dialogue.cues import placeholder, refer
from steward.plan.facts.conditions import read_if
from steward.plan.language.quoted import Quotation, quotation
from steward.plan.language.text import plain
from steward.plan.parts.alarm import armed
from steward.plan.parts.asides import half_asked, is_talk, untold, without_complaints
from steward.plan.parts.atoms import things, tokens
from steward.plan.parts.byparts import STAGE as PARTS
from steward.plan.parts.byparts import better, by_parts
from steward.plan.parts.carried import carried, place_of, spelled
from steward.plan.parts.choose import Scene
from steward.plan.parts.meant import translations
from steward.plan.parts.owners import owned
from steward.plan.parts.sequence import openings
from steward.plan.parts.spared import leaving, without
from steward.plan.reader.trained import STAGE as READER
from steward.plan.reader.trained import TRAINED, read_trained
from steward.plan.reply.words import phrase
from steward.plan.routines import reading as routines
from steward.plan.templates.grammar import MAX_CHARACTERS, Grammar
from steward.plan.templates.loose import loosely
from steward.plan.templates.resolve import resolve, speech
from steward.plan.templates.split import Mentions, Part, split
from steward.plan.timing.later import Body, read_later
from steward.plan.tools.sentences import NO_TOOLS, Tools
from steward.thinking import Reader
from steward.types import (
    Call,
    Calls,
    Capability,
    Context,
    Gap,
    Plan,
    Unknown,
    Utterance,
    Words,
    World,
)

STAGE = "grammar"
"""The name of this stage in a Plan where templates sufficed, and where nothing was understood."""

_BACK = "HassNevermind"
"""The intent of what takes back a command."""

TRANSLATED = 0.97
"""Confidence where names were said in the other language: as for repaired slips."""

Way: TypeAlias = Callable[[str], Part | Unknown]
"""Understands one command in plain words."""


def stage(
    grammar: Grammar,
    capabilities: Sequence[Capability],
    reader: Reader | None = None,
    tools: Tools = NO_TOOLS,
) -> Stage:
    """Return the readings of a sentence as a stage of the cascade that may call `capabilities`."""
    names = frozenset(capability.name for capability in capabilities)

    async def understand_alone(utterance: Utterance, world: World, _: Context) -> Plan:
        # Loading a language takes a second, which would stop every other turn.
        return await asyncio.to_thread(understand, utterance, world, names, grammar, reader, tools)

    return understand_alone


def understand(
    utterance: Utterance,
    world: World,
    capabilities: Collection[str],
    grammar: Grammar,
    reader: Reader | None = None,
    tools: Tools = NO_TOOLS,
) -> Plan:
    """Return the plan for `utterance`, of Calls to `capabilities` on entities of `world` only.

    It depends on nothing else: the same arguments give the same plan. The confidence is 1 for what
    fits templates, else that of the part least sure, and 0 for Unknown; the stage is that of the
    same part. Without a `reader`, what has no template and an unknown word is not understood.
    """
    return read_whole(utterance, world, capabilities, grammar, reader, tools)[0]


def read_whole(
    utterance: Utterance,
    world: World,
    capabilities: Collection[str],
    grammar: Grammar,
    reader: Reader | None = None,
    tools: Tools = NO_TOOLS,
) -> tuple[Plan, Turn]:
    """Return what `understand` does, and how the sentence was read in the language of the plan."""
    area = utterance.area if utterance.area in {place.id for place in world.areas} else None
    tried: list[tuple[Plan, Turn]] = []
    for language in _languages(utterance, grammar):
        able = frozenset(capabilities)
        turn = Turn(language, world, area, able, grammar, reader, tools, at=utterance.at)
        body = _body(utterance.text, turn)
        weakest = min(turn.parts, key=lambda part: part.confidence, default=None)
        if weakest is not None and not isinstance(body, Unknown):
            return Plan(body, language, weakest.stage, weakest.confidence), turn
        sure = 0.0 if isinstance(body, Unknown) else 1.0
        tried.append((Plan(body, language, STAGE, sure), turn))
        if sure:
            return tried[-1]
    telling = [each for each in tried if each[0].body != Unknown(Gap.NOT_UNDERSTOOD)]
    return (telling or tried)[0]


@dataclass(frozen=True)
class Turn:
    """What a sentence is read with, said `at` that moment; `parts` collects what was understood."""

    language: str
    world: World
    area: str | None
    capabilities: frozenset[str]
    grammar: Grammar
    reader: Reader | None
    tools: Tools
    parts: list[Part] = field(default_factory=list[Part])
    at: datetime | None = None


def _languages(utterance: Utterance, grammar: Grammar) -> tuple[str, ...]:
    candidates = grammar.candidates(utterance.text, utterance.language)
    if any(grammar.knows(language) for language in candidates):
        return candidates
    return (*candidates, *grammar.languages)


def _body(text: str, turn: Turn) -> Body:
    quoted = quotation(text, turn.language)
    if quoted is not None:
        noted = _noted(quoted, turn)
        if noted is not None:
            return noted
    body = _unquoted(text, turn)
    divided = quoted is not None and quoted.is_divisible
    return body if not divided or _only_lists(body) else Unknown(Gap.NOT_UNDERSTOOD)


def _only_lists(body: Body) -> bool:
    """Tell whether nothing comes of it but what stands on lists: "tick off 'open it, then go'"."""
    calls = body.calls if isinstance(body, Calls) else ()
    return bool(calls) and all(call.capability.startswith("todo.") for call in calls)


def _noted(quoted: Quotation, turn: Turn) -> Calls | None:
    """Return what writes the quoted words on a list, None where that is not what is asked for."""
    for said in quoted.others:
        trial = replace(turn, parts=[])
        body = _unquoted(said, trial)
        if not isinstance(body, Calls):
            continue
        adding = [call for call in body.calls if call.capability == _ADD]
        if len(adding) == 1 and adding[0].arguments.get("item") == quoted.sign:
            turn.parts.extend(trial.parts)
            return Calls(tuple(_with_item(call, quoted.words) for call in body.calls))
    return None


_ADD = "todo.add_item"


def _with_item(call: Call, words: str) -> Call:
    if call.capability != _ADD:
        return call
    meaning = replace(call.meaning, slots={**call.meaning.slots, "item": words})
    return replace(call, meaning=meaning, arguments={**call.arguments, "item": words})


def _unquoted(text: str, turn: Turn) -> Body:
    words = plain(text, turn.language)
    if not words:
        return Unknown(Gap.NOTHING_HEARD) if not text.strip() else Unknown(Gap.NOT_UNDERSTOOD)
    if len(words) > MAX_CHARACTERS:
        return Unknown(Gap.NOT_UNDERSTOOD)

    body = _read(words, turn)
    return (_translated(words, turn) or body) if isinstance(body, Unknown) else body


def _read(words: str, turn: Turn) -> Body:
    def now(stretch: str, here: str | None) -> Body:
        return _command(stretch, replace(turn, area=here))

    def whenever(stretch: str, here: str | None) -> Body:
        names = turn.grammar.mentions(stretch, turn.language, turn.world)
        read = partial(now, here=here)
        return read_later(stretch, turn.language, names, read, turn.world, turn.capabilities)

    return read_if(words, turn.language, whenever, turn.world, turn.area, turn.at)


def _translated(words: str, turn: Turn) -> Body | None:
    """Return what `words` say with names in the language that they are written in.

    Where it could be several things, none is meant. What is put on a list stays as it was said.
    """
    for group in translations(words, turn.world):
        found: dict[str, tuple[Body, list[Part]]] = {}
        for spelling in group:
            # Without the reader, which guesses: a guess upon a guess is too much.
            trial = replace(turn, reader=None, parts=[])
            body = _read(plain(spelling, turn.language), trial)
            if not isinstance(body, Unknown) and _keeps_items(body, words):
                found.setdefault(_deeds(body), (body, trial.parts))
        if len(found) > 1:
            return Unknown(Gap.AMBIGUOUS)
        for body, parts in found.values():
            turn.parts.extend(replace(p, confidence=min(p.confidence, TRANSLATED)) for p in parts)
            return body
    return None


def _deeds(body: Body) -> str:
    """Return what would be done, or else all that `body` says, so that it can be compared."""
    calls = body.calls if isinstance(body, Calls) else ()
    return str([(call.capability, call.arguments) for call in calls] or body)


def _keeps_items(body: Body, words: str) -> bool:
    calls = body.calls if isinstance(body, Calls) else ()
    items = [str(call.arguments["item"]) for call in calls if "item" in call.arguments]
    return all(item.casefold() in words.casefold() for item in items)


def _command(words: str, turn: Turn) -> Body:
    """Understand plain `words` that are to be done, or answered, now and whatever is the case."""
    language, world, grammar = turn.language, turn.world, turn.grammar

    def mentions(said: str) -> Sequence[tuple[int, int]]:
        return grammar.mentions(said, language, world)

    parts: tuple[Part, ...] | Unknown = Unknown(Gap.NOT_UNDERSTOOD)
    for tried in _tries(words, turn, mentions):
        better = isinstance(parts, Unknown) and parts.gap is Gap.NOT_UNDERSTOOD
        if isinstance(tried, tuple) or better:
            parts = tried
        if isinstance(parts, tuple):
            break
    if isinstance(parts, tuple) and len(parts) > 1:
        parts = untold(without_complaints(_kept(parts), world), language)
        parts = carried(parts, language, world, _read_alone(turn))
    if isinstance(parts, tuple):
        parts = Unknown() if half_asked(parts) else armed(parts, words, language)
    if isinstance(parts, Unknown):
        return parts
    turn.parts.extend(parts)
    calls = _calls(parts)
    if calls.calls:
        return calls
    return Words(phrase(language, "speech", parts[0].speech or ""))


def _read_alone(turn: Turn) -> Way:
    way = ways(turn)
    return _first(way[STAGE], way[PARTS])


def _kept(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return what is left where a part takes back those before it: "lights off, never mind"."""
    last = max((at for at, part in enumerate(parts) if part.match.intent == _BACK), default=0)
    return parts[last + 1 :] or parts[last:] if last else parts


def ways(turn: Turn) -> Mapping[str, Way]:
    """Return each way to read one command by itself, by the stage's name, the surest first.

    Each remembers what it made of a stretch, for a hard sentence is parted many times over.
    """
    language, world, area, able = turn.language, turn.world, turn.area, turn.capabilities

    scene = Scene(world, things(world), area, language)

    @cache
    def parts(stretch: str) -> Part | Unknown:
        return by_parts(stretch, language, world, area, able)

    @cache
    def templates(stretch: str) -> Part | Unknown:
        routine = routines.surely(stretch, world, able)
        if routine is not None:
            return routine
        asked = turn.tools.read(stretch, language)
        if asked is not None:
            return asked
        matches = turn.grammar.matches(stretch, language, world, area)
        if not matches:
            return Unknown(Gap.NOT_UNDERSTOOD)
        said = speech(matches[0])
        if said is not None:
            return Part(stretch, matches[0], (), said)
        steps = resolve(matches, world, area, language, able)
        if isinstance(steps, Unknown):
            return steps
        return better(Part(stretch, matches[0], steps), parts, scene)

    found: dict[str, Way] = {
        STAGE: templates,
        PARTS: parts,
        routines.STAGE: partial(routines.perhaps, world=world, capabilities=able),
    }
    if turn.reader is not None and language.partition("-")[0] in TRAINED:
        trained = partial(read_trained, scene=scene, capabilities=able, reader=turn.reader)
        found[READER] = cache(trained)
    return found


def _tries(words: str, turn: Turn, mentions: Mentions) -> Iterator[tuple[Part, ...] | Unknown]:
    """Yield what is made of the sentence, by the surest ways first; each includes the former."""
    way, language = ways(turn), turn.language
    yield split(words, language, way[STAGE], mentions, crossing=False)
    either = _first(way[STAGE], _first(way[PARTS], way[routines.STAGE]))
    yield split(words, language, either, mentions, refer=partial(_pointing, turn=turn))
    for rest, left in leaving(words, language, turn.world):
        read = split(rest, language, either, mentions)
        yield without(read, left) or Unknown() if isinstance(read, tuple) else read
    opens, talk = partial(openings, world=turn.world), partial(is_talk, world=turn.world)
    for said in (*owned(words, language, turn.world), words):
        yield split(said, language, either, mentions) if said != words else Unknown()
        yield loosely(said, language, either, partial(_called, turn=turn), opens, talk)
    if READER in way:
        yield split(words, language, _first(either, way[READER]), mentions)


def _called(said: str, turn: Turn) -> Sequence[tuple[int, int]]:
    """Return where things of this home are named, by a word of their own if not by all of them."""
    whole = turn.grammar.mentions(said, turn.language, turn.world)
    words = [token for token in tokens(said, turn.world) if token.named]
    return whole or [(token.start, token.start + len(token.text)) for token in words]


def _pointing(stretch: str, before: Sequence[Part], turn: Turn) -> Part | Unknown:
    """Understand a command in the room, or of the one thing, that those before it were about.

    In the place of "it" stands a name that no other thing has, in a home of that thing alone.
    """
    meant = [entity for entity in turn.world.entities if entity.id in before[-1].targets]
    places = (place_of(part, turn.world) for part in reversed(before))
    place = next((area for area in places if area is not None), None)
    there = _read_alone(turn)(spelled(stretch, place, turn.language)) if place else None
    if isinstance(there, Part) or len(meant) != 1:
        return there or Unknown(Gap.NOT_UNDERSTOOD)
    alone = replace(meant[0], name=placeholder(turn.language), aliases=())
    way = ways(replace(turn, world=replace(turn.world, entities=(alone,))))
    for said in refer(stretch, turn.language):
        return _first(way[STAGE], way[PARTS])(said)
    return Unknown(Gap.NOT_UNDERSTOOD)


def _first(one: Way, other: Way) -> Way:
    """Return a reading by `one` and, where that understands nothing, by `other`."""

    def read(stretch: str) -> Part | Unknown:
        found = one(stretch)
        if isinstance(found, Part):
            return found
        second = other(stretch)
        telling = isinstance(second, Part) or found.gap is Gap.NOT_UNDERSTOOD
        return second if telling else found

    return read


def _calls(parts: Sequence[Part]) -> Calls:
    """Number the steps; a part that comes "then" needs all those of the part before it."""
    calls: list[Call] = []
    before: list[str] = []
    for part in parts:
        needs = tuple(before) if part.after else ()
        here = []
        for draft, meaning in part.steps:
            name = f"c{len(calls) + 1}"
            calls.append(Call(name, draft.capability, meaning, draft.arguments, needs))
            here.append(name)
        before = here or before
    return Calls(tuple(calls))
