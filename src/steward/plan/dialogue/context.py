"""Sentences that lean on what was said before: "turn it off", "the other one", "undo that", "yes".

Nothing is guessed: the words must fit one of the cues, what they point at must be one thing (or the
very things) of the turns before, and a sentence with a name in the place of "it" must be understood
as any other sentence is.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from steward.plan.cascade import NO_CONTEXT, Stage
from steward.plan.dialogue import amend, items, referents, replan
from steward.plan.dialogue.conversation import by_ids
from steward.plan.dialogue.cues import (
    Cue,
    agrees,
    clauses,
    cues,
    elliptic,
    meant,
    of_one,
    placeholder,
    wished,
)
from steward.plan.dialogue.inverse import UNDO, changed_by, undo
from steward.plan.dialogue.referents import Last
from steward.plan.language.text import is_chinese, plain
from steward.plan.parts import asides
from steward.plan.reply.names import spoken_name
from steward.plan.reply.words import phrase, table_of
from steward.plan.risk import CONFIRMED
from steward.plan.templates.acts import Draft, entity_ids
from steward.plan.templates.grammar import Grammar
from steward.plan.tools.sentences import NO_TOOLS, Tools
from steward.plan.understand import stage as grammar_stage
from steward.thinking import Reader
from steward.types import (
    Call,
    Calls,
    Capability,
    Context,
    Entity,
    Exchange,
    Gap,
    Meaning,
    Plan,
    Risk,
    Unknown,
    Utterance,
    Words,
    World,
)

STAGE = "context"
"""The name of a plan that leans on the turns before."""
AGAIN = "StewardAgain"
"""The intent of Calls that do again, to something else or otherwise, what was done before."""

Found = tuple[Call, ...]
_VAGUE = (Gap.NOT_UNDERSTOOD, Gap.AMBIGUOUS)


def first_stage(
    languages: Sequence[str],
    capabilities: Sequence[Capability],
    reader: Reader,
    tools: Tools = NO_TOOLS,
) -> Stage:
    """Return the readings of `languages`, which also read what leans on the turns before."""
    alone = grammar_stage(Grammar(languages), capabilities, reader, tools)
    return in_context(alone, capabilities)


def in_context(inner: Stage, capabilities: Sequence[Capability]) -> Stage:
    """Return the stage `inner` that also reads what leans on the turns before."""
    allowed = {capability.name: capability.risk for capability in capabilities}

    async def understand_in_context(utterance: Utterance, world: World, context: Context) -> Plan:
        language = _language(utterance, context)
        plan = _answered(utterance, language, context, world)
        if plan is None:
            follow = _Follow(inner, allowed, utterance, world, context, language)
            plan = await follow.plan()
        if plan is not None:
            return plan
        alone = await inner(utterance, world, context)
        if not isinstance(alone.body, Unknown):
            return alone
        follow = _Follow(inner, allowed, utterance, world, context, language)
        vague = alone.body.gap in _VAGUE
        return await follow.clauses() or (await follow.ellipsis() if vague else None) or alone

    return understand_in_context


def _language(utterance: Utterance, context: Context) -> str:
    """Return the language of a sentence that may be too short to tell: "22"."""
    if is_chinese(utterance.text):
        return "zh"
    if utterance.language is not None:
        return utterance.language
    if re.search("[A-Za-z]", utterance.text) or not context.exchanges:
        return "en"
    return context.exchanges[-1].plan.language


def _answered(utterance: Utterance, language: str, context: Context, world: World) -> Plan | None:
    """Return the plan of a yes or no to what the turn before asked leave for."""
    answer = agrees(utterance.text, language) if context.pending else None
    if answer is None:
        return None
    if not answer:
        return Plan(Words(phrase(language, "confirm", "left")), language, STAGE, 1.0)
    there = {entity.id for entity in world.entities}
    gone = any(not there.issuperset(entity_ids(call)) for call in context.pending)
    return None if gone else Plan(Calls(context.pending), language, CONFIRMED, 1.0)


@dataclass(frozen=True)
class _Follow:
    """One sentence and all that it may lean on."""

    inner: Stage
    allowed: Mapping[str, Risk]
    utterance: Utterance
    world: World
    context: Context
    language: str

    async def plan(self) -> Plan | None:
        """Return the plan of the first cue that holds; None when the sentence stands alone."""
        planned = replan.planned_just_now(self.context)
        if planned is not None:
            moved = replan.at_another_time(self.utterance.text, self.language)
            if moved is not None and replan.MOVE in self.allowed:
                return self._planned(moved.calls)
            if replan.takes_back(self.utterance.text, self.language, planned):
                return self._undone()
        before = referents.last(self.context, self.world)
        if before is not None and before.turn is self.context.exchanges[-1]:
            listed = self.utterance.text, self.language, before
            drafts = items.another(*listed, self.world) or items.removed(*listed)
            more = self._calls(drafts, AGAIN)
            if more and self._may(more):
                return self._planned(more)
        text = plain(self.utterance.text, self.language)
        said = (self.utterance.text, *asides.commands(text, self.world))
        for cue in chain.from_iterable(cues(each, self.language) for each in said):
            if cue.kind == "undo":
                return self._undone()
            if before is None:
                continue
            found = await self._reader(cue)(cue, before)
            calls = tuple(call for call in found if call.capability in self.allowed)
            if calls and len(calls) == len(found):
                return self._planned(calls)
        return None

    async def ellipsis(self) -> Plan | None:
        """Return the plan of what only makes sense of the thing of the turn before: "up a bit"."""
        before = referents.last(self.context, self.world)
        if before is None or before.turn is not self.context.exchanges[-1]:
            return None
        for cue in elliptic(self.utterance.text, self.language):
            found = await self._verb(cue, before)
            if found and all(self.allowed.get(c.capability) is not Risk.READ for c in found):
                return self._planned(found) if self._may(found) else None
        return None

    async def clauses(self) -> Plan | None:
        """Return the plan of what corrects in clauses: "not that, turn it off, I want B"."""
        before = referents.last(self.context, self.world)
        said = clauses(self.utterance.text, self.language)
        if before is None or before.turn is not self.context.exchanges[-1] or len(said) < 2:
            return None
        found: list[Call] = []
        for clause in said:
            calls = await self._clause(clause, before)
            if not calls:
                return None
            done = [(call.capability, call.arguments) for call in found]
            found += [call for call in calls if (call.capability, call.arguments) not in done]
        return self._planned(tuple(found)) if self._may(tuple(found)) else None

    async def _clause(self, clause: str, before: Last) -> Found:
        for cue in cues(clause, self.language):
            if cue.kind != "undo" and (found := await self._reader(cue)(cue, before)):
                return found
        for cue in of_one(clause, self.language):
            things = referents.named(cue.thing, before, self.world, wrong=False)
            things = things or self._called(cue.thing, before)
            if things and (found := await self._verb(cue, replace(before, targets=things))):
                return found
        said = await self._read(wished(clause, self.language), self.world)
        other = meant(clause, self.language) if not said and before.acted else None
        return self._done_to(self._called(other.thing, before), other, before) if other else said

    def _called(self, thing: str, before: Last) -> tuple[Entity, ...]:
        """Return the one thing like those before that is called `thing`, in either language."""
        found = referents.named(thing, before, self.world, wrong=True)
        pool = [entity for entity in self.world.entities if referents.alike(entity, before)]
        found = found or referents.called(thing, pool, self.world)
        return found if len(found) == 1 else ()

    def _may(self, calls: Found) -> bool:
        return all(call.capability in self.allowed for call in calls)

    def _reader(self, cue: Cue) -> Callable[[Cue, Last], Awaitable[Found]]:
        readers: Mapping[str, Callable[[Cue, Last], Awaitable[Found]]] = {
            "other": self._other,
            "restore": self._restored,
            "name": self._name,
            "thing": self._thing,
            "value": self._value,
            "more": self._more,
            "less": self._more,
            "verb": self._verb,
            "command": self._command,
            "asked": self._asked,
        }
        return readers[cue.kind]

    def _planned(self, calls: Found) -> Plan:
        numbered = tuple(
            replace(call, id=f"c{number}", needs=()) for number, call in enumerate(calls, start=1)
        )
        return Plan(Calls(numbered), self.language, STAGE, 1.0)

    def _undone(self) -> Plan:
        for turn in reversed(self.context.exchanges):
            if self._acted(turn):
                calls = self._calls(undo(turn), UNDO)
                if calls and all(call.capability in self.allowed for call in calls):
                    return self._planned(calls)
                break
        words = Words(phrase(self.language, "speech", "nothing_to_undo"))
        return Plan(words, self.language, STAGE, 1.0)

    def _acted(self, turn: Exchange) -> bool:
        calls = turn.plan.body.calls if isinstance(turn.plan.body, Calls) else ()
        return any(self.allowed.get(call.capability) is not Risk.READ for call in calls)

    def _calls(self, drafts: Sequence[Draft], intent: str) -> Found:
        return tuple(
            Call("", draft.capability, Meaning(intent, slots=dict(draft.slots)), draft.arguments)
            for draft in drafts
        )

    def _instead(self, again: Found, before: Last) -> Found:
        """Put back what the turn before did to other things than `again` is about."""
        kept = {name for call in again for name in entity_ids(call)}
        return (*self._calls(undo(before.turn, kept), UNDO), *again) if again else ()

    async def _other(self, cue: Cue, before: Last) -> Found:
        return self._done_to(referents.other(cue.thing, before, self.world), cue, before)

    async def _restored(self, cue: Cue, _: Last) -> Found:
        """Put one thing back as it was before the last turn that changed it."""
        for turn in reversed(self.context.exchanges):
            changed = changed_by(turn)
            called = referents.called(cue.thing, by_ids(self.world, sorted(changed)), self.world)
            if called:
                left = changed - {entity.id for entity in called}
                return self._calls(undo(turn, left), UNDO)
        return ()

    async def _name(self, cue: Cue, before: Last) -> Found:
        things = referents.named(cue.thing, before, self.world, cue.wrong)
        return self._done_to(things, cue, before) if before.acted else ()

    async def _thing(self, cue: Cue, before: Last) -> Found:
        if not before.acted:
            return await self._asked_again(cue, before)
        if cue.verb and not _same_verb(cue.verb, before):
            return await self._read(f"{cue.verb}{cue.thing}", self.world)
        things = referents.named(cue.thing, before, self.world, cue.wrong)
        if not things and cue.also and (again := await self._elsewhere(cue.thing, before)):
            return again
        things = things or await self._understood(cue, before)
        return self._done_to(things, cue, before)

    def _done_to(self, things: Sequence[Entity], cue: Cue, before: Last) -> Found:
        again = self._calls(amend.done_to(before, things), AGAIN)
        return self._instead(again, before) if cue.wrong and not cue.also else again

    async def _understood(self, cue: Cue, before: Last) -> tuple[Entity, ...]:
        """Return what `cue.thing` is as the grammar reads it in a sentence that needs a thing."""
        old = {entity.id for entity in before.targets} if cue.wrong else set()
        domains = {entity.domain for entity in before.targets}
        pool = [e for e in self.world.entities if e.domain in domains and e.id not in old]
        world = replace(self.world, entities=tuple(pool))
        say = table_of(self.language, "naming")
        kind = phrase(self.language, "kinds", before.targets[0].domain)
        for form in say.get("forms", ()):
            sentence = form.format(thing=cue.thing, kind=kind)
            calls = await self._read(sentence, world)
            ids = [name for call in calls for name in entity_ids(call)]
            if found := referents.nearest(by_ids(world, ids), before):
                return found
        return ()

    async def _asked(self, cue: Cue, before: Last) -> Found:
        """Ask "书房呢" what was asked of another place or thing, and never do it there."""
        return () if before.acted else await self._asked_again(cue, before)

    async def _elsewhere(self, thing: str, before: Last) -> Found:
        """Say again what was said before with another place in it: "the same in the kitchen"."""
        place = referents.place_called(re.sub(r"^(?:in|on|at) ", "", thing), self.world)
        if not place:
            return ()
        text = before.turn.utterance.text
        for name in referents.places(self.world):
            hit = re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", text, re.IGNORECASE)
            if hit:
                return await self._read(text[: hit.start()] + place + text[hit.end() :], self.world)
        return ()

    async def _asked_again(self, cue: Cue, before: Last) -> Found:
        """Ask of another thing what was asked before: the same words with its name in them."""
        text = before.turn.utterance.text
        for call in before.calls:
            for words in referents.said_for(call).values():
                hit = re.search(re.escape(words), text, re.IGNORECASE)
                if hit:
                    changed = text[: hit.start()] + cue.thing + text[hit.end() :]
                    return await self._read(changed, self.world)
        return await self._elsewhere(cue.thing, before)

    async def _value(self, cue: Cue, before: Last) -> Found:
        if cue.amount is None or before.turn is not self.context.exchanges[-1]:
            return ()
        return self._calls(amend.with_amount(before, cue.amount), AGAIN)

    async def _more(self, cue: Cue, before: Last) -> Found:
        if before.turn is not self.context.exchanges[-1]:
            return ()
        return self._calls(amend.further(before, cue.kind == "less"), AGAIN)

    async def _verb(self, cue: Cue, before: Last) -> Found:
        """Read the sentence once for each thing before, each by a name that no other has."""
        name = placeholder(self.language)
        sentence = cue.verb.replace("{it}", name)
        calls: list[Call] = []
        if cue.many and len(before.targets) < 2:
            return ()
        changed = changed_by(before.turn) if cue.back else frozenset[str]()
        for entity in [e for e in before.targets if e.id in changed] or before.targets:
            alone = replace(entity, name=name, aliases=())
            found = await self._read(sentence, replace(self.world, entities=(alone,)))
            if not found or any(entity_ids(call) != (entity.id,) for call in found):
                return ()
            calls += [_named_again(call, entity, self.language) for call in found]
        return tuple(calls)

    async def _command(self, cue: Cue, before: Last) -> Found:
        """Read the rest as a sentence of its own, that corrects what was done or adds to it."""
        again = await self._read(cue.rest, self.world)
        services = {call.capability.partition(".")[2] for call in again}
        same = services <= {call.capability.partition(".")[2] for call in before.calls}
        if again and cue.wrong and not cue.also and same:
            return self._instead(again, before)
        return again

    async def _read(self, text: str, world: World) -> Found:
        said = replace(self.utterance, text=text, language=self.language)
        plan = await self.inner(said, world, NO_CONTEXT)
        return plan.body.calls if isinstance(plan.body, Calls) else ()


def _same_verb(verb: str, before: Last) -> bool:
    """Tell whether "X 也…" asks for what was done: it says no verb, or one that was said."""
    said = before.turn.utterance.text
    return bool(re.fullmatch(r"(?:一样|这样|同样|是|要|去|来|弄|做|照做)?", verb)) or any(
        char in said for char in verb if char in "开关锁停放拉调启暂升降"
    )


def _named_again(call: Call, entity: Entity, language: str) -> Call:
    """Give the thing its own name again in the words that the reply is made from."""
    slots = dict(call.meaning.slots)
    if "name" in slots:
        slots["name"] = spoken_name(entity, language)
    return replace(call, meaning=replace(call.meaning, slots=slots))
