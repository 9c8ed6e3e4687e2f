"""The page, its files and the JSON API, on a real server."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from steward.audit import Audit
from steward.config import Paths
from steward.errors import StateError
from steward.events import Ended, Heard, JobDone, Planned
from steward.serve.app import STATIC
from steward.types import Call, Calls, Meaning, Origin, Plan, Utterance


async def test_the_page_and_all_it_names_are_there(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(named) > 5
    for path in named:
        assert (await client.get(path)).status_code == 200, path


SOURCES = {
    str(path.relative_to(STATIC)): path.read_text(encoding="utf-8")
    for path in sorted(STATIC.rglob("*"))
    if path.suffix in {".js", ".css", ".html", ".svg"}
}


@pytest.mark.parametrize("name", SOURCES)
async def test_files_name_only_what_travels_with_them(client: httpx.AsyncClient, name: str) -> None:
    text = SOURCES[name]
    if not name.startswith("vendor/"):
        outside = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text)
        assert [url for url in outside if "w3.org" not in url] == []
    for other in re.findall(r'(?:from\s*|import\s*|url\()"(\.[^"]+|[a-z]+/[^"]+)"', text):
        place = (Path("/static") / name).parent / other
        assert (await client.get(str(place))).status_code == 200, other


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_the_world_as_json(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/world")).json()["entities"][0]["id"] == "light.lamp"


async def test_asking_over_the_api(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/ask", json={"text": "hello"})
    assert answer.status_code == 200
    assert answer.json()["reply"] == "echo: hello"
    assert answer.json()["stage"] == "script"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"text": 1}', b'{"type": "cancel"}', b"\xff\xfe", b"x" * 100_000]
)
async def test_a_bad_body_is_a_clear_error(
    client: httpx.AsyncClient, butler: Any, body: bytes
) -> None:
    answer = await client.post("/api/ask", content=body)
    assert answer.status_code == 400
    assert answer.json()["hint"]
    assert butler.heard == []


async def test_a_failed_turn_is_a_failed_request(client: httpx.AsyncClient, butler: Any) -> None:
    butler.failure = StateError("the disk is full", hint="free some space")
    answer = await client.post("/api/ask", json={"text": "hello"})
    assert answer.status_code == 503
    assert answer.json() == {"error": "the disk is full", "hint": "free some space"}


async def test_a_turn_that_is_sent_again_is_not_carried_out_twice(
    client: httpx.AsyncClient, butler: Any, paths: Paths
) -> None:
    with closing(Audit(paths.state, 90)) as log:
        plan = Plan(Calls((Call("c1", "light.turn_on", Meaning("x")),)), "en", "templates", 1.0)
        origin = Origin("api", "127.0.0.1")
        for name in ("over", "broken-off"):
            log.note(Heard(name, 1.0, Utterance("light on"), 1.0, origin))
            log.note(Planned(name, time.time(), plan, 1.0))
        log.note(Ended("over", time.time(), "done"))
    again = await client.post("/api/ask", json={"text": "light on", "turn": "over"})
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert again.json()["ended"] == "done"
    again = await client.post("/api/ask", json={"text": "light on", "turn": "broken-off"})
    assert again.status_code == 409
    assert "not carried out again" in again.json()["error"]
    assert butler.heard == []


async def test_a_turn_under_way_is_not_begun_twice(client: httpx.AsyncClient, butler: Any) -> None:
    butler.gate.clear()
    body = {"text": "hello", "turn": "same"}
    first = asyncio.create_task(client.post("/api/ask", json=body))
    await butler.begun.wait()
    assert (await client.post("/api/ask", json=body)).status_code == 409
    butler.gate.set()
    assert (await first).status_code == 200
    assert len(butler.heard) == 1


async def test_the_log_over_the_api(client: httpx.AsyncClient, paths: Paths) -> None:
    with closing(Audit(paths.state, 90)) as log:
        log.note(JobDone(time.time(), "water the plants", "en", "done"))
    found = (await client.get("/api/audit", params={"words": "plants"})).json()
    assert [act["said"] for act in found] == ["water the plants"]
    assert (await client.get("/api/audit", params={"words": "cellar"})).json() == []
    for query in ("limit=0", "before=x", "colour=red"):
        refused = await client.get(f"/api/audit?{query}")
        assert (refused.status_code, bool(refused.json()["hint"])) == (400, True)
