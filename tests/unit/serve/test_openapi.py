"""The OpenAPI document: it names what there is, and no request made from it breaks the server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from openapi import fuzz
from steward.config import Paths, Server
from steward.serve.tokens import Scope, opened

Serving = Callable[[Any, Server], AbstractAsyncContextManager[str]]


async def test_the_document_names_every_operation(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert {"/api/ask", "/api/world", "/api/audit", "/api/events"} <= set(document["paths"])
    assert {"/v1/chat/completions", "/v1/audio/speech"} <= set(document["paths"])
    chat = document["components"]["schemas"]["Chat"]
    assert {"model", "messages"} == set(chat["required"])
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert "token" in operation["description"]


async def test_no_request_breaks_the_server(butler: Any, serving: Serving, paths: Paths) -> None:
    with opened(paths.state) as tokens:
        token = tokens.create("fuzz", Scope.ADMIN)
    async with serving(butler, Server(port=0, rate=100_000)) as url:
        found = await fuzz(url, token, 3, "fuzzing")
    assert found["exit"] == 0
    assert found["5xx"] == 0
    assert found["2xx"] > 0
    assert found["requests"] > 30
