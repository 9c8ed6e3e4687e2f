"""Names in letters of other alphabets, as somebody types or a recogniser writes who lacks them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from anyascii import anyascii

from steward.plan.language.text import HAN
from steward.types import Area, Entity, Floor, World

_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
"""How German, Danish and Norwegian write their own letters without them."""

_OTHER_SCRIPT = re.compile(f"[{HAN}\u3040-\u30ff\uac00-\ud7af]")


def with_plain_letters(world: World) -> World:
    """Return `world` where "Łazienka" is also called "Lazienka", and "Küche" "Kuche" and "Kueche".

    Such spellings are aliases of the same thing; nothing else changes.
    """
    everything: tuple[Floor | Area | Entity, ...] = (*world.floors, *world.areas, *world.entities)
    if all(map(_is_plain, everything)):
        return world
    return World(
        tuple(replace(each, aliases=_aliases(each)) for each in world.floors),
        tuple(replace(each, aliases=_aliases(each)) for each in world.areas),
        tuple(replace(each, aliases=_aliases(each)) for each in world.entities),
    )


def _is_plain(thing: Floor | Area | Entity) -> bool:
    return not any(_spellings(name) for name in (thing.name, *thing.aliases))


def _aliases(thing: Floor | Area | Entity) -> tuple[str, ...]:
    names = (thing.name, *thing.aliases)
    found = dict.fromkeys(each for name in names for each in _spellings(name))
    return (*thing.aliases, *(name for name in found if name not in names))


@lru_cache(maxsize=4096)
def _spellings(name: str) -> tuple[str, ...]:
    """Return `name` in the letters a to z, each way it is done; nothing where it has only these."""
    if name.isascii() or _OTHER_SCRIPT.search(name):
        return ()
    composed = unicodedata.normalize("NFC", name)
    found = dict.fromkeys((_plain(composed), _plain(composed.lower().translate(_SPELLED_OUT))))
    return tuple(each for each in found if each.casefold() != composed.casefold())


def _plain(name: str) -> str:
    # Signs and pictures would become words of their own.
    return "".join(anyascii(letter) if letter.isalpha() else letter for letter in name)
