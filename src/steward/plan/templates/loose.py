"""Sentences that hold more than commands, or no sign between them: what to leave out, where to cut.

Tried last, when the sentence as it stands is not understood: "we're done for the day, all lights
off", "打开落地灯关掉电视". As ever, every command must be understood, or nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from steward.plan.language.lexicon import lexicon, words
from steward.plan.templates.split import Mentions, Parse, Part, split
from steward.plan.templates.told import is_barred, is_purpose, is_told
from steward.types import Gap, Unknown

_BECAUSE = {
    "en": re.compile(
        r"[,;.!?]\s+(?:so\s+)?|\s+(?:so you can|so please|because|cos|coz|since|so that|so)\s+"
        r"|\s+(?=(?:i'm|i am|we're|we are|i've|we've|i'll|we'll)\b)|\s+(?=for\b)",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[,，。;；!！]\s*"),
}
"""Where a command may be parted from what is only told with it."""

_POINTING = re.compile(
    r"\b(?:it|them|one|there)\b|\b(?:that|those|these)(?= (?:on|off|up|down|to)\b|$)"
    r"|它|[那这]个(?=[关开调打停锁再也拉放]|$)",
    re.IGNORECASE,
)
_STATE = {
    "en": re.compile(
        r"(?P<name>[^,]+?)(?:'s| is| are) (?:(?:still|already|just|always) )*"
        r"(?:on|off|open|closed|shut|running|playing|going|lit|locked|unlocked)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "(?P<name>[^,，]{2,}?)(?:还|又|都|一直|老|怎么)*(?:没|忘|开|关|亮|响|放|锁|转|敞)"
    ),
}
"""What tells the state of a thing, and of which."""
_AT_ONCE = re.compile("^(?:赶紧|赶快|快点?|马上|给我|帮我|请|那就|就)+")

_WHERE = re.compile(
    r"\b(?:in|at|on|inside|from|into|to|upstairs|downstairs|outside)\b"
    r"(?! (?:bed|sleep|work|holiday)\b)|[在里去到上]",
    re.IGNORECASE,
)
"""What may make a place of a noun: "we're done in the kitchen"."""

_IT = {"en": re.compile(r"\b(?:it|that)\b", re.IGNORECASE), "zh": re.compile("把?它")}

Openings = Callable[[str], Sequence[int]]
"""Tells where a command may begin without a sign or a word that joins."""
Talk = Callable[[str, str], bool]
"""Tells whether the first text is mere talk beside the second, which is a command."""


def loosely(
    text: str, language: str, parse: Parse, mentions: Mentions, openings: Openings, talk: Talk
) -> tuple[Part, ...] | Unknown:
    """Return the commands in `text` without what is told with them, or cut at its `openings`."""
    primary = language.partition("-")[0]
    if primary not in _BECAUSE:
        return Unknown()
    for rest in _without_told(text, primary, parse, mentions, talk):
        read = split(rest, language, parse, mentions)
        if isinstance(read, tuple):
            return read
    sign, joint = (";", "") if primary == "zh" else ("; ", " ")
    marked = text
    for start in reversed(openings(text)):
        marked = marked[:start].rstrip() + sign + marked[start:]

    def rejoined(stretch: str) -> Part | Unknown:
        return parse(stretch.replace(sign, joint))

    read = split(marked, language, rejoined, mentions) if marked != text else Unknown()
    return read if isinstance(read, tuple) and len(read) > 1 else Unknown()


def _without_told(
    text: str, primary: str, parse: Parse, mentions: Mentions, talk: Talk
) -> Iterator[str]:
    """Yield `text` without its first or last clauses, where these only tell how things are.

    A clause that names something of the home may say where; what remains must name things itself.
    If it does not, or points back, it is about the one thing that was told of.
    """
    for cut in _BECAUSE[primary].finditer(text):
        first, second = text[: cut.start()].strip(), text[cut.end() :].strip()
        for said, rest in ((first, second), (second, first)):
            if not said or not rest:
                continue
            if not is_told(said, primary):
                barred = is_barred(said, primary) or _POINTING.search(rest)
                unclear = parse(said)  # "Put milk on the list", of two lists, is no talk.
                asks = isinstance(unclear, Part) or unclear.gap is Gap.AMBIGUOUS
                if not barred and not asks and talk(said, rest):
                    yield rest
                continue
            if isinstance(parse(said), Part) and not _POINTING.search(rest):
                continue
            points = _POINTING.search(rest) or not list(mentions(rest))
            if said == first and points:
                yield from _about(said, rest, primary, mentions)
            enough = is_purpose(said) or _names_enough(said, rest, mentions)
            if not _POINTING.search(rest) and enough:
                yield rest
    sign = ", " if primary == "en" else ","
    clauses = [clause for clause in re.split(r"[,;，；]\s*", text) if clause]
    asked = [clause for clause in clauses if not is_told(clause, primary)]
    if asked and len(clauses) > len(asked) and _names_enough(text, sign.join(asked), mentions):
        yield sign.join(asked)


def _about(said: str, rest: str, primary: str, mentions: Mentions) -> Iterator[str]:
    """Yield `rest` with the name of what is told of: "the TV is still on, turn it off"."""
    named = list(mentions(said))
    state = _STATE[primary].match(said)
    if len(named) == 1:
        name = said[slice(*named[0])]
    elif not named and state is not None:
        name = state["name"]
    else:
        return
    if _IT[primary].search(rest):
        yield _IT[primary].sub(lambda _: name if primary == "en" else f"把{name}", rest, count=1)
    elif primary == "zh" and not _has_nouns(rest):
        yield f"把{name}{_AT_ONCE.sub('', rest)}"


def _names_enough(told: str, rest: str, mentions: Mentions) -> bool:
    if list(mentions(rest)) or (_has_nouns(rest) and _nouns(told) and _nouns(told) <= _PEOPLE):
        return True
    if list(mentions(told)):
        return False
    return not _has_nouns(told) or (_has_nouns(rest) and not _WHERE.search(told))


def _has_nouns(text: str) -> bool:
    return bool(_nouns(text))


def _nouns(text: str) -> set[str]:
    """Return the concepts of all words of `text` that a home may be made of."""
    said, known = words(text), lexicon()
    return {
        atom
        for start in range(len(said))
        for length in range(1, known.longest + 1)
        for atom in known.atoms.get(said[start : start + length], ())
    }


_PEOPLE = frozenset(
    {"nana", "grandpa", "mum", "dad", "parents", "brother", "sister", "son", "daughter", "baby"}
    | {"child", "dog", "cat", "guest"}
)
"""Who may be told of beside a command, which need not be about a thing of theirs."""
