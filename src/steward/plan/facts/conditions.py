"""Commands under a condition: "if the nursery is below 20, turn on the lamp", "门没锁就锁上".

The condition is decided once, by the home as it is. What cannot be decided is not understood, and
then nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from steward.plan.facts.facts import Clause, Fact, facts, of_entities, read_clause
from steward.plan.facts.sky import sky
from steward.plan.reply.names import spoken_name
from steward.plan.reply.wording import by_id, capital
from steward.plan.reply.words import phrase, table_of
from steward.plan.timing.later import Body, moves
from steward.types import Calls, Entity, Gap, Unknown, Words, World

Read: TypeAlias = Callable[[str, str | None], Body]
"""Understands a plain sentence without a condition, heard in the area with that id, or None."""

BECAUSE = "because"
"""The slot of a Meaning that says why something was done."""


@dataclass(frozen=True)
class Split:
    """A sentence in its parts; `unless` turns the condition round."""

    condition: str
    then: str
    otherwise: str = ""
    unless: bool = False


_EN_MARKS = r"(?:only )?if|unless|when|whenever|as long as|provided(?: that)?|in case|assuming"
_EN_FIRST = re.compile(
    rf"^(?:(?:and|so|please|ok|okay|hey)[, ]+)*(?P<mark>{_EN_MARKS}) (?P<rest>.+)$", re.IGNORECASE
)
_OPENS = re.compile(
    r"^(?:if|unless|as long as|provided|in case|assuming)\b"
    "|^(?:如果|要是|假如|假设|倘若|万一|除非)",
    re.IGNORECASE,
)
"""How a sentence begins that is nothing but a condition and what follows from it."""
_EN_LAST = re.compile(
    rf"^(?P<then>.+?),? (?:but )?(?P<mark>{_EN_MARKS}) (?P<condition>.+)$", re.IGNORECASE
)
_EN_SHOULD = re.compile(r"^should (?P<subject>it|the [\w' ]+?) be (?P<rest>.+)$", re.IGNORECASE)
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
_EN_ASKED = re.compile(r"^(?P<condition>[^?]+)\? (?:then )?(?P<then>.+)$", re.IGNORECASE)
_EN_ELSE = re.compile(
    r"(?:[,;.]? (?:otherwise|or else|if not)|[,;.] else| else),? (?P<otherwise>.+)$", re.IGNORECASE
)
_EN_SEAM = re.compile(r"^(?:[,;]? ?(?:then )|[,;] ?| )", re.IGNORECASE)
_EN_ALREADY = re.compile(
    r"^(?:it|they|that) ?(?:'s|'re|is|are)?(?: not|n'?t)(?: (?:already|yet))?$", re.IGNORECASE
)
_EN_IT = re.compile(r"\b(?:it|them|that one)\b", re.IGNORECASE)
_EN_ITS = re.compile(r"\b(?:its|their)\b", re.IGNORECASE)
_EN_THERE = re.compile(r"\bthere\b", re.IGNORECASE)
_EN_OWNER = re.compile(r"\b(?:his|her|their)\b", re.IGNORECASE)
_EN_OF = re.compile(r"\b(\w+'s)\b")
_EN_THAT = re.compile(r"^(?:it|they|that|the room|this)$", re.IGNORECASE)

_ZH_MARK = re.compile("如果|要是|假如|假设|倘若|万一|若是|只要")
_ZH_LAST = re.compile(
    "^(?P<then>.+?)(?:[,，]|(?=.{3,}的话$))(?:如果|要是|假如|除非)(?P<condition>.+?)(?:的话)?$"
)
_ZH_ELSE = re.compile(
    "[,，;；。]?(?:否则|不然的话|要不然|不然|要不|(?:不在|不是|没有)(?=的话))的?话?[,，]?就?(?P<otherwise>.+)$"
)
_ZH_SEAM = re.compile(
    "^(?P<if>的话|的时候|时候)?[,，、;；]?(?P<then>(?:那么|那|就|便|请|你)*)[,，]?"
)
_ZH_THERE = re.compile("那里|那边|那儿|里面")
_ZH_IT = re.compile("它们?|那个")
_ZH_BARE = re.compile(
    "^(?:请|帮我|给我|替我|你)*(?:把(?:它|他)?)?(?P<verb>[开关锁停放拉合]|打开|关闭|关掉|关上|暂停|停止|锁上|拉上|合上"
    "|锁好|停掉)(?:一下|一|掉|上|了|好|吧|它)*$"
)
_ZH_VERBS = {"锁": "锁上", "关": "关上", "开": "打开", "停": "停止", "拉": "拉上", "合": "关上"}
MAX_TRIES = 40
"""Longest conditions tried; each word of a sentence may be the end of one."""


def read_if(words: str, language: str, read: Read, world: World, area: str | None) -> Body:
    """Return the plan for the plain `words`, which may name a condition.

    True: what is to be done then, false: words that say so, or what is to be done otherwise.
    """
    splits = tuple(_splits(words, language))
    if not splits:
        return read(words, area)
    judge = _Judge(language, read, world, area)
    for split in splits:
        body = judge.decided(split)
        if body is not None:
            return body
    if _OPENS.match(words):
        return Unknown(Gap.NOT_UNDERSTOOD)
    whole = read(words, area)
    # Whatever else the words say, they do not say that it is to be done in any case.
    return Unknown(Gap.NOT_UNDERSTOOD) if moves(whole) else whole


def _splits(words: str, language: str) -> Iterator[Split]:
    primary = language.partition("-")[0]
    if primary == "zh" and not re.search("[a-z]+ [a-z]+ [a-z]+", words):
        yield from _chinese(words)
    elif primary in ("en", "zh"):
        yield from _english(words)


def _english(words: str) -> Iterator[Split]:
    should = _EN_SHOULD.match(words)
    if should is not None:
        words = f"if {should['subject']} is {should['rest']}"
    first = _EN_FIRST.match(words)
    if first is not None:
        unless = first["mark"].casefold() == "unless"
        rest, otherwise = _parted(first["rest"], _EN_ELSE)
        for condition, then in _ends(rest):
            owner = _EN_OF.search(condition)
            then = _EN_OWNER.sub(owner[1], then) if owner is not None else then
            yield Split(condition, then, otherwise, unless)
        return
    last = _EN_LAST.match(words)
    if last is not None:
        condition, otherwise = _parted(last["condition"], _EN_ELSE)
        unless = last["mark"].casefold() == "unless"
        owner = _EN_OF.search(last["then"])
        if owner is not None:
            condition = _EN_OWNER.sub(owner[1], condition)
        yield Split(condition, last["then"], otherwise, unless)
    asked = _EN_ASKED.match(words)
    if asked is not None:
        yield Split(asked["condition"], asked["then"])


def _parted(text: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    match = pattern.search(text)
    return (text, "") if match is None else (text[: match.start()], match["otherwise"])


def _ends(rest: str) -> Iterator[tuple[str, str]]:
    """Yield the conditions that `rest` may begin with, the longest first, and what follows."""
    gaps = [hit.start() for hit in re.finditer(r"[,;]? ", rest)]
    for gap in gaps[: -MAX_TRIES - 1 : -1]:
        yield rest[:gap], _EN_SEAM.sub("", rest[gap:], count=1).strip()


def _chinese(words: str) -> Iterator[Split]:
    last = _ZH_LAST.match(words)
    if last is not None:
        yield Split(last["condition"], last["then"], "", "除非" in words)
    text, marks = _ZH_MARK.subn("", words, count=1)
    text, otherwise = _parted(text, _ZH_ELSE)
    for end in range(min(len(text) - 1, MAX_TRIES), 1, -1):
        seam = _ZH_SEAM.match(text[end:])
        then = text[end + seam.end() :] if seam is not None else ""
        if seam is not None and then and (marks or seam["if"] or "就" in seam["then"]):
            yield Split(text[:end].strip(" ,，"), then, otherwise)


@dataclass(frozen=True)
class _Judge:
    language: str
    read: Read
    world: World
    area: str | None

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
        seen = sky(text, self.language, self.world)
        if seen is not None:
            yield Fact(*seen, placed=False)
        for clause in read_clause(text, self.language_of(split)):
            pointing = bool(_EN_THAT.match(clause.subject))
            fact = self.of_then(clause, split) if pointing else None
            fact = fact or facts(clause, self.language, self.world, self.area)
            if fact is not None:
                yield fact

    def instead(self, text: str, then: Body, fact: Fact) -> Body:
        """Understand what is to be done otherwise; it may leave out the verb of `then`."""
        body = self.consequent(text, fact)
        services = {c.capability for c in then.calls} if isinstance(then, Calls) else set[str]()
        verbs = {service.partition(".")[2] for service in services}
        forms = table_of(self.language, "verbs_again")
        if isinstance(body, Unknown) and len(verbs) == 1 and (form := forms.get(min(verbs))):
            return self.read(str(form).format(things=text), self.area)
        return body

    def language_of(self, split: Split) -> str:
        """Return the language of the clause: with a Chinese name it may still be English."""
        return "en" if re.search("[a-z]+ [a-z]+", split.condition) else self.language

    def of_then(self, clause: Clause, split: Split) -> Fact | None:
        """Take "it" for what is acted on: "close the blind if it is open"."""
        body = self.read(split.then, self.area)
        if not isinstance(body, Calls):
            return None
        ids = [name for call in body.calls for name in _ids(call.arguments.get("entity_id"))]
        entities = by_id(self.world, list(dict.fromkeys(ids)))
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
            there = _ZH_THERE.sub(places[0], text) if places else text
            return (_ZH_IT.sub(name, there), text.replace("就", "", 1))
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


def _ids(value: object) -> Sequence[str]:
    return [str(name) for name in value] if isinstance(value, list | tuple) else []
