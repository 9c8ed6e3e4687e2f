"""How a sentence leans on what was said before: by its words alone, one reading after the other.

The words are data, one file a language in `followups/`; languages without one have no cues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from steward.plan.language.tables import table
from steward.plan.language.text import HAN, chinese_number, plain
from steward.plan.language.values import ONES, TENS

Kind = Literal[
    "undo", "restore", "other", "more", "less", "value", "name", "thing", "verb", "command", "asked"
]

_HAN = re.compile(f"[{HAN}]")
_UNITS = re.compile(
    r"\s*(?P<percent>%|per ?cent|百分之)|\s*(?P<degrees>°[cf]?|degrees?(?: celsius)?|摄氏度|度)"
)
_ALL = re.compile("^(?:全部|全都|都|全)")
_HALF = re.compile(r"half(?:[ -]?way)?|一半|half (?:open|closed|shut)")
_WHOLE = {"a hundred": 100, "one hundred": 100, "hundred": 100}


@dataclass(frozen=True)
class Amount:
    """A number that was said; `unit` is "percent", "degrees" or ""."""

    number: float
    unit: str = ""


@dataclass(frozen=True)
class Cue:
    """One way to read a sentence. `wrong`: what was done before was not what was meant.

    `rest` is the sentence without the words that only lead in or out; `thing` what is to take the
    place of the thing before ("the hallway"; a "name" is one that must be known as such), `bad`
    what was said not to be meant, `amount` a new value. A "verb" is a sentence of its own but for
    {it}, `many` that it points at several things, `back` that it leads back to how they were.
    `also`: beside the thing before.
    """

    kind: Kind
    wrong: bool = False
    also: bool = False
    rest: str = ""
    thing: str = ""
    bad: str = ""
    verb: str = ""
    amount: Amount | None = None
    many: bool = False
    back: bool = False


@dataclass(frozen=True)
class _Lexicon:
    patterns: Mapping[str, re.Pattern[str]]
    bare_as: Mapping[str, str]
    bare_else: tuple[str, ...]
    placeholder: str


@dataclass(frozen=True)
class _Said:
    """A sentence without its lead-in and its end; either may say that something was `wrong`."""

    rest: str
    wrong: bool
    also: bool


def cues(text: str, language: str) -> Iterator[Cue]:
    """Yield the ways in which `text` may lean on what was said before, the surest first.

    None of them is certain: each holds only if it fits what was said.
    """
    words = _lexicon(language)
    if words is None:
        return
    folded = plain(text, language).casefold()
    for kind in ("more", "less"):
        # Before "again" is taken for a mere ending: "do it again".
        if words.patterns[kind].fullmatch(folded):
            yield Cue("more" if kind == "more" else "less")
    if hit := words.patterns["then_what"].fullmatch(folded):
        yield Cue("asked", rest=folded, thing=hit["thing"])
    said = _stripped(folded, words)
    if not said.rest:
        return
    yield from _whole(said, words)
    yield from _amounts(said, words)
    asking = words.patterns["question"].fullmatch(said.rest) is not None
    yield from (cue for cue in _things(said, words) if cue.also or not asking)
    yield from _verbs(said, words)
    if asking:
        return
    named = tuple(_named(said, words))
    yield from (replace(cue, kind="name") for cue in named)
    if said.wrong or said.also:
        yield Cue("command", said.wrong, said.also, said.rest)
    yield from named


def elliptic(text: str, language: str) -> Iterator[Cue]:
    """Yield `text` as said of what was before, though nothing in it points there: "up a bit".

    This is for what makes no sense by itself, and after all of `cues`.
    """
    words = _lexicon(language)
    if words is None:
        return
    folded = plain(text, language).casefold()
    if words.patterns["question"].fullmatch(folded):
        return
    space = "" if _HAN.search(folded) else " "
    for rest in dict.fromkeys((folded, _stripped(folded, words).rest)):
        yield Cue("verb", rest=rest, verb=f"{{it}}{space}{rest}")


def meant(clause: str, language: str) -> Cue | None:
    """Return what `clause`, of a correction, says was meant: "是玄关灯", "the hallway one"."""
    words = _lexicon(language)
    said = _stripped(clause, words) if words is not None else None
    hit = words.patterns["thing"].fullmatch(said.rest) if words and said else None
    return Cue("thing", True, rest=clause, thing=hit["thing"]) if hit else None


def clauses(text: str, language: str) -> tuple[str, ...]:
    """Return the clauses of `text` but for those that only say that something was wrong."""
    words = _lexicon(language)
    if words is None:
        return ()
    parts = re.split(r"\s*[,;:.!]+\s*", plain(text, language).casefold())
    return tuple(part for part in parts if part and not words.patterns["mistaken"].fullmatch(part))


def of_one(text: str, language: str) -> Iterator[Cue]:
    """Yield what is to be done to one of the things like those before: "北边那个也关了"."""
    words = _lexicon(language)
    if words is not None and (hit := words.patterns["of_one"].fullmatch(text)):
        verb = hit["verb"]
        sentences = (words.bare_as[verb],) if verb in words.bare_as else words.bare_else
        for sentence in sentences:
            yield Cue("verb", thing=hit["thing"], verb=sentence.replace("{verb}", verb))


def wished(text: str, language: str) -> str:
    """Return as a command what `text` says that was wanted: "我要开的是书房灯"."""
    words = _lexicon(language)
    hit = words.patterns["wished"].fullmatch(text) if words is not None else None
    return f"{hit['verb']}{hit['thing']}" if hit else text


def refer(text: str, language: str) -> Iterator[str]:
    """Yield `text` with the placeholder where it points at what was named before it."""
    words = _lexicon(language)
    folded = plain(text, language).casefold()
    if words is not None and not words.patterns["expletive"].search(folded):
        pronoun = words.patterns["pronoun"]
        if pronoun.search(folded):
            yield pronoun.sub(words.placeholder, folded, count=1)


def agrees(text: str, language: str) -> bool | None:
    """Tell whether `text` says yes or no to a question; None when it says something else."""
    words = _lexicon(language)
    if words is None:
        return None
    folded = plain(text, language).casefold()
    for name, answer in (("yes", True), ("no", False)):
        pattern = words.patterns[name].pattern
        if re.fullmatch(rf"(?:{pattern}[\s,.!]*)+", folded):
            return answer
    return None


def placeholder(language: str) -> str:
    """Return a name that no thing has, which takes the place of "it" in a sentence."""
    words = _lexicon(language)
    return words.placeholder if words is not None else ""


def amount(text: str) -> Amount | None:
    """Return the number that `text` is, in digits or words, with its unit; None for other words."""
    text = text.strip(" .")
    unit = ""
    if hit := _UNITS.search(text):
        unit = "percent" if hit["percent"] else "degrees"
        text = _UNITS.sub("", text, count=1).strip()
    if _HALF.fullmatch(text):
        return Amount(50.0, "percent")
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return Amount(float(text), unit)
    if text and re.fullmatch("[零一二三四五六七八九十百两]+", text):
        return Amount(float(chinese_number(text)), unit)
    number = _english(text)
    return None if number is None else Amount(number, unit)


def _english(text: str) -> float | None:
    text = " ".join(text.replace("-", " ").split())
    if text in _WHOLE:
        return float(_WHOLE[text])
    if text in ONES:
        return float(ONES[text])
    tens, _, ones = text.partition(" ")
    if tens not in TENS or (ones and not 0 < ONES.get(ones, 0) < 10):
        return None
    return float(TENS[tens] + (ONES[ones] if ones else 0))


def _stripped(text: str, words: _Lexicon) -> _Said:
    """Take off the words at either end, as long as something is left."""
    wrong = also = False
    while True:
        for name in ("wrong", "soft"):
            pattern = words.patterns[name].pattern
            edge = "" if _HAN.match(text) else r"\b"
            hit = re.match(rf"{pattern}{edge}[\s,.!;:]*", text)
            if hit and hit.end() and hit.end() < len(text):
                also = also or words.patterns["adding"].match(text) is not None
                text, wrong = text[hit.end() :], wrong or name == "wrong"
                break
        else:
            break
    while True:
        for name in ("also", "contrast", "tail"):
            pattern = words.patterns[name].pattern
            hit = re.search(rf"(?:[\s,]+|(?<=[{HAN}\d%])){pattern}$", text)
            if hit and hit.start():
                text, also = text[: hit.start()], also or name == "also"
                wrong = wrong or name == "contrast"
                break
        else:
            return _Said(text.strip(" ,"), wrong, also)


def _whole(said: _Said, words: _Lexicon) -> Iterator[Cue]:
    clauses = re.split(r"\s*[,;.!]+\s*(?:and )?", said.rest)
    if all(words.patterns["undo"].fullmatch(clause) for clause in clauses):
        yield Cue("undo", said.wrong)
        return
    if hit := words.patterns["restore"].fullmatch(said.rest):
        yield Cue("restore", said.wrong, rest=said.rest, thing=hit["thing"] or hit["thing2"])
    if hit := words.patterns["other"].fullmatch(said.rest):
        yield _another(hit, said)
    for kind in ("more", "less"):
        if words.patterns[kind].fullmatch(said.rest):
            yield Cue("more" if kind == "more" else "less")


def _another(hit: re.Match[str], said: _Said) -> Cue:
    noun = next((group for group in hit.groups() if group), "")
    return Cue("other", True, said.also, said.rest, thing=noun)


def _amounts(said: _Said, words: _Lexicon) -> Iterator[Cue]:
    if hit := words.patterns["value"].fullmatch(said.rest):
        found = amount(hit["value"])
        if found is not None:
            yield Cue("value", said.wrong, rest=said.rest, amount=found)


def _things(said: _Said, words: _Lexicon) -> Iterator[Cue]:
    for name in ("not_first", "not_last"):
        if hit := words.patterns[name].fullmatch(said.rest):
            found = amount(hit["thing"])
            if found is not None:
                yield Cue("value", True, rest=said.rest, amount=found)
            elif another := words.patterns["other"].fullmatch(hit["thing"]):
                yield _another(another, said)
            elif hit["thing"] in words.bare_as:
                yield Cue("verb", True, rest=said.rest, verb=words.bare_as[hit["thing"]])
            else:
                thing = _bare(hit["thing"], words)
                yield Cue("thing", True, rest=said.rest, thing=thing, bad=hit["bad"])
    if hit := words.patterns["same"].fullmatch(said.rest):
        groups = hit.groupdict()
        thing = groups.get("thing") or groups.get("thing2") or ""
        yield Cue("thing", also=True, rest=said.rest, thing=thing, verb=groups.get("verb") or "")


def _verbs(said: _Said, words: _Lexicon) -> Iterator[Cue]:
    """Yield the sentence with {it} where it points at what was before, or after a mere verb."""
    rest = re.sub(words.patterns["backwards"], "", said.rest)
    if words.patterns["expletive"].search(rest):
        return
    pronoun = words.patterns["pronoun"]
    if hit := pronoun.search(rest):
        many = words.patterns["many"].search(hit.group()) is not None
        verb = pronoun.sub("{it}", rest, count=1)
        back = rest != said.rest
        for form in dict.fromkeys((verb, words.patterns["idle"].sub("", verb))):
            yield Cue("verb", said.wrong, said.also, rest, verb=form, many=many, back=back)
    for form in dict.fromkeys((said.rest, rest)):
        if hit := words.patterns["bare_verb"].fullmatch(form):
            verb = _ALL.sub("", hit["verb"])
            if verb in words.bare_as:
                yield Cue("verb", said.wrong, said.also, form, verb=words.bare_as[verb])
                return
            for pattern in words.bare_else:
                sentence = pattern.replace("{verb}", verb)
                yield Cue("verb", said.wrong, said.also, form, verb=sentence)
            return


def _named(said: _Said, words: _Lexicon) -> Iterator[Cue]:
    contrasted = bool(words.patterns["needs_wrong"].fullmatch(said.rest))
    hit = words.patterns["thing"].fullmatch(said.rest)
    if hit and (said.wrong or said.also or contrasted):
        yield Cue("thing", not said.also, said.also, said.rest, thing=hit["thing"])


def _bare(text: str, words: _Lexicon) -> str:
    hit = words.patterns["thing"].fullmatch(text)
    return hit["thing"] if hit else text


@cache
def _lexicon(language: str) -> _Lexicon | None:
    data = table("steward.plan.dialogue", "followups", language)
    if not data:
        return None
    return _Lexicon(
        {name: re.compile(each) for name, each in data.items() if isinstance(each, str)},
        data["bare"]["as"],
        tuple(data["bare"]["else"]),
        data["placeholder"]["name"],
    )
