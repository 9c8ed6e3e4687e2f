"""Models as the commands take them."""

from __future__ import annotations

from pathlib import Path

from steward.models.families import find, shape
from steward.models.quantised import quantised
from steward.models.reading import read_shape
from steward.models.shape import Shape

_FILES = (".gguf", ".safetensors", ".json")


def shape_named(model: str, kind: str = "Q4_K_M") -> Shape:
    """Return the shape of a file, an address, or a member of an open family, quantised as `kind`.

    Raises:
        UserError: no model is known by that name.
        ModelError: the file is none of a language model.
    """
    path = Path(model).expanduser()
    if "/" in model or ":" in model or path.suffix in _FILES or path.exists():
        return read_shape(model)
    return quantised(shape(find(model)), kind)
