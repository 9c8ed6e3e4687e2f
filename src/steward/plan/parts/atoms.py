"""The words of a sentence and the names of a home, cut into concepts that can be compared.

"Kitchen Light" and "厨房灯" both are {kitchen, light}; a word that no lexicon knows stands for
itself. What is said of a thing is understood as the set of its concepts, so that order, language
and what goes without saying do not matter.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from steward.plan.language.lexicon import FOREIGN, Lexicon, Senses, Unit, Word, lexicon, units
from steward.plan.language.values import is_count, number_at, share_at
from steward.plan.parts.glosses import foreign, is_strange, meanings, spelled, translated, twins
from steward.plan.parts.kinds import kinds, outdoors
from steward.plan.parts.labels import counted
from steward.plan.parts.storeys import storeys
from steward.types import Entity, World


@dataclass(frozen=True)
class Token:
    """A word of a sentence: what it can be, its concepts as a noun, its value as a number.

    `known` is False for a word that nobody knows; `named` marks words of this home's own.
    """

    text: str
    start: int
    senses: Senses = field(default_factory=dict[str, str])
    atoms: tuple[str, ...] = ()
    number: float | None = None
    share: float | None = None
    plural: bool = False
    known: bool = True
    named: bool = False

    def has(self, *kinds: str) -> bool:
        """Tell whether the word can be one of `kinds`."""
        return any(kind in self.senses for kind in kinds)


@dataclass(frozen=True)
class Thing:
    """An entity as it can be spoken of.

    `names` are the concepts of each of its names, `plurals` which of these are plurals; `place` the
    concepts of its area and floor, `kind` those of what it is.
    """

    entity: Entity
    names: tuple[frozenset[str], ...]
    plurals: tuple[bool, ...]
    place: frozenset[str]
    kind: frozenset[str]
    wide: frozenset[str]

    @property
    def own(self) -> frozenset[str]:
        """All concepts of its names."""
        return frozenset[str]().union(*self.names)

    @property
    def all(self) -> frozenset[str]:
        """Everything that it can be called by."""
        return self.own | self.place | self.kind


@dataclass(frozen=True, eq=False)
class Names:
    """The names of one home: `phrases` are whole names, by their words, with their concepts.

    `numbered` are the concepts that a number follows in a name ("Room 2"), `labels` such numbers,
    `concepts` all that names are made of, `glosses` the phrases that only translate a name, `verbs`
    the words of names that are verbs elsewhere ("Boat Dock").
    """

    phrases: Mapping[Word, tuple[str, ...]]
    decomposed: Mapping[str, tuple[tuple[frozenset[str], bool], ...]]
    longest: int
    numbered: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    concepts: frozenset[str] = frozenset()
    glosses: frozenset[Word] = frozenset()
    verbs: frozenset[str] = frozenset()


def tokens(text: str, world: World) -> tuple[Token, ...]:
    """Cut `text` into the fewest words such that as little as possible stays unknown."""
    names = names_of(world)
    return _designated(_segment(units(text), names, lexicon()), names)


@dataclass(frozen=True, eq=False)
class _Same:
    """A World as a key that only the same object equals: one turn asks of one world many times."""

    world: World

    def __hash__(self) -> int:
        return id(self.world)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.world is self.world


def names_of(world: World) -> Names:
    """Return the names of `world`; made anew only when a name changes."""
    return _names_of(_Same(world))


@lru_cache(maxsize=4)
def _names_of(same: _Same) -> Names:
    world = same.world
    named = {(floor.id, floor.name, floor.aliases) for floor in world.floors}
    named |= {(area.id, area.name, area.aliases) for area in world.areas}
    named |= {(entity.id, entity.name, entity.aliases) for entity in world.entities}
    return _names(tuple(sorted(named)))


@lru_cache(maxsize=16)
def _names(named: tuple[tuple[str, str, tuple[str, ...]], ...]) -> Names:
    lex = lexicon()
    phrases: dict[Word, tuple[str, ...]] = {}
    decomposed: dict[str, tuple[tuple[frozenset[str], bool], ...]] = {}
    cut = [
        (key, units(said), _decompose(units(said), lex))
        for key, name, aliases in named
        for said in (name, *aliases)
    ]
    parted = twins([(key, found) for key, _, found in cut if "." not in key])
    phrases.update(parted)
    cut = [
        (key, pieces, [(word, parted.get(word, atoms)) for word, atoms in found])
        for key, pieces, found in cut
    ]
    known_as = meanings([found for _, _, found in cut])
    numbered: set[tuple[str, str]] = set()
    verbs: set[str] = set()
    glosses: dict[Word, tuple[str, ...]] = {}
    meant: dict[str, list[tuple[frozenset[str], bool]]] = {}
    for key, pieces, found in cut:
        if not found:
            continue
        whole = tuple(atom for _, atoms in found for atom in atoms)
        phrases[tuple(unit.word for unit in pieces)] = whole
        _add_stretches(phrases, pieces, lex)
        _add_scripts(phrases, pieces, lex)
        turned = whole[::-1] if pieces[0].is_han else ()  # "二号棚" is greenhouse two.
        pairs = (*itertools.pairwise(whole), *itertools.pairwise(turned))
        numbered |= {pair for pair in pairs if _is_label(pair[1])}
        for word, atoms in found:
            if not is_strange(word, atoms) or _is_label(atoms[0]):
                continue
            if not lex.is_function(word):
                phrases.setdefault(word, atoms)
            elif "act" in lex.senses[word]:
                verbs.add(word[0])
        plural = bool(pieces) and pieces[-1].plural
        decomposed[key] = (*decomposed.get(key, ()), (frozenset(whole), plural))
        meant.setdefault(key, []).extend((n, plural) for n in translated(found, known_as, lex))
        if any(atom.startswith(FOREIGN) for atom in whole):
            plain = frozenset(atom for atom in whole if not atom.startswith(FOREIGN))
            meant[key].append((plain, plural))
        for word, atoms in (*foreign(found, known_as), *spelled(found)):
            # One Chinese character means too much: "头" is the first of something, and a head.
            if word not in lex.senses and (len(word) > 1 or word[0].isascii()):
                glosses.setdefault(word, atoms)
    glosses = {word: atoms for word, atoms in glosses.items() if word not in phrases}
    phrases |= glosses
    # The names as they were given come first.
    decomposed = {key: (*names, *meant[key]) for key, names in decomposed.items()}
    longest = max(map(len, phrases), default=0)
    before, labels = (frozenset(pair[side] for pair in numbered) for side in (0, 1))
    own = frozenset(atom for atoms in phrases.values() for atom in atoms)
    glossed = frozenset(glosses)
    return Names(phrases, decomposed, longest, before, labels, own, glossed, frozenset(verbs))


def _is_label(atom: str) -> bool:
    return atom.startswith("=") and atom[1:].isdecimal()


def _add_scripts(
    phrases: dict[Word, tuple[str, ...]], pieces: Sequence[Unit], lex: Lexicon
) -> None:
    """Know "小石头" of "小石头 Roborock": each script by itself, if it names more than a kind."""
    runs = [list(run) for _, run in itertools.groupby(pieces, lambda unit: unit.is_han)]
    for run in runs if len(runs) > 1 else ():
        atoms = tuple(atom for _, found in _decompose(run, lex) for atom in found)
        if len(run) > 1 and any(atom.startswith("=") for atom in atoms):
            phrases.setdefault(tuple(unit.word for unit in run), atoms)


def _add_stretches(
    phrases: dict[Word, tuple[str, ...]], pieces: Sequence[Unit], lex: Lexicon
) -> None:
    """Know "charge limit" of "Easee Charge Limit", though "charge" alone is a verb."""
    for start in range(len(pieces)):
        for end in range(start + 2, len(pieces) + 1):
            stretch = pieces[start:end]
            own = any((u.word,) not in lex.senses and u.word.isalpha() for u in stretch)
            if own and not any(unit.is_han for unit in stretch):
                atoms = tuple(a for _, found in _decompose(stretch, lex) for a in found)
                phrases.setdefault(tuple(unit.word for unit in stretch), atoms)


_MOST_OF_A_KIND = 12
"""A number up to this, after what is numbered here, is no amount: there is no "Exam 3"."""
_BEFORE_NAMES = frozenset({"the", "my", "our"})
_STOREYS = frozenset({"楼", "层", "楼层"})
"""What a number before it counts from the ground: never an amount."""


def _designated(said: Sequence[Token], names: Names) -> tuple[Token, ...]:
    """Take the number in "room two" and "2号房" for a part of a name, not for an amount."""
    found: list[Token] = []
    for position, token in enumerate(said):
        after = said[position + 1] if position + 1 < len(said) else Token("", 0)
        if token.text in _STOREYS and found and found[-1].number is not None:
            # A floor that this home has is one word, by its name or by the lexicon.
            found[-1] = Token(found[-1].text + token.text, found[-1].start, known=False)
            continue
        measured = after.has("percent", "degree", "kelvin")
        before = found[-1].atoms[-1:] if found else ()
        if len(found) > 1 and found[-1].has("conj") and _is_label(("", *found[-2].atoms)[-1]):
            before = ("room",)  # "rooms 2 and 3"
        if token.number is not None and not measured:
            label = f"={token.number:g}"
            known = label in names.labels
            marked = (after.text == "号" and known) or after.text.startswith("号房")
            counted = known or token.number <= _MOST_OF_A_KIND
            if "room" in before or marked or (counted and names.numbered.intersection(before)):
                token = Token(token.text, token.start, {"noun": ""}, (label,), named=known)
        if token.text in names.verbs and found and found[-1].text in _BEFORE_NAMES:
            token = Token(token.text, token.start, {"noun": ""}, ("=" + token.text,), named=True)
        if token.text == "the room" and after.number is not None:
            token = Token("room", token.start, {"noun": ""}, ("room",))
        elif token.text == "号" and (_is_label("".join(before)) or _is_letter(*found[-1:])):
            continue
        found.append(token)
    return tuple(found)


_ARTICLES = frozenset(
    {"the", "of", "el", "la", "los", "las", "le", "les", "il", "der", "das", "de"}
)
"""Words of names that say nothing: articles, and what stands between two nouns."""


def _is_letter(token: Token = Token("", 0)) -> bool:
    return len(token.text) == 1 and token.text.isascii() and token.text.isalpha()


def concepts(text: str) -> frozenset[str]:
    """Return the concepts of a name."""
    found = _decompose(units(text), lexicon())
    return frozenset(atom for _, atoms in found for atom in atoms)


def _decompose(pieces: Sequence[Unit], lex: Lexicon) -> list[tuple[Word, tuple[str, ...]]]:
    """Cut a name into nouns, the longest first; what no noun covers stands for itself."""
    found: list[tuple[Word, tuple[str, ...]]] = []
    position, loose = 0, ""
    said = tuple(unit.word for unit in pieces)

    def flush() -> None:
        nonlocal loose
        found.extend(counted(loose, bool(found) and _is_label(found[-1][1][0])))
        loose = ""

    while position < len(said):
        for length in range(min(lex.longest, len(said) - position), 0, -1):
            word = said[position : position + length]
            if word in lex.atoms:
                flush()
                found.append((word, lex.atoms[word]))
                position += length
                break
        else:
            word = said[position : position + 1]
            position += 1
            if word[0] == "的":
                flush()
            elif pieces[position - 1].is_han:
                loose += word[0]
            elif word[0][0].isalnum():
                flush()
                if word[0] not in _ARTICLES:
                    number = number_at(word, 0)
                    found.append((word, (f"={number[0]:g}" if number else "=" + word[0],)))
    flush()
    return found


def things(world: World) -> tuple[Thing, ...]:
    """Return the entities of `world` as they can be spoken of, in the order of their ids."""
    return _things(_Same(world))


@lru_cache(maxsize=4)
def _things(same: _Same) -> tuple[Thing, ...]:
    world = same.world
    names, lex = names_of(world), lexicon()
    floors = {floor.id: floor for floor in world.floors}
    by_name = {floor.name: floor for floor in world.floors}
    levels = storeys({floor.id: _union(names, floor.id) for floor in world.floors})
    places: dict[str, frozenset[str]] = {}
    told = any("outside" in atoms for atoms in levels.values())
    for area in world.areas:
        # Where a floor is called "Exterior", the owner has said what is outside.
        atoms = _union(names, area.id) if told else outdoors(_union(names, area.id))
        floor = floors.get(area.floor or "") or by_name.get(area.floor or "")
        places[area.id] = atoms | (levels[floor.id] if floor else frozenset())
    found = []
    for entity in sorted(world.entities, key=lambda entity: entity.id):
        parts = names.decomposed.get(entity.id, ())
        place = places.get(entity.area or "", frozenset())
        own = tuple(atoms for atoms, _ in parts)
        kind, wide = kinds(entity, frozenset[str]().union(*own), lex)
        found.append(Thing(entity, own, tuple(p for _, p in parts), place, kind, wide))
    return tuple(found)


def _union(names: Names, key: str) -> frozenset[str]:
    return frozenset[str]().union(*(atoms for atoms, _ in names.decomposed.get(key, ())))


def _segment(pieces: Sequence[Unit], names: Names, lex: Lexicon) -> tuple[Token, ...]:
    said = tuple(unit.word for unit in pieces)
    best: list[tuple[float, tuple[Token, ...]]] = [(0.0, ())]
    for end in range(1, len(said) + 1):
        options = []
        for start in range(max(0, end - max(lex.longest, names.longest)), end):
            found = _token(pieces[start:end], said, start, end, names, lex)
            if found is not None:
                cost, token = found
                options.append((best[start][0] + cost, (*best[start][1], token)))
        best.append(min(options, key=lambda option: (option[0], len(option[1]))))
    return best[-1][1]


def _token(
    pieces: Sequence[Unit], said: Word, start: int, end: int, names: Names, lex: Lexicon
) -> tuple[float, Token] | None:
    """Return the word that these units make and what it costs to read them so, or None."""
    word = said[start:end]
    text = "".join(word) if pieces[0].is_han else " ".join(word)
    senses, plural = lex.senses.get(word), pieces[-1].plural
    if word in names.phrases and not is_count(said, start, end, lex):
        merged = {**(senses or {}), "noun": ""} if len(word) == 1 or senses else {"noun": ""}
        atoms = names.phrases[word]
        return 0.9, Token(text, pieces[0].start, merged, atoms, plural=plural, named=True)
    for reader, kind in ((share_at, "share"), (number_at, "number")):
        number = reader(said, start)
        if number is not None and start + number[1] == end:
            rest = senses or {}
            plain = number[0] if kind == "number" else None
            share = number[0] if kind == "share" else None
            token = Token(
                text,
                pieces[0].start,
                {**rest, kind: ""},
                lex.atoms.get(word, ()),
                number=plain,
                share=share,
            )
            return 1.0, token
    if senses is not None:
        atoms = lex.atoms.get(word, ()) or _chosen(pieces, senses, names, lex)
        # "工作台灯" is a light at the work bench where there is a bench, else a lamp for work.
        here = bool(atoms) and names.concepts.issuperset(atoms)
        token = Token(text, pieces[0].start, senses, atoms, plural=plural)
        return 0.98 if here else 1.0, token
    if len(word) > 1:
        return None
    if not word[0][0].isalnum():
        return 0.5, Token(text, pieces[0].start, {"fill": "mark"})
    return 10.0, Token(text, pieces[0].start, known=False)


def _chosen(pieces: Sequence[Unit], senses: Senses, names: Names, lex: Lexicon) -> tuple[str, ...]:
    """Return the concepts of a choice ("度假模式") that is also the name of something here."""
    if set(senses) != {"choice"} or len(pieces) < 2:
        return ()
    atoms = tuple(atom for _, found in _decompose(pieces, lex) for atom in found)
    return atoms if names.concepts.issuperset(atoms) else ()


def joined_atoms(said: Iterable[Token]) -> frozenset[str]:
    """Return the concepts of several words together."""
    return frozenset(atom for token in said for atom in token.atoms)
