"""What a request may ask of the server: one description for the routes and for their document."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from steward.errors import UserError
from steward.serve.guard import needed

REF = "#/components/schemas/{model}"
_ModelT = TypeVar("_ModelT", bound=BaseModel)


@dataclass(frozen=True)
class Endpoint:
    """One method of one path. Its handler's docstring says what it does.

    `query` and `body` are what is read, `answer` what comes back, of the kind `media`. A body is
    JSON unless `takes` says otherwise.
    """

    method: str
    path: str
    handler: Callable[[Request], Awaitable[Response]]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    media: str = "application/json"
    takes: str = "application/json"
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Descriptions of the parameters in the path."""

    def route(self) -> Route:
        """Return how Starlette finds it."""
        return Route(self.path, self.handler, methods=[self.method])


def parse(model: type[_ModelT], body: bytes | str | Mapping[str, Any]) -> _ModelT:
    """Return what a request says, which is the JSON `body` or fields that are texts.

    Raises:
        UserError: it is something else; the message names the first place.
    """
    try:
        if isinstance(body, bytes | str):
            return model.model_validate_json(body)
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the request"
        raise UserError(
            f"{where}: {first['msg']}", hint="what may be asked is listed at /openapi.json"
        ) from error


def document(endpoints: Sequence[Endpoint], version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0) of `endpoints`."""
    models = [
        model
        for endpoint in endpoints
        for model in (endpoint.body, endpoint.query, endpoint.answer)
        if model is not None
    ]
    both = [(model, mode) for model in dict.fromkeys(models) for mode in ("validation",)]
    _, schemas = models_json_schema(both, ref_template=REF)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Steward", "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    says = inspect.getdoc(endpoint.handler) or endpoint.path
    scope = needed(endpoint.path)
    token = f"a token of the scope `{scope}`" if scope else "no token"
    done = "200" if endpoint.answer or endpoint.media != "application/json" else "204"
    content = {endpoint.media: {"schema": _ref(endpoint.answer) if endpoint.answer else {}}}
    found: dict[str, Any] = {
        "summary": says.partition("\n")[0],
        "description": f"{says}\n\nTakes {token}.",
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": about,
                "schema": {"type": "string"},
            }
            for name, about in endpoint.parameters.items()
        ],
        "responses": {
            done: {"description": "done", **({"content": content} if done == "200" else {})},
            "default": {"description": "refused: the body says why, and what to do about it"},
        },
    }
    if endpoint.query is not None:
        found["parameters"] += _query(endpoint.query)
    if endpoint.body is not None:
        schema = {"schema": _ref(endpoint.body)}
        found["requestBody"] = {"required": True, "content": {endpoint.takes: schema}}
    elif endpoint.takes != "application/json":
        binary = {"schema": {"type": "string", "format": "binary"}}
        found["requestBody"] = {"required": True, "content": {endpoint.takes: binary}}
    return found


def _query(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=REF)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": about}
        for name, about in schema["properties"].items()
    ]


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}
