"""Which scene or script a sentence asks for: by its name, half its name, or what is about to be.

"Movie time", "set the movie scene" and "我要看电影了" all come to the concept *movie*, and so does
the name 观影模式. Every word must be a concept, a word of a name, or one that stands around them:
a scene is not run because it is mentioned in a story.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from steward.plan.language.text import HAN, plain
from steward.types import Entity, World

MAX_CHARACTERS = 60
"""Longer sentences are no announcements."""
_DOMAINS = ("scene", "script")
_QUESTION = re.compile(
    r"^(?:is|are|am|do (?:i|we|you)|does|did|have (?:i|we|you)|has|was)\b|[吗么嘛]$"
)
_WORD = re.compile(rf"[{HAN}]|[^\W{HAN}]+(?:'[^\W{HAN}]+)?")


@dataclass(frozen=True)
class Asked:
    """The scene or script that is asked for. `surely`: in words that mean nothing else."""

    entity: Entity
    surely: bool


@dataclass(frozen=True)
class _Heard:
    """What words come to: `core` of concepts ("*movie") and words, `words` as they were said."""

    core: frozenset[str]
    words: frozenset[str]
    explicit: bool
    carried: bool


def announced(text: str, world: World) -> Asked | None:
    """Return the one scene or script of `world` that the plain `text` asks for, if it is one."""
    routines = _routines(world.entities)
    if not routines or len(text) > MAX_CHARACTERS:
        return None
    folded = text.casefold()
    if _QUESTION.search(folded):
        return None
    own = frozenset(word for _, names in routines for name in names for word in name.words)
    heard = _heard(folded, own)
    if heard is None:
        return None
    exact = [e for e, names in routines if any(heard.core == name.core for name in names)]
    found = exact
    if not exact and (heard.explicit or heard.carried) and _concepts(heard.core):
        found = [e for e, names in routines if any(heard.core < name.core for name in names)]
    if len(found) > 1:
        # Both "Good Night" and "Bedtime" are for the night: the word that was said decides.
        named = {e.id for e, names in routines if any(heard.words & n.words for n in names)}
        found = [entity for entity in found if entity.id in named]
    if len(found) != 1:
        return None
    return Asked(found[0], bool(exact) and heard.core == _concepts(heard.core))


def _concepts(core: frozenset[str]) -> frozenset[str]:
    return frozenset(each for each in core if each.startswith("*"))


def _routines(entities: Sequence[Entity]) -> tuple[tuple[Entity, tuple[_Heard, ...]], ...]:
    found = []
    for entity in entities:
        if entity.domain in _DOMAINS and entity.state != "unavailable":
            names = tuple(_name(name) for name in (entity.name, *entity.aliases))
            found.append((entity, tuple(name for name in names if name.core)))
    return tuple(found)


@lru_cache(maxsize=1024)
def _name(name: str) -> _Heard:
    """Return what a name comes to; words that only say that it is a scene are left out of it."""
    words = _words(plain(name, "zh" if re.search(f"[{HAN}]", name) else "en").casefold())
    own = frozenset(words)
    heard = _read(words, own)
    return heard if heard is not None else _Heard(own, own, False, False)


def _heard(text: str, own: Collection[str]) -> _Heard | None:
    heard = _read(_words(text), own)
    return heard if heard is not None and heard.core else None


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text))


def _read(words: tuple[str, ...], own: Collection[str]) -> _Heard | None:
    """Read `words` from the left, the longest phrase first; None at a word that is none of these.

    A word of a name counts as a word that stands around names only where it is nothing else.
    """
    core: set[str] = set()
    said: set[str] = set()
    explicit = carried = False
    position = 0
    while position < len(words):
        kind, value, length = next(_at(words, position, own), ("", "", 0))
        if not kind:
            return None
        if kind in ("concept", "own"):
            core.add(value)
            said.update(words[position : position + length])
        explicit = explicit or kind == "explicit"
        carried = carried or kind == "carrier"
        position += length
    return _Heard(frozenset(core), frozenset(said), explicit, carried)


def _at(words: tuple[str, ...], start: int, own: Collection[str]) -> Iterator[tuple[str, str, int]]:
    """Yield what may stand at `start`: its kind, its value, and how many words it takes."""
    lexicon = _lexicon()
    for length in range(min(lexicon.longest, len(words) - start), 0, -1):
        phrase = words[start : start + length]
        concept = lexicon.concepts.get(phrase)
        if concept is not None:
            yield "concept", f"*{concept}", length
        elif phrase in lexicon.explicit:
            yield "explicit", "", length
        elif phrase in lexicon.carriers:
            yield "carrier", "", length
    if words[start] in own:
        yield "own", words[start], 1


@dataclass(frozen=True)
class _Lexicon:
    concepts: Mapping[tuple[str, ...], str]
    explicit: frozenset[tuple[str, ...]]
    carriers: frozenset[tuple[str, ...]]
    longest: int


@cache
def _lexicon() -> _Lexicon:
    file = resources.files("steward.plan.routines") / "words.toml"
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    concepts = {
        _words(phrase): name for name, phrases in data["concepts"].items() for phrase in phrases
    }
    explicit, carriers = (
        frozenset(_words(phrase) for phrases in data[key].values() for phrase in phrases)
        for key in ("explicit", "carriers")
    )
    longest = max(len(phrase) for phrase in (*concepts, *explicit, *carriers))
    return _Lexicon(concepts, explicit, carriers, longest)
