"""People, places, organisations, groups and ages in English, by word lists and their setting."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from steward.models.redaction import lexicon
from steward.models.redaction.lexicon import Lexicon
from steward.models.redaction.spans import Kind, Span

_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*\.?", re.UNICODE)
_PARTICLES = frozenset(
    (
        "de",
        "da",
        "di",
        "del",
        "della",
        "van",
        "von",
        "der",
        "den",
        "la",
        "le",
        "bin",
        "ibn",
        "al",
        "el",
        "dos",
        "ter",
        "ten",
    )
)
_TITLES = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "madam",
        "mister",
        "aunt",
        "uncle",
        "cousin",
        "herr",
        "frau",
        "señor",
    )
)
_NAME_BEFORE = re.compile(
    r"(?:\b(?:name(?: is|'s| was|:)?|named|called|i'm|i am|this is|mr\.?|mrs\.?|ms\.?|miss"
    r"|dr\.?|prof\.?"
    r"|uncle|aunt|cousin|son|daughter|wife|husband|brother|sister|friend|kid|partner|boss|doctor"
    r"|nurse|neighbou?r|colleague|dear|hi|hello|hey|by|with|tell|ask|call|text|email|remind|invite"
    r"|add|meet|user|attn|guardian|said|says|from|and|to|for|early|singer|actor|producer)\b"
    r"|[>:(,\"“&/]|\n)[:\s\"“>]*$",
    re.IGNORECASE,
)
_NAME_SURE = re.compile(
    r"\b(?:(?:my|his|her|their|maiden|whose|partner's|the|user|first|last|full|sur) ?name(?:"
    r" is|'s| was|:)?"
    r"|i'm|i am|called|named|mr\.?|mrs\.?|ms\.?|miss|dr\.?|prof\.?|name:|directed by:|speak to"
    r"|speak with"
    r"|lives? with|kid|add|remember me,|said)[:\s\"“]*(?:User: *)?$",
    re.IGNORECASE,
)
_NAME_CASELESS = re.compile(
    r"\bname(?: is|:)\s+((?!not |the |in |on |a |spelled |wrong )[^\W\d_][\w'’-]*"
    r"(?: [^\W\d_]\.?(?= )| [^\W\d_][\w'’-]{2,}(?=[\n.,?!]|$)){0,2})"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:in|at|near|from|to|where:|visit|visiting|through|around|outside|leaving|leave|city"
    r" of|university of)"
    r"(?: the)?\s+$",
    re.IGNORECASE,
)
_PERSON_AFTER = re.compile(
    r"\s*(?:['’]s?\b|[,:]|is (?:a |the |from|very)|was |said|says|asked|shouted|called|told"
    r"|lives|wrote"
    r"|began|listed|will |has |explained|points? out|just )",
)
_AGE = re.compile(
    r"\b(?:(?:aged?|turn(?:s|ed|ing)?|i'm|i am|(?:he|she)(?:'s| is| was)|just turned) (\d{1,3})"
    r"(?! *(?:%|percent|minutes|hours|km|miles|kg|am|pm|[:/.]\d))\b|(\d{1,3})[- ]years?[- ]old"
    r"|(\d{1,3}) ?yo\b)",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"\b(?:[A-Z][\w'’&-]{0,40}(?:, | and | & | )){0,6}[A-Z][\w'’&-]{0,40},? "
    r"(?:Inc|Ltd|LLC|LLP|PLC|Corp|GmbH|AG|Co"
    r"|Corporation|Group|Holdings|Technologies|Consulting|Partners|Laboratories|Industries)\b\.?"
    r"|\b[A-Z][\w'’]{1,40}, [A-Z][\w'’]{1,40} and [A-Z][\w'’]{1,40}\b"
    r"|\b[A-Z][a-z]{1,40}-[A-Z][a-z]{1,40}\b"
    r"|\b(?:Bank|University|Institute|College) of [A-Z]\w+"
    r"|\b(?:[A-Z][\w'’]{1,40} ){1,4}(?:Bank|University|College|Hospital|Clinic|Institute|Foundation"
    r"|Medical Center)\b"
)  # fmt: skip
_FIRM_BEFORE = re.compile(
    r"\b(?:work(?:s|ed|ing)? (?:for|at)|employed by|job at|is from|from|is the CEO of|CEO of"
    r"|of|at)\s+$"
)
_FIRM_AFTER = re.compile(
    r"\s*(?:is the (?:CEO|keynote|brainchild)|invested|announced|['’]s (?:CEO|products|website|app)"
    r"|released|website|web site|app\b|store\b|newsletter|branch\b|customer service|help ?desk"
    r"|subscription|headquarters|employees|shareholders|shares\b|stock\b"
    r"|(?:is|was) an? (?:[\w()-]+ ){0,2}?(?:company|firm|start-?up|charity|non-?profit|bank"
    r"|retailer|manufacturer|publisher|501\(c\)\(?3\)?|organi[sz]ation)|was (?:founded|acquired)"
    r"|(?:has )?hired|laid off|acquired)"
)
GUESS = 0.5
"""How sure it is that an unknown word with a capital is somebody's name."""
COMMON = 4_000
"""A word among the first so many is hardly a name unless something else says so."""


@dataclass(frozen=True)
class _Word:
    """A word of the text: its place, in lower case, and whether it has a capital where few have."""

    start: int
    end: int
    low: str
    capital: bool
    first: bool


def find(text: str, taken: Collection[int]) -> Iterator[Span]:
    """Yield what is found in `text`, leaving alone the positions in `taken`."""
    words = lexicon.read()
    for match in _AGE.finditer(text):
        group = next(number for number in (1, 2, 3) if match[number])
        yield Span(*match.span(group), Kind.AGE, 0.9)
    yield from _firms(text, taken)
    caseless = not any(character.isupper() for character in text)
    for match in _countries(caseless).finditer(text):
        yield Span(*match.span(), Kind.PLACE, 0.7)
    for match in _NAME_CASELESS.finditer(text) if caseless else ():
        yield Span(*match.span(1), Kind.PERSON, 0.88)
    runs = list(_runs(text, words, taken))
    judged = [list(_judged(text, run, words)) for run in runs]
    for at, spans in enumerate(judged):
        if not any(span.kind is Kind.PERSON for span in spans):
            yield from _beside(text, runs, judged, at, words)
        else:
            yield from spans


def _firms(text: str, taken: Collection[int]) -> Iterator[Span]:
    """Yield names of firms by their form: a list of partners may be just people, too."""
    for match in _FIRM.finditer(text):
        if any(at in taken for at in range(*match.span())):
            continue
        alone = match.start() == 0 or text[match.start() - 1] in "\n>"
        led = _FIRM_BEFORE.search(text[max(0, match.start() - 30) : match.start()])
        listed = " and " in match.group() and "," in match.group()
        yield Span(
            *match.span(), Kind.ORGANIZATION, 0.9 if alone or led else 0.5 if listed else 0.82
        )


def _beside(
    text: str, runs: list[list[_Word]], judged: list[list[Span]], at: int, words: Lexicon
) -> Iterator[Span]:
    """Yield what run `at` is, which by itself is nobody: beside a person it may be one."""
    for other in (at - 1, at + 1):
        if not 0 <= other < len(runs):
            continue
        left, right = min(at, other), max(at, other)
        gap = text[runs[left][-1].end : runs[right][0].start]
        person = any(span.kind is Kind.PERSON and span.score > 0.8 for span in judged[other])
        placed = any(span.kind is Kind.PLACE and span.score > 0.7 for span in judged[at])
        if person and not placed and re.fullmatch(r",? and |, | & ", gap):
            run = [word for word in runs[at] if word.low not in words.plain]
            if run:
                yield Span(run[0].start, run[-1].end, Kind.PERSON, 0.8)
                return
    yield from judged[at]


@lru_cache(maxsize=2)
def _countries(caseless: bool) -> re.Pattern[str]:
    """Countries and regions whose names are several words, or no word else and nobody's name."""
    words = lexicon.read()
    names = sorted(
        (
            name
            for name in words.countries
            if " " in name or not (name in words.given or name in words.family)
        ),
        key=len,
        reverse=True,
    )
    cases = [str.lower] if caseless else [str.title, str.upper]
    plain = {"turkey", "china", "wales"} if caseless else set()
    joined = "|".join(
        re.escape(case(name)) for name in names if name not in plain for case in cases
    )
    return re.compile(rf"(?<![\w-])(?:{joined})(?: \([A-Z]\w+\))?(?![\w-])")


def _runs(text: str, words: Lexicon, taken: Collection[int]) -> Iterator[list[_Word]]:
    """Yield capitalised words that stand side by side, with initials and particles between."""
    caseless = not any(character.isupper() for character in text)
    shouted = (
        sum(map(str.isupper, text)) > 0.7 * max(1, sum(map(str.isalpha, text))) and len(text) > 20
    )
    run: list[_Word] = []
    for match in _TOKEN.finditer(text):
        said = match.group()
        word = _word(text, match.start(), said)
        gap = text[run[-1].end : word.start] if run else ""
        joined = gap in {" ", "  "} or (gap == ". " and run[-1].low in _TITLES)
        named = word.low in words.given and not words.common(word.low, 1_500)
        capital = word.capital
        if caseless:
            capital = named or word.low in words.cities
            if run and joined and not capital:
                capital = len(word.low) == 1 or not words.common(word.low, 3_000)
        if shouted and not caseless:
            capital = capital and not words.common(word.low, 12_000)
        free = word.start not in taken
        particle = bool(run) and joined and word.low in _PARTICLES and not word.capital
        if run and not (joined and free and (capital or particle)):
            yield run
            run = []
        if (free and capital) or (
            particle and free and text[word.end + 1 : word.end + 2].isupper()
        ):
            run.append(word)
    if run:
        yield run


def _word(text: str, start: int, said: str) -> _Word:
    dotted = said.endswith(".") and len(said) > 2
    end = start + len(said) - dotted
    low = re.sub(r"['’]s$", "", text[start:end].rstrip(".").casefold())
    if re.search(r"['’]s$", text[start:end]):
        end -= 2
    before = text[max(0, start - 8) : start].rstrip(" \"“'(>*-")
    first = not before or before[-1] in ".?!:;\n"
    return _Word(start, end, low, said[0].isupper(), first)


def _judged(text: str, run: list[_Word], words: Lexicon) -> Iterator[Span]:
    """Say what a run of capitalised words is; parts of it may be different things."""
    led = _NAME_SURE.search(text[max(0, run[0].start - 40) : run[0].start]) is not None
    if len(run) > 1 and any(word.low in words.organised for word in run) and not led:
        yield Span(run[0].start, run[-1].end, Kind.ORGANIZATION, 0.86)
        return
    while run and run[0].low in _TITLES:
        led, run = True, run[1:]
    before = text[max(0, run[0].start - 40) : run[0].start] if run else ""
    if (
        len(run) > 1
        and _PLACE_BEFORE.search(before)
        and not (run[0].low in words.given or run[0].low in words.plain)
    ):
        yield Span(run[0].start, run[-1].end, Kind.PLACE, 0.65)
        return
    while run and not led and _mere(run[0], words, alone=len(run) == 1):
        if run[0].low in words.groups:
            yield Span(run[0].start, run[0].end, Kind.GROUP, 0.7)
        run = run[1:]
    named = bool(run) and run[0].low in words.given
    while run and (run[-1].low in _PARTICLES or _trailing(run[-1], words, led or named)):
        run = run[:-1]
    if not run or all(word.low in words.plain for word in run):
        return
    start, end = run[0].start, run[-1].end
    yield from _named(text, run, words, Span(start, end, Kind.PERSON, 0.9) if led else None)


def _trailing(word: _Word, words: Lexicon, named: bool) -> bool:
    """Tell whether a word at the end of a run is none of a name; `named`: one has begun."""
    if named and word.low in words.family and word.low not in words.plain:
        return False
    return _mere(word, words, alone=False)


def _named(text: str, run: list[_Word], words: Lexicon, led: Span | None) -> Iterator[Span]:
    """Say what words are that may be a name; `led`: the words before say whose name comes."""
    start, end = run[0].start, run[-1].end
    whole = " ".join(text[start:end].casefold().split())
    before, after = text[max(0, start - 40) : start], text[end : end + 30]
    if led:
        yield led
    elif whole not in words.countries and _FIRM_AFTER.match(after):
        yield Span(start, end, Kind.ORGANIZATION, 0.87)
    elif whole in words.countries or (whole in words.cities and not _person(run, before, words)):
        yield Span(start, end, Kind.PLACE, 0.75)
    elif whole in words.groups:
        yield Span(start, end, Kind.GROUP, 0.7)
    elif _person(run, before, words):
        yield Span(start, end, Kind.PERSON, 0.85)
    elif re.search(r"\b(?:work|CEO|job|employed)\b.{0,12}$", before):
        yield Span(start, end, Kind.ORGANIZATION, 0.6)
    elif _PLACE_BEFORE.search(before) and not all(words.common(word.low, 12_000) for word in run):
        yield Span(start, end, Kind.PLACE, 0.55)
    elif not all(words.common(word.low, 25_000) for word in run) and not (
        text[start:end].isupper() and len(run) == 1
    ):
        named = _NAME_BEFORE.search(before) or _PERSON_AFTER.match(after)
        if named or not run[0].first or len(run) > 1:
            kind = Kind.ORGANIZATION if _FIRM_BEFORE.search(before) else Kind.PERSON
            yield Span(start, end, kind, GUESS)


def _mere(word: _Word, words: Lexicon, *, alone: bool) -> bool:
    """Tell whether a capital says nothing: the word is a common one and no name, or begins a
    sentence and could be either."""
    if len(word.low) == 1:
        return word.low in "ai"
    if word.low in words.plain or re.search(r"n['’]t$|['’](?:re|ll|ve|d|m)$", word.low):
        return True
    if word.low in words.countries or word.low in words.cities:
        return False
    if word.low in words.given and word.low not in words.ambiguous:
        return False
    if word.low in words.given or word.low in words.family:
        return (word.first or not alone) and words.common(word.low, 6_000)
    return words.common(word.low, COMMON)


def _person(run: list[_Word], before: str, words: Lexicon) -> bool:
    """Tell whether a run of words is somebody's name."""
    full = [word for word in run if len(word.low) > 1]
    if not full:
        return False
    if _NAME_SURE.search(before):
        return True
    if full[0].low in words.given and not (
        full[0].low in words.ambiguous and (full[0].first or len(full) == 1)
    ):
        return not (len(full) == 1 and full[0].low in words.cities and _PLACE_BEFORE.search(before))
    unknown = [word for word in full if not words.common(word.low, 25_000)]
    surnamed = full[-1].low in words.family
    if len(full) > 1:
        return (surnamed and bool(unknown)) or len(unknown) == len(full)
    return surnamed and not words.common(full[0].low, 6_000) and not _PLACE_BEFORE.search(before)
