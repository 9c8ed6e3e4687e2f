"""What things and places may be called whatever their names are."""

from __future__ import annotations

from steward.plan.language.lexicon import Lexicon
from steward.types import Entity, Json

_OUTDOORS = frozenset(
    {"garden", "yard", "terrace", "lawn", "driveway", "pond", "porch", "roof", "balcony"}
)
_SCREENS = frozenset({"tv", "projector", "display", "set_top_box", "apple_tv", "playstation"})


def outdoors(place: frozenset[str]) -> frozenset[str]:
    """Return the concepts of a place, with "outside" for one that is."""
    return place | {"outside"} if place & _OUTDOORS else place


def kinds(
    entity: Entity, own: frozenset[str], lex: Lexicon
) -> tuple[frozenset[str], frozenset[str]]:
    """Return what `entity` may be called, whose names say `own`, and what people also call it."""
    domain = entity.domain
    label = str(entity.attributes.get("device_class") or "")
    keys = [domain, f"{domain}.{label}"]
    modes: Json = entity.attributes.get("hvac_modes")
    if domain == "climate":
        listed = {str(mode) for mode in modes} if isinstance(modes, list | tuple) else set()
        keys += ["climate.cool"] if listed & {"cool", "heat_cool"} else []
        keys += ["climate.heat"] if listed & {"heat", "heat_cool"} or not listed else []
    kind = frozenset(word for key in keys for word in lex.kinds.get(key, ()))
    wide = frozenset(word for key in keys for word in lex.wider.get(key, ()))
    if own & _SCREENS:
        # "All the speakers" are not the television, though it is a player without a class.
        kind -= {"speaker"}
    return kind, wide
