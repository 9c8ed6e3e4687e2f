"""Whether arguments fit what a tool says that it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from steward.types import Json


def fitted(arguments: Mapping[str, Json], schema: Mapping[str, Any]) -> dict[str, Json]:
    """Return `arguments`, words made numbers or one of the listed values where the tool asks.

    Raises:
        ValueError: they do not fit `schema` (JSON Schema), or it is no schema.
    """
    properties = schema.get("properties")
    known: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
    fit = {name: _value(value, known.get(name)) for name, value in arguments.items()}
    _check(fit, schema)
    return fit


def _value(value: Json, kind: object) -> Json:
    """Return what the words `value` stand for where a schema of `kind` asks for something else."""
    if not isinstance(value, str) or not isinstance(kind, Mapping):
        return value
    if isinstance(listed := kind.get("enum"), list):
        return next((each for each in listed if str(each).casefold() == value.casefold()), value)
    if isinstance(several := kind.get("anyOf"), list):
        return next((found for each in several if (found := _value(value, each)) != value), value)
    wanted = kind.get("type")
    try:
        if wanted == "integer":
            return int(value)
        if wanted == "number":
            return float(value)
    except ValueError:
        # Then it is not what the tool asks for, which the check says in better words.
        return value
    if wanted == "boolean" and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    return value


def _check(arguments: Mapping[str, Json], schema: Mapping[str, Any]) -> None:
    from jsonschema import Draft202012Validator, SchemaError, ValidationError
    from jsonschema.validators import extend
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    # A server's patterns are not run: one can take for ever. Nor is anything fetched for a $ref.
    deaf = extend(Draft202012Validator, {"pattern": _anything, "patternProperties": _anything})
    try:
        deaf.check_schema(schema)
        deaf(schema, registry=Registry()).validate(arguments)
    except ValidationError as error:
        raise ValueError(error.message[:200]) from error
    except (SchemaError, Unresolvable, RecursionError) as error:
        raise ValueError("what the tool says that it takes is no JSON schema") from error


def _anything(*_: object) -> Iterator[Any]:
    yield from ()
