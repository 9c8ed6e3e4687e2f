"""The stage around all reading of sentences that knows the owner's words.

It reads what he teaches, carries his routines out by understanding them anew, and lets the stages
within see his names. A word is learnt only from what is said in a turn, never from what the home
holds; a routine is only ever read by the stages within, which know no routines, so that none can
call another or itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from steward.plan.cascade import NO_CONTEXT, Stage
from steward.plan.dialogue.cues import agrees
from steward.plan.language.letters import with_plain_letters
from steward.plan.language.text import is_chinese
from steward.plan.owner.aliases import (
    Named,
    Several,
    by_id,
    is_kind,
    names_of,
    reworded,
    thing_called,
    with_names,
)
from steward.plan.owner.teaching import (
    MAX_PHRASE,
    Forgetting,
    Listing,
    Teaching,
    asked,
    lessons,
    pieces,
    spelled,
)
from steward.plan.owner.telling import say
from steward.plan.parts.atoms import tokens
from steward.plan.reader.trained import STAGE as READER
from steward.plan.reply.names import spoken_name
from steward.plan.risk import Rules, hold
from steward.plan.routines.reading import STAGE as ROUTINES
from steward.types import (
    Call,
    Calls,
    Context,
    Json,
    Meaning,
    Plan,
    Question,
    Taught,
    Unknown,
    Utterance,
    Words,
    World,
)

STAGE = "owner"
"""The name of a plan that is about, or made of, the owner's own words."""
INTENT = "StewardWords"
"""The intent of Calls about the owner's own words."""
MAX_WORDS = 200
"""Words that are known at once."""
_GUESSES = frozenset({ROUTINES, READER})

Learned: TypeAlias = Callable[[], Awaitable[Sequence[Taught]]]
"""Tells what the owner has taught."""


def owned(inner: Stage, rules: Rules, learned: Learned) -> Stage:
    """Return the stage `inner` that also knows what the owner taught."""

    async def understand_owner(utterance: Utterance, world: World, context: Context) -> Plan:
        known = await learned()
        language = "zh" if is_chinese(utterance.text) else utterance.language or "en"
        home = with_plain_letters(world)
        turn = _Turn(inner, rules, utterance, home, tuple(known), language)
        plan = await turn.plan()
        return plan if plan is not None else await turn.read(utterance.text, context)

    return understand_owner


@dataclass(frozen=True)
class _Turn:
    """One sentence, the home, and what was taught before."""

    inner: Stage
    rules: Rules
    utterance: Utterance
    world: World
    known: tuple[Taught, ...]
    language: str

    async def plan(self) -> Plan | None:
        """Return the plan where the owner's words are all of it; None for any other sentence."""
        refused: Plan | None = None
        for lesson in lessons(self.utterance.text, self.language):
            if isinstance(lesson, Listing):
                plan: Plan | None = self._listed(lesson)
            elif isinstance(lesson, Forgetting):
                plan = self._forgotten(lesson)
            else:
                plan = await self._taught(lesson)
                if plan is not None and lesson.parted and isinstance(plan.body, Words):
                    refused, plan = plan, None
                elif plan is None and lesson.sure and refused is None:
                    fields = {"phrase": lesson.phrase, "meaning": lesson.meaning}
                    refused = self._words("meaningless", **fields)
            if plan is not None:
                return plan
        return refused or await self._routine()

    async def read(self, text: str, context: Context = NO_CONTEXT) -> Plan:
        """Understand `text` by the stages within, which see the owner's names."""
        said = reworded(text, self.known, self.world, self.language)
        utterance = replace(self.utterance, text=said)
        return await self.inner(utterance, with_names(self.world, self.known), context)

    async def _routine(self) -> Plan | None:
        by_phrase = {spelled(word.phrase): word for word in self.known if word.kind == "routine"}
        said = asked(self.utterance.text)
        word = next((by_phrase[each] for each in said if each in by_phrase), None)
        if word is None:
            return None
        plan = await replace(self, language=word.language).read(word.meaning)
        if isinstance(plan.body, Unknown):
            return self._words("stale", phrase=word.phrase, meaning=word.meaning)
        return replace(plan, stage=STAGE)

    async def _taught(self, lesson: Teaching) -> Plan | None:
        """Return the plan to learn, or the reason against it; None when it means nothing here."""
        if lesson.kind in ("name", "either"):
            area = self.utterance.area
            target = thing_called(lesson.meaning, with_names(self.world, self.known), area)
            if isinstance(target, Several):
                names = ", ".join(target.names[:4])
                return self._words("several", meaning=lesson.meaning, names=names)
            if target is not None:
                reason = await self._against(lesson.phrase, target)
                taught = Taught(lesson.phrase, self.language, "name", target.id)
                told = spoken_name(target, self.language)
                return reason or self._learn(taught, told)
        if lesson.kind in ("routine", "either"):
            if self._uses_routine(lesson):
                return self._words("nested", phrase=lesson.phrase)
            plan = await self.read(lesson.meaning)
            if isinstance(plan.body, Calls | Question):
                reason = await self._against(lesson.phrase, None)
                taught = Taught(lesson.phrase, self.language, "routine", lesson.meaning)
                risky = isinstance(hold(plan, self.world, self.rules).body, Question)
                return reason or self._learn(taught, lesson.meaning, risky=risky)
        return None

    async def _against(self, phrase: str, target: Named | None) -> Plan | None:
        """Return why `phrase` cannot be taught; None when it can."""
        words = tokens(phrase, self.world)
        if not 2 <= len(phrase) <= MAX_PHRASE:
            return self._words("length", phrase=phrase, most=str(MAX_PHRASE))
        if len(self.known) >= MAX_WORDS:
            return self._words("full", most=str(MAX_WORDS))
        common = all(word.known and not word.atoms for word in words) and not _is_doubled(phrase)
        if common or agrees(phrase, self.language) is not None or is_kind(phrase, self.world):
            return self._words("common", phrase=phrase)
        everything: tuple[Named, ...] = (
            *self.world.floors,
            *self.world.areas,
            *self.world.entities,
        )
        for thing in everything:
            if thing.id != getattr(target, "id", None) and spelled(phrase) in names_of(thing):
                name = spoken_name(thing, self.language)
                return self._words("taken", phrase=phrase, name=name)
        plan = await self.inner(replace(self.utterance, text=phrase), self.world, NO_CONTEXT)
        # What a phrase only sounds like is a guess, which the owner's own word overrules.
        if not isinstance(plan.body, Unknown) and plan.stage not in _GUESSES:
            return self._words("command", phrase=phrase)
        return None

    def _uses_routine(self, lesson: Teaching) -> bool:
        """Tell whether a part of what the phrase shall do is the phrase itself or a routine."""
        routines = {spelled(word.phrase) for word in self.known if word.kind == "routine"}
        routines.add(spelled(lesson.phrase))
        return any(not routines.isdisjoint(asked(part)) for part in pieces(lesson.meaning))

    def _learn(self, taught: Taught, told: str, *, risky: bool = False) -> Plan:
        arguments: dict[str, Json] = {
            "phrase": taught.phrase,
            "language": taught.language,
            "kind": taught.kind,
            "meaning": taught.meaning,
        }
        call = self._call("teach", arguments, {"told": told})
        if not risky:
            return Plan(Calls((call,)), self.language, STAGE, 1.0)
        text = say(self.language, "confirm").format(phrase=taught.phrase, meaning=told)
        return Plan(Question(text, (call,)), self.language, STAGE, 1.0)

    def _forgotten(self, lesson: Forgetting) -> Plan | None:
        for word in self.known:
            if spelled(word.phrase) == lesson.phrase:
                call = self._call("forget", {"phrase": word.phrase}, {})
                return Plan(Calls((call,)), self.language, STAGE, 1.0)
        return self._words("not_found", phrase=lesson.phrase) if lesson.sure else None

    def _listed(self, lesson: Listing) -> Plan | None:
        known = [word for word in self.known if lesson.phrase in ("", spelled(word.phrase))]
        if lesson.phrase and not known:
            return None
        things = {word.meaning: by_id(word.meaning, self.world) for word in known}
        names: dict[str, Json] = {
            key: spoken_name(thing, self.language) for key, thing in things.items() if thing
        }
        phrase: dict[str, Json] = {"phrase": lesson.phrase} if lesson.phrase else {}
        call = self._call("list", phrase, {"names": names})
        return Plan(Calls((call,)), self.language, STAGE, 1.0)

    def _call(self, service: str, arguments: Mapping[str, Json], slots: Mapping[str, Json]) -> Call:
        return Call("c1", f"words.{service}", Meaning(INTENT, slots=slots), arguments)

    def _words(self, key: str, **fields: str) -> Plan:
        text = say(self.language, key).format_map(fields)
        return Plan(Words(text), self.language, STAGE, 1.0)


def _is_doubled(phrase: str) -> bool:
    """Tell whether `phrase` is a pet name made of one character said twice: "亮亮"."""
    return len(phrase) == 2 and phrase[0] == phrase[1] and is_chinese(phrase)
