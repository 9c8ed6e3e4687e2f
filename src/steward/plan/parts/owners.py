"""Whose thing it is, where a clause before names the owner: "Mia is cold, turn her heater up"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from steward.plan.parts.atoms import names_of, tokens
from steward.types import World

_HIS = {
    "en": re.compile(r"(?<=[\w,;.] )\b(?:her|his|their)\b(?= [a-z])", re.IGNORECASE),
    "zh": re.compile("(?:他|她)(?:们)?(?:的|那[个盏台边](?:的)?)"),
}
"""What stands for the name of an owner."""
_SEAM = re.compile(r"[,;.，；。]|\b(?:so|and|because)\b", re.IGNORECASE)
"""What ends the clause that tells of the owner."""


def owned(words: str, language: str, world: World) -> Iterator[str]:
    """Yield plain `words` with the name of an owner said before in the place of "her" or "他的".

    Each name is tried that is a part of a name of this home, the nearest one first.
    """
    primary = language.partition("-")[0]
    hit = _HIS[primary].search(words) if primary in _HIS else None
    if hit is None:
        return
    told = _SEAM.search(words, 0, hit.start())
    if told is None:
        return
    own = names_of(world).concepts
    before = tokens(words[: told.start()], world)
    called = [token for token in before if token.atoms and own.issuperset(token.atoms)]
    for token in reversed(called):
        name = words[token.start : token.start + len(token.text)]
        owner = f"{name}'s" if primary == "en" else f"{name}的"
        yield f"{words[: hit.start()]}{owner}{words[hit.end() :]}"
