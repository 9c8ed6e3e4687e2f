"""The words of the names of one home: in the other language, and apart from their like."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypeAlias

from anyascii import anyascii

from steward.plan.language.dictionary import MAX_GLOSS, Translations, translations
from steward.plan.language.lexicon import Lexicon, Word

Found: TypeAlias = Sequence[tuple[Word, tuple[str, ...]]]
"""A name cut into words, with the concepts of each."""


def twins(places: Sequence[tuple[str, Found]]) -> dict[Word, tuple[str, ...]]:
    """Return the words that mean the same, but not in this home, with concepts that part them.

    In most homes "走廊" and "玄关" are one; where one is in the name of one place and the other in
    that of another, they are two. The places are given by their ids and names.
    """
    owners: dict[tuple[str, ...], dict[Word, set[str]]] = {}
    for key, found in places:
        for word, atoms in found:
            owners.setdefault(atoms, {}).setdefault(word, set()).add(key)
    parted: dict[Word, tuple[str, ...]] = {}
    for atoms, said in owners.items():
        for word, keys in said.items():
            others = (o for o in said if o != word and o[0].isascii() == word[0].isascii())
            if any(not keys & said[other] for other in others):
                parted[word] = (*atoms, "@" + "".join(word))
    return parted


def is_strange(word: Word, atoms: tuple[str, ...]) -> bool:
    """Tell whether no lexicon knows `word`, so that it stands for itself."""
    return atoms == ("=" + "".join(word),)


def meanings(names: Sequence[Found]) -> Translations:
    """Look up the words of names that no lexicon knows, and runs of English ones."""
    strange = [word for found in names for word, atoms in found if is_strange(word, atoms)]
    han = frozenset("".join(word) for word in strange if not word[0].isascii())
    latin = frozenset(run for found in names for run, _ in _runs(found))
    return translations(han, latin)


def _runs(found: Found) -> list[tuple[Word, tuple[str, ...]]]:
    """Return the runs of up to `MAX_GLOSS` English words, one of them strange, with concepts."""
    runs = []
    for start in range(len(found)):
        for end in range(start + 1, min(start + MAX_GLOSS, len(found)) + 1):
            part = found[start:end]
            word = tuple(unit for each, _ in part for unit in each)
            if all(unit.isascii() for unit in word) and any(is_strange(*each) for each in part):
                runs.append((word, tuple(atom for _, atoms in part for atom in atoms)))
    return runs


def foreign(found: Found, meanings: Translations) -> list[tuple[Word, tuple[str, ...]]]:
    """Return the words of the other language that stand for parts of a name."""
    words_ = [
        (gloss, atoms) for word, atoms in found for gloss in meanings.english.get("".join(word), ())
    ]
    for run, atoms in _runs(found):
        words_ += [(tuple(word), atoms) for word in meanings.chinese.get(run, ())]
    return words_


_ENDS = frozenset("厅室间房屋棚馆区阁院楼家")
"""What a name of a place may go without: "the Huangpu lights" are those of "黄浦厅"."""


def spelled(found: Found) -> list[tuple[Word, tuple[str, ...]]]:
    """Return Chinese names in pinyin, as English sentences have them, with their concepts."""
    names = [("".join(word), meant) for word, meant in found if is_strange(word, meant)]
    run, atoms = "", tuple[str, ...]()
    for word, meant in (*found, (("",), ())):
        if word[0] and not word[0].isascii():
            run, atoms = run + "".join(word), atoms + meant
        else:
            names += [(run, atoms)] if len(run) <= _LONGEST_RUN else []
            run, atoms = "", ()
    names = [(said, meant) for said, meant in names if not said.isascii()]
    strange = [(said, meant) for said, meant in names if any(a.startswith("=") for a in meant)]
    names += [(said[:-1], meant) for said, meant in strange if said[-1] in _ENDS]
    return [((anyascii(said).casefold(),), meant) for said, meant in names if len(said) > 1]


_LONGEST_RUN = 4
"""Characters that are said as one name: "Xiaoshitou"."""


_LEAST_SPELLED, _ALIKE = 7, 0.88
"""Letters of a word of a name that may be misspelled, and how like it is to what was meant."""


def _meant(word: str, lex: Lexicon) -> tuple[Word, ...]:
    """Return the noun that a word of a name is a slip for: "dehumidifer"."""
    if len(word) < _LEAST_SPELLED or not word.isascii():
        return ()
    nouns = [noun[0] for noun in lex.atoms if len(noun) == 1 and len(noun[0]) >= _LEAST_SPELLED]
    return tuple((noun,) for noun in get_close_matches(word, nouns, 1, _ALIKE))


def translated(found: Found, meanings: Translations, lex: Lexicon) -> list[frozenset[str]]:
    """Return a name with what the dictionary tells of its strange words in concepts we know."""
    names = []
    for index, (word, atoms) in enumerate(found):
        slips = _meant(word[0], lex) if len(word) == 1 and is_strange(word, atoms) else ()
        for gloss in (*meanings.english.get("".join(word), ()), *slips):
            known = lex.atoms.get(gloss)
            if known is not None:
                rest = (*found[:index], (gloss, known), *found[index + 1 :])
                names.append(frozenset(atom for _, atoms in rest for atom in atoms))
    for run, atoms in _runs(found):
        for said in meanings.chinese.get(run, ()):
            known = lex.atoms.get(tuple(said))
            # One character means too much: "first" is "前", which also is what is in front.
            if known is not None and len(said) > 1:
                others = frozenset(a for _, each in found for a in each) - set(atoms)
                names.append(others | set(known))
    return names
