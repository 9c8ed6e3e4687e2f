"""What every stage makes of a sentence, and what would be done: for its owner and its developer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from steward.plan.cascade import THRESHOLD
from steward.plan.dialogue.conversation import by_ids
from steward.plan.dialogue.cues import cues
from steward.plan.language.text import plain
from steward.plan.parts.atoms import Thing, Token, things, tokens
from steward.plan.reply.names import spoken_name
from steward.plan.reply.wording import joined
from steward.plan.risk import Rules, hold, risk_of
from steward.plan.templates.acts import entity_ids
from steward.plan.templates.grammar import Grammar
from steward.plan.templates.split import Part
from steward.plan.tools.sentences import NO_TOOLS, Tools
from steward.plan.understand import Turn, Way, read_whole, ways
from steward.thinking import Reader
from steward.types import Call, Calls, Json, Plan, Question, Risk, Unknown, Utterance, World

MAX_CANDIDATES = 8
"""Entities that are shown for a stretch of a sentence; the rest are only counted."""


@dataclass(frozen=True)
class Deed:
    """A Call that would be carried out, with the names of the things that it is for."""

    capability: str
    entities: tuple[str, ...]
    names: tuple[str, ...]
    arguments: Mapping[str, Json]
    risk: Risk


@dataclass(frozen=True)
class Candidate:
    """An entity that words of a stretch fit; `wholly` when one of its names is all said."""

    id: str
    name: str
    words: tuple[str, ...]
    wholly: bool


@dataclass(frozen=True)
class View:
    """What one way to read makes of one stretch: its deeds, or the `gap` and what it is `about`.

    `intents` are the readings it had to choose from, the best first.
    """

    stage: str
    deeds: tuple[Deed, ...]
    confidence: float
    gap: str = ""
    about: str = ""
    intents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """A part of the sentence that is read by itself, its words, candidates, and each view of it.

    `chosen` is the stage whose view counts, empty when nobody understood. `words` tells of each
    word what it can be; one that nobody knows has no senses and no concepts.
    """

    text: str
    chosen: str
    words: tuple[tuple[str, tuple[str, ...]], ...]
    candidates: tuple[Candidate, ...]
    others: int
    views: tuple[View, ...]


@dataclass(frozen=True)
class Asked:
    """What a stage of the cascade answered: its plan's kind and confidence."""

    stage: str
    kind: str
    confidence: float
    gap: str = ""


@dataclass(frozen=True)
class Explanation:
    """A sentence and all that is thought about it.

    `summary` and `reason` are for the owner, in the language of the sentence. `leans` tells how its
    words may lean on turns before, `threshold` what confidence a plan needs, `unasked` which stages
    would be asked next.
    """

    text: str
    language: str
    plain: str
    summary: str
    reason: str
    kind: str
    stage: str
    confidence: float
    threshold: float
    deeds: tuple[Deed, ...]
    stages: tuple[Asked, ...]
    leans: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    unasked: tuple[str, ...] = ()


def explain(
    utterance: Utterance,
    world: World,
    capabilities: Collection[str],
    grammar: Grammar,
    rules: Rules,
    asked: Sequence[Plan],
    chosen: Plan,
    reader: Reader | None = None,
    tools: Tools = NO_TOOLS,
) -> Explanation:
    """Return what is thought about `utterance`, of which nothing is done.

    `asked` are the plans of the stages that were asked, in order, and `chosen` what the cascade
    settled on.
    """
    alone, turn = read_whole(utterance, world, capabilities, grammar, reader, tools)
    held = hold(chosen, world, rules)
    body = held.body
    calls = body.calls if isinstance(body, Calls | Question) else ()
    deeds = tuple(_deed(call, world, rules, held.language) for call in calls)
    language = alone.language
    return Explanation(
        text=utterance.text,
        language=language,
        plain=plain(utterance.text, language),
        summary=_summary(held, deeds),
        reason=_reason(held),
        kind=body.kind,
        stage=held.stage,
        confidence=held.confidence,
        threshold=THRESHOLD,
        deeds=deeds,
        stages=tuple(
            Asked(
                plan.stage,
                plan.body.kind,
                plan.confidence,
                plan.body.gap.value if isinstance(plan.body, Unknown) else "",
            )
            for plan in asked
        ),
        leans=tuple(dict.fromkeys(cue.kind for cue in cues(utterance.text, language))),
        stretches=_stretches(utterance, turn, rules),
    )


def _stretches(utterance: Utterance, turn: Turn, rules: Rules) -> tuple[Stretch, ...]:
    """Look at each stretch that was understood, or at the whole sentence."""
    chosen: dict[str, str] = {part.text: part.stage for part in turn.parts}
    whole = plain(utterance.text, turn.language)
    by_stage = ways(turn)
    pool = things(turn.world)
    return tuple(
        _stretch(text, stage, turn, by_stage, pool, rules)
        for text, stage in (chosen or {whole: ""}).items()
        if text
    )


def _stretch(
    text: str,
    stage: str,
    turn: Turn,
    by_stage: Mapping[str, Way],
    pool: Sequence[Thing],
    rules: Rules,
) -> Stretch:
    said = tokens(text, turn.world)
    found = _candidates(said, pool, turn.language)
    words = tuple((word.text, _known(word)) for word in said)
    views = tuple(_view(name, way, text, turn, rules) for name, way in by_stage.items())
    rest = max(0, len(found) - MAX_CANDIDATES)
    return Stretch(text, stage, words, found[:MAX_CANDIDATES], rest, views)


def _known(word: Token) -> tuple[str, ...]:
    senses = tuple(f"{sense}: {value}" for sense, value in sorted(word.senses.items()) if value)
    return (*senses, *(f"names: {atom}" for atom in sorted(word.atoms)))


def _candidates(
    said: Sequence[Token], pool: Sequence[Thing], language: str
) -> tuple[Candidate, ...]:
    """Return the entities that words of a stretch may be said of, those that fit best first."""
    atoms = frozenset(atom for token in said for atom in token.atoms)
    ranked = []
    for thing in pool:
        common = atoms & (thing.all | thing.wide)
        if common:
            wholly = any(name and name <= atoms for name in thing.names)
            ranked.append((-wholly, -len(common), thing.entity.id, thing, common))
    return tuple(
        Candidate(
            key, spoken_name(thing.entity, language), tuple(sorted(common)), wholly=bool(wholly)
        )
        for wholly, _, key, thing, common in sorted(ranked, key=lambda each: each[:3])
    )


def _view(stage: str, way: Way, text: str, turn: Turn, rules: Rules) -> View:
    found = way(text)
    intents: tuple[str, ...] = ()
    if stage == "grammar":
        matches = turn.grammar.matches(text, turn.language, turn.world, turn.area)
        intents = tuple(dict.fromkeys(match.intent for match in matches))
    if isinstance(found, Unknown):
        return View(stage, (), 0.0, found.gap.value, found.about, intents)
    return View(stage, _deeds(found, turn, rules), found.confidence, intents=intents)


def _deeds(part: Part, turn: Turn, rules: Rules) -> tuple[Deed, ...]:
    calls = [Call("", draft.capability, meaning, draft.arguments) for draft, meaning in part.steps]
    return tuple(_deed(call, turn.world, rules, turn.language) for call in calls)


def _deed(call: Call, world: World, rules: Rules, language: str) -> Deed:
    ids = entity_ids(call)
    names = tuple(spoken_name(entity, language) for entity in by_ids(world, ids))
    rest = {key: value for key, value in call.arguments.items() if key != "entity_id"}
    return Deed(call.capability, ids, names, rest, risk_of(call, world, rules))


def _summary(plan: Plan, deeds: Sequence[Deed]) -> str:
    say = _SAY["zh" if plan.language.partition("-")[0] == "zh" else "en"]
    body = plan.body
    if isinstance(body, Calls):
        return say["calls"].format(deeds=_told(plan, deeds))
    if isinstance(body, Question):
        return say["question"].format(text=body.text, deeds=_told(plan, deeds))
    if isinstance(body, Unknown):
        return say["unknown"]
    return say["words"].format(text=body.text)


def _told(plan: Plan, deeds: Sequence[Deed]) -> str:
    told = []
    for deed in deeds:
        domain, _, service = deed.capability.partition(".")
        words = service.replace("_", " ") if deed.names else f"{domain} {service.replace('_', ' ')}"
        values = ", ".join(f"{key} {value}" for key, value in deed.arguments.items())
        names = joined(plan.language, list(deed.names))
        told.append(" ".join(filter(None, (words, names, f"({values})" if values else ""))))
    return "; ".join(told)


def _reason(plan: Plan) -> str:
    say = _SAY["zh" if plan.language.partition("-")[0] == "zh" else "en"]
    if isinstance(plan.body, Unknown):
        reason = say[f"gap {plan.body.gap.value}"]
        return f"{reason}: {plan.body.about}" if plan.body.about else reason
    stage = say.get(f"stage {plan.stage}", plan.stage)
    return say["because"].format(stage=stage, sure=round(100 * plan.confidence))


_SAY: Mapping[str, Mapping[str, str]] = {
    "en": {
        "calls": "I would do this: {deeds}.",
        "question": "I would ask first: “{text}” After a yes: {deeds}.",
        "words": "I would only answer: “{text}”",
        "unknown": "I would do nothing and say that I did not understand.",
        "because": "{stage}; {sure} % sure.",
        "stage grammar": "The sentence fits a pattern that I know for certain",
        "stage parts": "No pattern fits, but I know every word",
        "stage routines": "It announces a scene or script of this home",
        "stage reader": "The trained reader understands what is wanted, the home says of what",
        "stage context": "It leans on what was said before",
        "stage owner": "You taught me this",
        "stage smalltalk": "It is small talk, not a request",
        "gap not_understood": "No stage is sure of what is wanted",
        "gap no_such_area": "There is no such area here",
        "gap no_such_device": "There is no such thing here",
        "gap ambiguous": "It could be said of several things",
        "gap unsupported": "What it is about cannot do this",
        "gap nothing_heard": "There are no words in it",
    },
    "zh": {
        "calls": "我会这样做：{deeds}。",
        "question": "我会先问：“{text}”得到同意后：{deeds}。",
        "words": "我只会回答：“{text}”",
        "unknown": "我什么也不会做，只会说没听懂。",
        "because": "{stage}，把握{sure}%。",
        "stage grammar": "这句话符合一个确定的句型",
        "stage parts": "没有符合的句型，但每个词我都认识",
        "stage routines": "它说的是家里的一个场景或脚本",
        "stage reader": "训练过的阅读器明白想做什么，家里有什么决定了对什么做",
        "stage context": "它接着前面说的话",
        "stage owner": "这是您教我的",
        "stage smalltalk": "这是闲聊，不是要求",
        "gap not_understood": "没有哪一步有把握知道想做什么",
        "gap no_such_area": "家里没有这个区域",
        "gap no_such_device": "家里没有这个东西",
        "gap ambiguous": "可能指好几样东西",
        "gap unsupported": "它做不了这件事",
        "gap nothing_heard": "里面没有话",
    },
}
