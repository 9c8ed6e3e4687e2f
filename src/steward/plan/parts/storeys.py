"""What the floors of a home are called besides their names: upstairs, downstairs, first, second."""

from __future__ import annotations

from collections.abc import Mapping

_ABOVE = frozenset(
    {"first_floor", "floor2", "floor3", "floor4", "top_floor", "middle_floor", "attic"}
)
_BELOW = frozenset({"basement", "outside", "garden", "annexe", "garage"})
_GROUND = ("first_floor", "main_floor", "lower_floor")
"""What the ground floor is called where nothing is called so: the first, as Americans count."""


def storeys(floors: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return what each of `floors` is called, from the concepts of its names.

    The ground floor is downstairs, those above it are up.
    """
    found = dict(floors)
    said = frozenset[str]().union(*found.values())
    if not said & {"floor1", "downstairs"}:
        ground = next((word for word in _GROUND if word in said), None)
        if ground is None:
            return found
        found = {k: a | ({"floor1"} if ground in a else frozenset()) for k, a in found.items()}
    for key, atoms in found.items():
        above = bool(atoms & _ABOVE) or (len(found) == 2 and not atoms & _BELOW)
        word = "downstairs" if atoms & {"floor1", "downstairs"} else "upstairs" if above else ""
        if word and word not in said:
            found[key] = atoms | {word}
    return found
