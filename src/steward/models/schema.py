"""JSON schemas that hold a language model to their form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from steward.errors import UserError
from steward.types import Json

MAX_BYTES = 16_384
MAX_DEPTH = 16
MAX_NUMBER = 1_000
"""What is beyond these is refused before llama.cpp sees it, which trusts its callers."""
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def grammar_of(schema: Json) -> str:
    """Return the grammar, in llguidance's form of Lark, of the JSON that `schema` allows.

    Raises:
        UserError: the schema is too large, too deep, or none that llama.cpp understands.
    """
    # Written without spaces: fewer tokens, and most of them follow from the schema.
    compact = (
        {"x-guidance": {"whitespace_flexible": False}, **schema}
        if isinstance(schema, Mapping)
        else schema
    )
    text = json.dumps(compact)
    if len(text) > MAX_BYTES:
        raise _refused(f"it is longer than {MAX_BYTES} bytes")
    _check(schema, 0)
    # Lazy: 100 MB of machine code that most requests do not need.
    import xllamacpp

    try:
        grammar: str = xllamacpp.json_schema_to_grammar(text)
    except (RuntimeError, ValueError) as error:
        raise _refused(str(error)) from error
    return grammar


def _check(schema: Json, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _refused(f"it is nested deeper than {MAX_DEPTH}")
    if isinstance(schema, Mapping):
        for name, value in schema.items():
            if name == "$ref":
                raise _refused("it refers to elsewhere by $ref")
            if name == "type" and isinstance(value, str) and value not in _TYPES:
                # llama.cpp would not complain, and hold the model to nothing.
                raise _refused(f"there is no type {value!r}")
            if name.endswith(("Items", "Length")) and isinstance(value, int | float):
                _check_number(name, value)
            _check(value, depth + 1)
    elif isinstance(schema, Sequence) and not isinstance(schema, str):
        for value in schema:
            _check(value, depth + 1)


def _check_number(name: str, value: float) -> None:
    if abs(value) > MAX_NUMBER:
        raise _refused(f"{name} is beyond {MAX_NUMBER}")


def _refused(why: str) -> UserError:
    return UserError(f"the JSON schema cannot be used: {why}", hint="simplify the schema")
