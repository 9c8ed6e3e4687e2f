"""Commands under a condition: "if the nursery is below 20, turn on the lamp", "门没锁就锁上".

The condition is decided once, by the home as it is. What cannot be decided is not understood, and
then nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from steward.plan.facts.ahead import ahead
from steward.plan.facts.facts import Clause, Fact, facts, of_entities, read_clause
from steward.plan.facts.moment import moment
from steward.plan.facts.sky import sky, sun
from steward.plan.facts.splits import Split, splits
from steward.plan.reply.names import spoken_name
from steward.plan.reply.wording import by_id, capital
from steward.plan.reply.words import phrase, table_of
from steward.plan.templates.acts import entity_ids
from steward.plan.timing.later import ADD, Body, moves
from steward.types import Calls, Entity, Gap, Unknown, Words, World

Read: TypeAlias = Callable[[str, str | None], Body]
"""Understands a plain sentence without a condition, heard in the area with that id, or None."""

BECAUSE = "because"
"""The slot of a Meaning that says why something was done."""


_OPENS = re.compile(
    r"^(?:if|unless|as long as|provided|in case|assuming)\b"
    "|^(?:如果|要是|假如|假设|倘若|万一|除非)",
    re.IGNORECASE,
)
"""How a sentence begins that is nothing but a condition and what follows from it."""
_AND_IF = re.compile(
    r"[,;.](?: and| but)? (?=if (?!not\b|so\b))"
    "|(?:[,，;；。])(?=(?:如果|要是)(?!不是|没有的话|不的话))",
    re.IGNORECASE,
)
"""Where a second such sentence begins."""
_EN_TELL = re.compile(
    r"^(?:please |can you |could you )*(?:(?:tell|warn|alert|notify|remind) (?:me|us)"
    r"|let (?:me|us) know|say so)(?: please)?$",
    re.IGNORECASE,
)
_ZH_TELL = re.compile(
    "^(?:就|请|记得|麻烦)*(?:提醒|告诉|通知|叫)(?:我|我们)?(?:一下|一声)?$|^(?:就|请)*跟我(?:说|讲)(?:一下|一声)?$"
)
_BOTH = {
    "en": re.compile(r",? (?P<word>and|or) (?:if )?", re.IGNORECASE),
    "zh": re.compile("[,，]?(?P<word>并且|而且|且|同时|或者|或是|或|和|与)"),
}
_ANY = ("or", "或者", "或是", "或")
_EN_EITHER = re.compile(r"^(?:either|both) ", re.IGNORECASE)
_PREDICATE = {
    "en": re.compile(r"(?:'s|'re| is| are)(?:n'?t| not)? .+$", re.IGNORECASE),
    "zh": re.compile(
        "(?:都|也)?(?:开着|关着|没关|没开|没锁|锁着|亮着|有人|没人|在家|不在家|漏水).*$"
    ),
}
_EN_ALREADY = re.compile(
    r"^(?:it|they|that) ?(?:'s|'re|is|are)?(?: not|n'?t)(?: (?:already|yet))?$", re.IGNORECASE
)
_EN_IT = re.compile(r"\b(?:it|them|that one)\b", re.IGNORECASE)
_EN_ITS = re.compile(r"\b(?:its|their)\b", re.IGNORECASE)
_EN_THERE = re.compile(r"\bthere\b", re.IGNORECASE)
_EN_THAT = re.compile(r"^(?:it|they|that|the room|this)$", re.IGNORECASE)

_ZH_THERE = re.compile("那里|那边|那儿|里面")
_ZH_IT = re.compile("它们?|那个")
_ZH_OWN = re.compile("[他她它](?=的)")
_EN_FOR = re.compile(r" for (?:him|her|them)$", re.IGNORECASE)
_ZH_THEIR = re.compile("[他她它]们?的")
_ZH_BARE = re.compile(
    "^(?:请|帮我|给我|替我|你)*(?:把(?:它|他)?)?(?P<verb>[开关锁停放拉合]|打开|关闭|关掉|关上|暂停|停止|锁上|拉上|合上"
    "|锁好|停掉)(?:一下|一|掉|上|了|好|吧|它)*$"
)
_ZH_VERBS = {"锁": "锁上", "关": "关上", "开": "打开", "停": "停止", "拉": "拉上", "合": "关上"}


def read_if(
    words: str,
    language: str,
    read: Read,
    world: World,
    area: str | None,
    at: datetime | None = None,
) -> Body:
    """Return the plan for the plain `words`, which may name a condition, said `at` that moment.

    True: what is to be done then, false: words that say so, or what is to be done otherwise.
    """
    both = _each(words, language, read, world, area, at)
    if both is not None:
        return both
    found = tuple(splits(words, language))
    if not found:
        return read(words, area)
    judge = _Judge(language, read, world, area, at)
    for split in found:
        body = judge.decided(split)
        if body is not None:
            return body
    if _OPENS.match(words):
        return Unknown(Gap.NOT_UNDERSTOOD)
    whole = read(words, area)
    # Whatever else the words say, they do not say that it is to be done in any case.
    calls = whole.calls if isinstance(whole, Calls) else ()
    if "的话" in words and any(call.capability == "home.get_states" for call in calls):
        return Unknown(Gap.NOT_UNDERSTOOD)
    # "风扇吹十分钟就关" has a 就 and no condition.
    planned = all(each.open for each in found) and any(call.capability == ADD for call in calls)
    return Unknown(Gap.NOT_UNDERSTOOD) if moves(whole) and not planned else whole


def _each(
    words: str, language: str, read: Read, world: World, area: str | None, at: datetime | None
) -> Body | None:
    """Return the plan of two sentences with a condition each, None when these are not two."""
    seam = _AND_IF.search(words) if _OPENS.match(words) else None
    if seam is None:
        return None
    halves = (words[: seam.start()], words[seam.end() :])
    bodies = [read_if(half, language, read, world, area, at) for half in halves]
    if any(not isinstance(body, Calls | Words) for body in bodies):
        return None
    calls = [call for body in bodies if isinstance(body, Calls) for call in body.calls]
    if not calls:
        return bodies[0]
    if any(call.needs for call in calls):
        return None
    return Calls(tuple(replace(call, id=f"c{n}") for n, call in enumerate(calls, start=1)))


@dataclass(frozen=True)
class _Judge:
    language: str
    read: Read
    world: World
    area: str | None
    at: datetime | None

    def decided(self, split: Split) -> Body | None:
        """Return what the sentence comes to, None when it cannot be parted in this way."""
        if _EN_ALREADY.match(split.condition):
            return self.read(split.then, self.area)
        tell = _EN_TELL.match(split.then) or _ZH_TELL.match(split.then)
        for fact in self.facts_of(split):
            if tell:
                return Words(
                    phrase(self.language, "conditions", "because").format(said=capital(fact.said))
                )
            then = self.consequent(split.then, fact)
            if isinstance(then, Unknown):
                continue
            if fact.holds != split.unless:
                return self.because(then, fact)
            if fact.coming and split.open and not split.otherwise:
                return None
            if split.otherwise:
                return self.because(self.instead(split.otherwise, then, fact), fact)
            said = capital(fact.said)
            return Words(phrase(self.language, "conditions", "otherwise").format(said=said))
        return None

    def facts_of(self, split: Split) -> Iterator[Fact]:
        """Yield what the condition may come to, of one clause or of two joined ones."""
        yield from self.of_clause(split.condition, split)
        primary = self.language_of(split).partition("-")[0]
        condition = _EN_EITHER.sub("", split.condition)
        for joint in _BOTH[primary].finditer(condition) if primary in _BOTH else ():
            left, right = condition[: joint.start()], condition[joint.end() :]
            shared = _PREDICATE[primary].search(right)
            lefts = (left, left + shared[0]) if shared is not None else (left,)
            one = next((f for text in lefts for f in self.of_clause(text, split)), None)
            other = next(self.of_clause(right, split), None) if one is not None else None
            if one is not None and other is not None:
                yield _joined(one, other, joint["word"].casefold() in _ANY)

    def of_clause(self, text: str, split: Split) -> Iterator[Fact]:
        """Yield what `text`, one clause, may come to."""
        language = self.language_of(split)
        for tell in (sky, partial(ahead, at=self.at)):
            seen = tell(text, language, self.world)
            if seen is not None:
                yield Fact(*seen, placed=False)
        low = sun(text, language, self.world)
        if low is not None:
            yield Fact(*low, placed=False, coming=not low[0])
        time = moment(text, language, self.at)
        if time is not None and low is None:
            yield Fact(time.holds, time.said, (), placed=False, coming=time.coming)
        for clause in read_clause(text, self.language_of(split)):
            pointing = bool(_EN_THAT.match(clause.subject))
            fact = self.of_then(clause, split) if pointing else None
            fact = fact or facts(clause, self.language, self.world, self.area)
            if fact is not None:
                yield fact

    def instead(self, text: str, then: Body, fact: Fact) -> Body:
        """Understand what is to be done otherwise; it may leave out the verb of `then`."""
        text = self.repeated(text, then)
        body = self.consequent(text, fact)
        services = {c.capability for c in then.calls} if isinstance(then, Calls) else set[str]()
        verbs = {service.partition(".")[2] for service in services}
        forms = table_of(self.language, "verbs_again")
        if isinstance(body, Unknown) and len(verbs) == 1 and (form := forms.get(min(verbs))):
            return self.read(str(form).format(things=text), self.area)
        return body

    def repeated(self, text: str, then: Body) -> str:
        """Return `text` with the name of what `then` is done to: "close it, else open it"."""
        entities = by_id(self.world, _named(then))
        said = self.spelled_out(text, entities[0]) if len(entities) == 1 else (text,)
        return said[0]

    def language_of(self, split: Split) -> str:
        """Return the language of the clause: with a Chinese name it may still be English."""
        return "en" if re.search("[a-z]+ [a-z]+", split.condition) else self.language

    def of_then(self, clause: Clause, split: Split) -> Fact | None:
        """Take "it" for what is acted on: "close the blind if it is open"."""
        body = self.read(split.then, self.area)
        if not isinstance(body, Calls):
            return None
        entities = by_id(self.world, _named(body))
        fact = of_entities(clause, entities, self.language)
        areas = {entity.area for entity in entities}
        if fact is not None or len(areas) != 1 or None in areas:
            return fact
        there = next(a for a in self.world.areas if a.id in areas)
        return facts(replace(clause, subject=there.name), self.language, self.world, self.area)

    def consequent(self, text: str, fact: Fact) -> Body:
        """Understand what is to be done; "it" and "there" are what the condition is about."""
        entity = fact.entities[0] if fact.entities else None
        where = entity.area if entity is not None and fact.placed else None
        last: Body = Unknown(Gap.NOT_UNDERSTOOD)
        for said in dict.fromkeys(self.spelled_out(text, entity)):
            for area in dict.fromkeys((where or self.area, self.area)):
                last = self.read(said, area)
                if moves(last) or not isinstance(last, Unknown):
                    return last
        return last

    def spelled_out(self, text: str, entity: Entity | None) -> Sequence[str]:
        """Return `text` with names instead of what points at the condition's subject."""
        if entity is None:
            return (text,)
        name = spoken_name(entity, self.language)
        places = [spoken_name(a, self.language) for a in self.world.areas if a.id == entity.area]
        if self.language.partition("-")[0] == "zh" and not re.search("[a-z]+ [a-z]+", text):
            bare = _ZH_BARE.match(text)
            if bare is not None:
                return (f"把{name}{_ZH_VERBS.get(bare['verb'], bare['verb'])}",)
            text = _ZH_OWN.sub(name, text) if entity.domain == "person" else text
            there = _ZH_THERE.sub(places[0], text) if places else text
            there = _ZH_THEIR.sub(f"{places[0]}的", there) if places else there
            return (_ZH_IT.sub(name, there), text.replace("就", "", 1))
        text = _EN_FOR.sub("", text)
        if _EN_IT.search(text):
            return (_EN_IT.sub(f"the {name}", text),)
        if places and _EN_ITS.search(text):
            return (_EN_ITS.sub(f"the {places[0]}", text),)
        if places and _EN_THERE.search(text):
            return (_EN_THERE.sub(f"in the {places[0]}", text),)
        return (text,)

    def because(self, body: Body, fact: Fact) -> Body:
        """Keep in the first Call why it is made."""
        if not isinstance(body, Calls) or not body.calls:
            return body
        first, *others = body.calls
        slots = {**first.meaning.slots, BECAUSE: fact.said}
        first = replace(first, meaning=replace(first.meaning, slots=slots))
        return replace(body, calls=(first, *others))


def _joined(one: Fact, other: Fact, either: bool) -> Fact:
    """Return what two facts come to: both of them, or `either`; said is the one that decides."""
    holds = (one.holds or other.holds) if either else (one.holds and other.holds)
    telling = [fact for fact in (one, other) if fact.holds == holds]
    said = ". ".join(fact.said for fact in telling[: 1 if holds == either else 2])
    return Fact(holds, said, one.entities, one.placed)


def _named(body: Body) -> list[str]:
    """Return the ids of what `body` does something to."""
    calls = body.calls if isinstance(body, Calls) else ()
    return list(dict.fromkeys(name for call in calls for name in entity_ids(call)))
