"""The butler used by other programs: clients of the official SDK, by stdio and by HTTP."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import StdioServerParameters
from mcp.client import Client, ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import (
    ElicitRequestParams,
    ElicitResult,
    InputRequiredResult,
    TextContent,
    TextResourceContents,
)

from steward.butler import Butler
from steward.cli.mcp import server
from steward.config import Config
from steward.serve.mcp import http, offer
from steward.serve.mcp.consent import CANNOT_ASK, OVER, REFUSED
from steward.serve.run import serve
from steward.serve.tokens import Scope, opened
from steward.types import Area, Capability, Entity, World
from steward.wiring import assemble

SOURCE = Path(__file__).parents[3] / "src"
DOOR = {"entity_id": ["lock.front_door"]}
ERAS = ("2026-07-28", "legacy")


def config(folder: Path) -> Config:
    return Config.model_validate(
        {
            "paths": {"state": folder / "state"},
            "server": {"port": 0},
            "model": {"smalltalk": "off"},
        }
    )


async def yes(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"yes": True})


async def no(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="decline")


async def not_quite(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"yes": False})


@asynccontextmanager
async def inside(folder: Path, mode: str, person: Any = None) -> AsyncIterator[Client]:
    """Give a client of a real butler, whose user answers as `person` does."""
    parts = assemble(config(folder))
    offered = server(Butler(parts), parts)
    async with Client(offered, mode=mode, elicitation_callback=person) as client:
        yield client


async def call(client: Client, tool: str, **given: Any) -> tuple[str, bool]:
    result = await client.call_tool(tool, given)
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text, bool(result.is_error)


async def locked(client: Client) -> bool:
    return "| locked" in (await call(client, "look", words="front door lock"))[0]


def test_the_list_of_tools_is_short() -> None:
    words = offer.INSTRUCTIONS + str([(n, offer.TOOLS[n][0], offer.schema(n)) for n in offer.TOOLS])
    assert len(words) < 3000


@pytest.mark.parametrize("mode", ERAS)
async def test_a_program_says_looks_and_acts(tmp_path: Path, mode: str) -> None:
    async with inside(tmp_path, mode) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == list(offer.TOOLS)
        said = await call(client, "say", text="turn on the kitchen light")
        assert said == ("The kitchen light is on.", False)
        said = await call(client, "say", text="把它关掉")
        assert said == ("厨房的灯关了。", False)
        text, _ = await call(client, "look", words="kitchen light")
        assert "| off" in text
        lamp = text.split(" | ")[0]
        done = await call(client, "act", capability="light.turn_on", arguments={"entity_id": lamp})
        assert not done[1] and '"on"' in done[0]
        assert "light.turn_on" in (await call(client, "capabilities", domain="light"))[0]
        assert "light" in (await call(client, "capabilities"))[0]


@pytest.mark.parametrize("mode", ERAS)
async def test_what_could_do_harm_is_done_after_a_persons_yes_only(
    tmp_path: Path, mode: str
) -> None:
    async with inside(tmp_path, mode) as client:
        for tool, given in (
            ("say", {"text": "unlock the front door"}),
            ("act", {"capability": "lock.unlock", "arguments": DOOR}),
            ("act", {"capability": "lock.unlock", "arguments": {"entity_id": "lock.front_door"}}),
        ):
            text, failed = await call(client, tool, **given)
            assert failed and CANNOT_ASK in text and "unlock the front door" in text
        # A model that says yes itself says it to nothing.
        assert (await call(client, "say", text="yes"))[1]
        assert await locked(client)
    for person in (no, not_quite):
        async with inside(tmp_path, mode, person) as client:
            for tool, given in (
                ("say", {"text": "unlock the front door"}),
                ("act", {"capability": "lock.unlock", "arguments": DOOR}),
            ):
                assert await call(client, tool, **given) == (REFUSED, True)
            assert (await call(client, "say", text="yes"))[1]
            assert await locked(client)
    async with inside(tmp_path, mode, yes) as client:
        said = await call(client, "say", text="unlock the front door")
        assert said == ("The front door lock is unlocked.", False)
        await call(client, "say", text="lock the front door")
        assert await locked(client)
        await call(client, "act", capability="lock.unlock", arguments=DOOR)
        assert not await locked(client)


async def test_a_yes_counts_once_and_only_for_what_was_asked(tmp_path: Path) -> None:
    async with inside(tmp_path, ERAS[0], yes) as client:

        async def ask(tool: str, other: dict[str, Any] | None = None, **more: Any) -> Any:
            say = {"text": "unlock the front door"}
            act = {"capability": "lock.unlock", "arguments": DOOR}
            given: dict[str, Any] = {**(say if tool == "say" else act), **(other or {})}
            return await client.session.call_tool(tool, given, allow_input_required=True, **more)

        agreed = {"yes": ElicitResult(action="accept", content={"yes": True})}
        for tool in ("say", "act"):
            asked = await ask(tool)
            assert isinstance(asked, InputRequiredResult)
            state = asked.request_state
            other = {"conversation": "x"} if tool == "say" else {"capability": "lock.open"}
            wrong = await ask(tool, request_state=state, input_responses=agreed, other=other)
            assert wrong.content[0].text == OVER
            # It was taken back by that: whoever guesses does not get a second try.
            again = await ask(tool, request_state=state, input_responses=agreed)
            assert again.content[0].text == OVER
            forged = await ask(tool, request_state="forged", input_responses=agreed)
            assert forged.content[0].text == OVER
            assert await locked(client)
        first = await ask("say")
        # Words in between are what a yes would be for, had it been said by a person.
        assert (await call(client, "say", text="turn on the kitchen light"))[1] is False
        late = await ask("say", request_state=first.request_state, input_responses=agreed)
        assert late.content[0].text == OVER and await locked(client)


async def test_what_is_planned_for_later_is_held_to_the_same(tmp_path: Path) -> None:
    deed = {"capability": "lock.unlock", "arguments": {"entity_id": "lock.front_door"}}
    plan = {"when": {"after": 1}, "calls": [deed], "text": "unlock", "language": "en"}
    async with inside(tmp_path, ERAS[0], yes) as client:
        _, failed = await call(client, "act", capability="schedule.add", arguments=plan)
        assert failed
        jobs = await client.read_resource("steward://plans")
        assert isinstance(jobs.contents[0], TextResourceContents)
        assert jobs.contents[0].text == '{"jobs":[]}'


@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        ("dance", {}, "no tool 'dance'"),
        ("say", {}, "say needs text"),
        ("say", {"text": ""}, "empty"),
        ("say", {"text": 5}, "text is to be string"),
        ("say", {"text": "hi", "loud": True}, "takes no 'loud'"),
        ("act", {"capability": "light.turn_on", "arguments": {"entity_id": "light.x"}}, "no light"),
        ("act", {"capability": "light.turn_on", "arguments": {"area_id": "x"}}, "area_id"),
        ("act", {"capability": "light.turn_on", "arguments": {"entity_id": [["x"]]}}, "no ["),
        ("act", {"capability": "rocket.start"}, "Not done (unsupported)"),
        ("act", {"capability": "light.turn_on"}, "Not done (invalid)"),
        ("capabilities", {"domain": "rocket"}, "no domain"),
    ],
)
async def test_what_cannot_be_is_said(
    tmp_path: Path, tool: str, given: dict[str, Any], said: str
) -> None:
    async with inside(tmp_path, ERAS[0]) as client:
        text, failed = await call(client, tool, **given)
        assert failed and said in text


async def test_the_home_and_its_lists_can_be_read(tmp_path: Path) -> None:
    async with inside(tmp_path, ERAS[0]) as client:
        await call(client, "say", text="put oat milk on the shopping list")
        uris = [str(each.uri) for each in (await client.list_resources()).resources]
        assert "steward://lists/todo.shopping_list" in uris
        for uri, word in (
            ("steward://home", "lock.front_door"),
            ("steward://home/kitchen", "kitchen"),
            ("steward://lists/todo.shopping_list", "oat milk"),
            ("steward://timers", "timers"),
        ):
            content = (await client.read_resource(uri)).contents[0]
            assert isinstance(content, TextResourceContents) and word in content.text
        with pytest.raises(MCPError, match="there is no"):
            await client.read_resource("steward://lists/lock.nowhere")


def test_a_large_home_is_looked_at_in_parts() -> None:
    rooms = (Area("attic", "Attic", aliases=("阁楼",)),)
    many = tuple(Entity(f"light.l{n}", f"L {n}", "off", "attic") for n in range(250))
    world = World(areas=rooms, entities=(*many, Entity("sensor.t", "Heat", "21", unit="°C")))
    lines = offer.look(world, "阁楼 light").splitlines()
    assert len(lines) == offer.MAX_ENTITIES + 1 and lines[-1].startswith("and 150 more")
    assert offer.look(world, "heat") == "sensor.t | Heat |  | 21 °C"
    assert offer.look(world, "cellar") == "nothing here fits these words"
    assert offer.capabilities([Capability("a.b"), Capability("a.c")], "") == {"a": 2}


async def test_by_stdio_as_other_programs_start_it(tmp_path: Path) -> None:
    file = tmp_path / "steward.toml"
    file.write_text(f'[paths]\nstate = "{tmp_path / "state"}"\n')
    command = ["-c", "from steward.cli import main; main()", "--config", str(file), "mcp", "serve"]
    start = StdioServerParameters(
        command=sys.executable,
        args=command,
        env={"PYTHONPATH": str(SOURCE)},
    )
    async with Client(start, elicitation_callback=yes) as client:
        assert await call(client, "say", text="unlock the front door") == (
            "The front door lock is unlocked.",
            False,
        )


@asynccontextmanager
async def by_http(folder: Path) -> AsyncIterator[str]:
    settings = config(folder)
    parts = assemble(settings)
    butler = Butler(parts)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    door = http.mounted(server(butler, parts))
    task = asyncio.create_task(serve(butler, settings, ready.set_result, [door]))
    try:
        yield f"{await ready}mcp"
    finally:
        task.cancel()
        await asyncio.wait({task})


@pytest.mark.parametrize("mode", ERAS)
async def test_by_http_with_a_token_that_may_control(tmp_path: Path, mode: str) -> None:
    with opened(config(tmp_path).paths.state) as tokens:
        secrets = {scope: tokens.create(scope.value, scope) for scope in Scope}
    async with by_http(tmp_path) as url, httpx.AsyncClient() as anybody:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        assert (await anybody.post(url, json=body)).status_code == 401
        talk = {"Authorization": f"Bearer {secrets[Scope.TALK]}"}
        assert (await anybody.post(url, json=body, headers=talk)).status_code == 403
        control = {"Authorization": f"Bearer {secrets[Scope.CONTROL]}"}
        evil = {**control, "Origin": "https://evil.example"}
        assert (await anybody.post(url, json=body, headers=evil)).status_code == 403
        long = await anybody.post(url, content=b"x" * 100_000, headers=control)
        assert long.status_code == 413
        async with (
            httpx2.AsyncClient(headers=control) as client_http,
            Client(
                streamable_http_client(url, http_client=client_http),
                mode=mode,
                elicitation_callback=yes,
            ) as client,
        ):
            said = await call(client, "say", text="unlock the front door")
            assert said == ("The front door lock is unlocked.", False)
            said = await call(client, "say", text="lock it")
            assert said == ("The front door lock is locked.", False)
