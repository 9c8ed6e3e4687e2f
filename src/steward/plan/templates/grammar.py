"""Matching a sentence against the templates of a language and the names of this home."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from hassil.expression import TextChunk
from hassil.intents import Intent, Intents, SlotList, TextSlotList, TextSlotValue
from hassil.recognize import RecognizeResult, recognize_all
from hassil.util import remove_skip_words

from steward.plan.language.text import HAN, languages_of, plain
from steward.plan.templates.packaged import Packaged, Template, code_of, packaged
from steward.types import Json, World

UNKNOWN_AREA = "?"
"""Area slot of a sentence about "here" when nobody knows where that is. No area has this id."""

MAX_CHARACTERS = 1000
"""Longer texts are not tried: no command is as long, and the time to match grows with them."""

MAX_MATCHES = 64
"""A sentence with more readings than this is not read to the end; the best come early enough."""

_TYPE_WORDS = {
    "lock": (" door lock", " lock", "门锁", "锁", " schloss"),
}
"""Endings that a name may lose in a sentence that only fits its domain ("is the front door
locked" where the lock is called "Front Door Lock")."""
_KEPT = {" door lock": " door", "门锁": "门"}
_NAMED = "name"
_HAN = re.compile(f"[{HAN}]")
_EDGES = (rf"(?<![^\W{HAN}])", rf"(?![^\W{HAN}])")
_ASKING = re.compile("[吗么没呢哪几谁]|是不是|是否|多少|什么|有无|怎|状态|不[开关锁亮]|如何")


@dataclass(frozen=True)
class Match:
    """One reading of a text. `slots` holds ids, numbers and words by slot, `texts` the words said.

    `name` slots are entity ids, `area` and `floor` slots ids of these. `guesses` are the slots that
    a wildcard filled, `spans` where in the plain text each slot was said, `loose` tells that the
    name was said in a short form. `bare` means that nothing but names was said, `doubtful` that
    a question lacks its mark: in Chinese "the sprinkler open" is rather a command.
    """

    intent: str
    response: str
    slots: Mapping[str, Json]
    texts: Mapping[str, str]
    guesses: frozenset[str] = frozenset()
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    chunks: int = 0
    loose: bool = False
    bare: bool = False
    doubtful: bool = False

    @property
    def rank(self) -> tuple[object, ...]:
        """Sort key: fewer and shorter wildcards, a known name, the longer one, more literal text.

        The rest makes the order total, so that it does not depend on that of the entities.
        """
        named = 2 if self.loose else 0 if _NAMED in self.texts else 1
        guessed = sum(len(self.texts.get(slot, "")) for slot in self.guesses)
        return (
            self.intent.startswith("StewardNo"),
            self.doubtful,
            len(self.guesses),
            guessed,
            named,
            -len(self.texts.get(_NAMED, "")),
            -self.chunks,
            self.intent,
            self.response,
            sorted((slot, str(value)) for slot, value in self.slots.items()),
        )


@dataclass(frozen=True)
class _Name:
    folded: str
    slot: str
    value: TextSlotValue
    domain: str | None = None


class Grammar:
    """The grammars of all languages that hassil has, loaded when first used.

    `languages` are tried, in order, on text whose language nobody knows.
    """

    def __init__(self, languages: Sequence[str] = ("en", "zh")) -> None:
        self.languages = tuple(languages)

    def warm(self) -> None:
        """Load the grammars of the configured languages (about half a second each)."""
        for language in self.languages:
            self.matches("?", language, World())

    def candidates(self, text: str, language: str | None) -> tuple[str, ...]:
        """Return the languages that `text` may be in, likeliest first."""
        return languages_of(text, language, self.languages)

    def knows(self, language: str) -> bool:
        """Tell whether there is a grammar for `language`."""
        return code_of(language) is not None

    def matches(
        self, text: str, language: str, world: World, area: str | None = None
    ) -> tuple[Match, ...]:
        """Return every reading of `text`, which is `plain` already, the best first.

        `area` is the id of the area that "here" means.
        """
        code = code_of(language)
        if code is None or not text.strip() or len(text) > MAX_CHARACTERS:
            return ()
        grammar = packaged(code)
        folded = text.casefold()
        names = [name for name in _names(world, language) if name.folded in folded]
        context = {"area": area or UNKNOWN_AREA}
        # Words that fit any place are looked at only when nothing fits exactly: it is slower, and
        # an exact reading would come first anyway.
        for wild in (False, True):
            fitting = _fitting(grammar, folded, names, wild)
            found = _read(text, fitting, _lists(names), context, code)
            if found:
                break
        return tuple(sorted(found, key=lambda match: match.rank))

    def mentions(self, text: str, language: str, world: World) -> tuple[tuple[int, int], ...]:
        """Return where in the plain `text` names of this home stand, longest names first served."""
        folded = text.casefold()
        spans: list[tuple[int, int]] = []
        names = {name.folded for name in _names(world, language) if name.folded in folded}
        for name in sorted(names, key=lambda name: (-len(name), name)):
            # Beside a Chinese character a Latin word ends without a space.
            before, after = ("", "") if _HAN.search(name) else _EDGES
            for hit in re.finditer(before + re.escape(name) + after, folded):
                if all(hit.end() <= start or end <= hit.start() for start, end in spans):
                    spans.append(hit.span())
        return tuple(sorted(spans))


def _read(
    text: str,
    intents: Intents,
    lists: dict[str, SlotList],
    context: dict[str, str],
    code: str,
) -> list[Match]:
    results = recognize_all(text, intents, slot_lists=lists, intent_context=context, language=code)
    found: dict[tuple[str, str, str], Match] = {}
    for result in islice(results, MAX_MATCHES):
        match = _match(result, text)
        if _points(match):
            continue
        slots = str(sorted(match.slots.items(), key=str))
        found.setdefault((match.intent, match.response, slots), match)
    return list(found.values())


def _match(result: RecognizeResult, text: str) -> Match:
    entities = result.entities
    spans = {name: entity.text_span for name, entity in entities.items() if entity.text_span}
    rest = text
    for start, end in sorted(spans.values(), reverse=True):
        rest = rest[:start] + " " + rest[end:]
    return Match(
        intent=result.intent.name,
        response=result.response or "default",
        slots={
            # Of free words the matcher drops the commas, which part the items of a list.
            name: text[slice(*entity.text_span)].strip()
            if entity.is_wildcard and entity.text_span
            else entity.value
            for name, entity in entities.items()
        },
        texts={name: entity.text_clean for name, entity in entities.items() if entity.text_clean},
        guesses=frozenset(name for name, entity in entities.items() if entity.is_wildcard),
        spans=spans,
        chunks=result.text_chunks_matched,
        loose=any((entity.metadata or {}).get("loose") for entity in entities.values()),
        bare=_NAMED in entities and _is_bare(rest),
        doubtful=result.intent.name == "HassGetState"
        and bool(_HAN.search(text))
        and not _ASKING.search(text),
    )


def _points(match: Match) -> bool:
    """Tell whether a number is only the "one" of "the snug one", right after a name or a place."""
    ends = {match.spans[slot][1] for slot in (_NAMED, "area", "floor") if slot in match.spans}
    return any(
        text == "one" and slot in match.spans and match.spans[slot][0] - 1 in ends
        for slot, text in match.texts.items()
    )


def _is_bare(rest: str) -> bool:
    """Tell whether the words besides the names are at most an article."""
    words = rest.split()
    if any(_HAN.search(word) for word in words):
        return False
    return len(words) <= 1 and all(len(word) <= 3 for word in words)


def _fitting(grammar: Packaged, folded: str, names: Sequence[_Name], wild: bool) -> Intents:
    """Return the templates that can match at all; the others would only cost time."""
    skipped = remove_skip_words(
        folded, grammar.intents.skip_words, grammar.intents.settings.ignore_whitespace
    )
    haystack = f"{folded}\n{skipped}\n{folded.replace(' ', '')}"
    slots = {name.slot for name in names}
    domains = {name.domain for name in names}
    present = {fragment for fragment in grammar.fragments if fragment in haystack}

    def fits(template: Template) -> bool:
        if not template.named <= slots:
            return False
        for clause in template.fragments:
            if clause.isdisjoint(present):
                return False
        return (
            _NAMED not in template.named
            or template.domains is None
            or not template.domains.isdisjoint(domains)
        )

    chosen: dict[str, Intent] = {}
    for template in grammar.wild if wild else grammar.exact:
        if fits(template):
            chosen.setdefault(template.intent, Intent(template.intent)).data.append(template.data)
    whole = grammar.intents
    return Intents(
        language=whole.language,
        intents=chosen,
        slot_lists=whole.slot_lists,
        expansion_rules=whole.expansion_rules,
        skip_words=whole.skip_words,
        settings=whole.settings,
    )


def _lists(names: Iterable[_Name]) -> dict[str, SlotList]:
    values: dict[str, list[TextSlotValue]] = {"name": [], "area": [], "floor": []}
    for name in names:
        values[name.slot].append(name.value)
    return {slot: TextSlotList(name=slot, values=listed) for slot, listed in values.items()}


def _names(world: World, language: str) -> tuple[_Name, ...]:
    """Return the names of `world` as slot values; made anew only when a name changed."""
    return _indexed(
        tuple((floor.id, floor.name, floor.aliases) for floor in world.floors),
        tuple((area.id, area.name, area.aliases) for area in world.areas),
        tuple(
            (e.id, e.name, e.aliases, e.area, e.attributes.get("device_class"))
            for e in world.entities
        ),
        language.partition("-")[0],
    )


@lru_cache(maxsize=16)
def _indexed(
    floors: tuple[tuple[str, str, tuple[str, ...]], ...],
    areas: tuple[tuple[str, str, tuple[str, ...]], ...],
    entities: tuple[tuple[str, str, tuple[str, ...], str | None, Json], ...],
    language: str,
) -> tuple[_Name, ...]:
    index: dict[tuple[str, str, str], _Name] = {}
    area_words: dict[str, list[str]] = {}

    def add(
        slot: str, words: str, value: str, context: dict[str, Json], loose: bool = False
    ) -> None:
        words = plain(words, language)
        if words:
            chunk = TextChunk(words)
            metadata = {"loose": True} if loose else None
            slotted = TextSlotValue(chunk, value, {k: v for k, v in context.items() if v}, metadata)
            domain = context.get("domain")
            name = _Name(words.casefold(), slot, slotted, str(domain) if domain else None)
            index.setdefault((slot, name.folded, value), name)

    for floor, name, aliases in floors:
        for words in (name, *aliases):
            add("floor", words, floor, {})
    for area, name, aliases in areas:
        area_words[area] = sorted((plain(w, language) for w in (name, *aliases)), key=len)[::-1]
        for words in (name, *aliases):
            add("area", words, area, {})
    for entity, name, aliases, where, device_class in entities:
        domain = entity.partition(".")[0]
        context = {"domain": domain, "device_class": device_class}
        for words in (name, *aliases):
            add(_NAMED, words, entity, context)
        for words in (name, *aliases):
            for short in _short_forms(
                plain(words, language), domain, area_words.get(where or "", [])
            ):
                add(_NAMED, short, entity, context, loose=True)
    return tuple(index[key] for key in sorted(index))


def _short_forms(name: str, domain: str, areas: Sequence[str]) -> Iterable[str]:
    """Yield what people call a thing when its room or its kind goes without saying."""
    folded = name.casefold()
    for ending in _TYPE_WORDS.get(domain, ()):
        if folded.endswith(ending) and len(folded) > len(ending):
            yield name[: -len(ending)] + _KEPT.get(ending, "")
            break
    for area in areas:
        rest = name[len(area) :].removeprefix("的").strip()
        if area and folded.startswith(area.casefold()) and len(rest) > 1:
            yield rest
            break
