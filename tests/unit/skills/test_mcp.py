"""Tools of other programs, by real MCP servers in processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest
from mcp.client import Client
from processes import free_port
from typer.testing import CliRunner

from steward.butler import Butler
from steward.cli import app
from steward.config import Config, McpServer, McpTool
from steward.errors import ConfigError, PeerError
from steward.events import Replied
from steward.skills.mcp import peer as peers
from steward.skills.mcp.schema import fitted
from steward.skills.mcp.tools import McpTools
from steward.types import Call, Done, Failed, Json, Meaning, Outcome, Risk, Utterance
from steward.wiring import assemble

SUPPORT = Path(__file__).parents[2] / "support"
NOTES = (sys.executable, "-m", "stories.stickynotes.server")
CALCULATOR = (sys.executable, "-m", "stories.tools.server")


def server(*command: str, seconds: float = 20.0, tools: str = "", url: str = "") -> McpServer:
    return McpServer(
        command=command,
        url=url,
        environment={"PYTHONPATH": str(SUPPORT)},
        seconds=seconds,
        tools={name: McpTool(risk=Risk.ACT) for name in tools.split()},
    )


async def ask(skill: McpTools, capability: str, **arguments: Json) -> Outcome:
    return await skill.perform(Call("c1", capability, Meaning("test"), arguments))


def text(outcome: Outcome) -> str:
    assert isinstance(outcome, Done) and isinstance(outcome.value, dict), outcome
    return str(outcome.value["text"])


def failure(outcome: Outcome) -> tuple[str, str]:
    assert isinstance(outcome, Failed), outcome
    return outcome.reason, outcome.message


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PAUSES", (0.0,))


@pytest.fixture
async def unruly(tmp_path: Path) -> AsyncIterator[McpTools]:
    command = (sys.executable, str(SUPPORT / "unruly.py"), str(tmp_path / "journal"))
    names = "count crash hang huge flood refuse lie remote greedy nonsense absent"
    skill = McpTools({"unruly": server(*command, tools=names)})
    yield skill
    await skill.close()


def test_only_the_tools_that_the_owner_names_may_be_called() -> None:
    given = {"read": McpTool(risk=Risk.READ), "wipe": McpTool()}
    skill = McpTools({"disk": McpServer(command=("x",), tools=given)})
    risks = {each.name: each.risk for each in skill.capabilities}
    assert risks == {"disk.read": Risk.READ, "disk.wipe": Risk.GUARDED}


async def test_what_the_owner_does_not_name_is_not_called() -> None:
    skill = McpTools({"notes": server(*NOTES, tools="add_note")})
    assert failure(await ask(skill, "notes.remove_all"))[0] == "unsupported"
    assert failure(await ask(skill, "wood.chop"))[0] == "unsupported"


async def test_servers_of_the_sdk_are_used_by_stdio() -> None:
    skill = McpTools(
        {
            "notes": server(*NOTES, tools="add_note remove_note"),
            "sums": server(*CALCULATOR, tools="calc"),
        }
    )
    assert '"id": "1"' in text(await ask(skill, "notes.add_note", text="buy milk"))
    assert text(await ask(skill, "notes.remove_note", note_id="1")) == "true"
    said = await ask(skill, "sums.calc", op="ADD", a="2", b="3.5")
    assert '"result": 5.5' in text(said)
    await skill.close()


async def test_one_that_cannot_be_started_is_unavailable() -> None:
    skill = McpTools({"gone": server("/no/such/program", tools="x")})
    reason, message = failure(await ask(skill, "gone.x"))
    assert reason == "unavailable" and "/no/such/program" in message


async def test_one_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "START_SECONDS", 0.5)
    skill = McpTools({"mute": server("sleep", "60", tools="x")})
    assert failure(await ask(skill, "mute.x")) == (
        "unavailable",
        "cannot reach the MCP server mute: it did not start in 0.5 s",
    )
    await skill.close()


async def test_a_broken_server_harms_nobody(unruly: McpTools, tmp_path: Path) -> None:
    assert text(await ask(unruly, "unruly.count", word="hi", times="3", tone="loud")) == "hi 3 Loud"
    assert failure(await ask(unruly, "unruly.count", word="hi"))[0] == "invalid"
    assert failure(await ask(unruly, "unruly.count", word="hi", times=99))[0] == "invalid"
    assert failure(await ask(unruly, "unruly.absent"))[0] == "unsupported"
    assert failure(await ask(unruly, "unruly.refuse")) == ("error", "the oven is hot")
    assert failure(await ask(unruly, "unruly.lie"))[0] == "unconfirmed"
    assert failure(await ask(unruly, "unruly.remote", word="x"))[0] == "invalid"
    assert failure(await ask(unruly, "unruly.nonsense", word="x"))[0] == "invalid"
    assert text(await ask(unruly, "unruly.greedy", word="a" * 40 + "b")) == "a" * 40 + "b"
    huge = await ask(unruly, "unruly.huge")
    assert isinstance(huge, Done) and isinstance(huge.value, dict) and huge.value["cut"] is True
    assert len(str(huge.value["text"])) == peers.MAX_TEXT
    assert failure(await ask(unruly, "unruly.flood"))[0] == "unconfirmed"
    assert text(await ask(unruly, "unruly.count", word="still", times=1)) == "still 1"
    done = (tmp_path / "journal").read_text().splitlines()
    assert [line.split()[0] for line in done] == [
        *("count", "refuse", "lie", "greedy", "huge", "flood", "count"),
    ]


async def test_one_that_hangs_is_started_anew(tmp_path: Path) -> None:
    command = (sys.executable, str(SUPPORT / "unruly.py"), str(tmp_path / "journal"))
    skill = McpTools({"unruly": server(*command, seconds=1, tools="hang count")})
    for _ in range(peers.SILENCES):
        reason, message = failure(await ask(skill, "unruly.hang"))
        assert (reason, message) == ("unconfirmed", "unruly did not answer in time")
    assert (tmp_path / "journal").read_text() == "hang {}\n"
    # Its own second is for the answer, not for the start.
    assert text(await ask(skill, "unruly.count", word="back", times=1)) == "back 1"
    await skill.close()


async def test_a_crash_is_never_called_done_and_never_done_twice(
    unruly: McpTools, tmp_path: Path
) -> None:
    for number in range(3):
        assert failure(await ask(unruly, "unruly.crash"))[0] == "unconfirmed"
        said = await ask(unruly, "unruly.count", word=f"n{number}", times=1)
        assert text(said) == f"n{number} 1"
    done = [line.split()[0] for line in (tmp_path / "journal").read_text().splitlines()]
    assert done == ["crash", "count"] * 3


async def test_one_that_fails_again_and_again_is_left_alone_for_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peers, "PAUSES", (1.0, 2.0, 4.0))
    now = [100.0]
    peer = peers.Peer("gone", server("/no/such/program", tools="x"), lambda: now[0])

    async def waits() -> bool:
        with pytest.raises(PeerError) as error:
            await peer.tools()
        return "is tried again" in error.value.message

    for pause in (1.0, 2.0, 4.0, 4.0):
        assert not await waits()
        now[0] += pause - 0.1
        assert await waits()
        now[0] += 0.1


async def test_what_it_started_ends_with_it() -> None:
    script = "sleep 77.7 & exec " + " ".join(NOTES)
    skill = McpTools({"notes": server("sh", "-c", script, tools="add_note")})
    text(await ask(skill, "notes.add_note", text="x"))
    assert sleeping("77.7")
    await skill.close()
    assert not sleeping("77.7")


def eventually(so: Callable[[], bool]) -> None:
    """Wait until it is `so`."""
    for _ in range(400):
        if so():
            return
        time.sleep(0.05)
    raise AssertionError("it never was")


def sleeping(seconds: str) -> bool:
    """Tell whether a `sleep` of so many seconds runs."""
    lines = (process.info["cmdline"] for process in psutil.process_iter(["cmdline"]))
    return any(line and line[-1] == seconds for line in lines)


async def test_a_server_sees_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_SECRET", "1234")
    with pytest.raises(AssertionError, match="unavailable"):
        script = 'test -z "$STEWARD_SECRET" || exec ' + " ".join(NOTES)
        skill = McpTools({"notes": server("sh", "-c", script, tools="add_note")})
        text(await ask(skill, "notes.add_note", text="x"))


@contextmanager
def by_http(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the notes server until the end of the block, from when it can be reached."""
    with subprocess.Popen(
        [*NOTES, "--http", "--port", str(port)],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            process.poll()
            signal.sigtimedwait([], 0.05)
        try:
            yield process
        finally:
            process.kill()


async def test_a_server_is_lost_and_comes_back_by_http() -> None:
    port = free_port()
    skill = McpTools({"notes": server(url=f"http://127.0.0.1:{port}/mcp", tools="add_note")})
    assert failure(await ask(skill, "notes.add_note", text="0"))[0] == "unavailable"
    for _ in range(2):
        with by_http(port):
            assert '"id": "1"' in text(await ask(skill, "notes.add_note", text="1"))
            both = (ask(skill, "notes.add_note", text=word) for word in "23")
            assert [isinstance(each, Done) for each in await asyncio.gather(*both)] == [True, True]
        assert failure(await ask(skill, "notes.add_note", text="4"))[0] == "unavailable"
    await skill.close()


async def test_a_server_that_forgot_us_is_met_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    # Only the older protocol has sessions that can be forgotten.
    monkeypatch.setattr("mcp.client.Client", partial(Client, mode="legacy"))
    port = free_port()
    skill = McpTools({"notes": server(url=f"http://127.0.0.1:{port}/mcp", tools="add_note")})
    with by_http(port):
        assert '"id": "1"' in text(await ask(skill, "notes.add_note", text="1"))
    with by_http(port):
        assert failure(await ask(skill, "notes.add_note", text="2"))[0] == "unavailable"
        assert '"id": "1"' in text(await ask(skill, "notes.add_note", text="3"))
    await skill.close()


async def test_one_that_died_while_nobody_looked_is_started_again(unruly: McpTools) -> None:
    text(await ask(unruly, "unruly.count", word="a", times=1))
    for child in psutil.Process().children():
        if "unruly.py" in " ".join(child.cmdline()):
            child.kill()
            await asyncio.to_thread(child.wait)
    for _ in range(20):
        # The end of its output waits to be read by the loop.
        await asyncio.sleep(0)
    while not isinstance(again := await ask(unruly, "unruly.count", word="b", times=1), Done):
        # Nothing was sent to it, so nothing is in doubt.
        assert again == Failed("c1", "unavailable", again.message)
    assert text(again) == "b 1"


async def test_a_turn_that_is_given_up_leaves_no_process_behind() -> None:
    skill = McpTools({"mute": server("sleep", "88.8", tools="x")})
    asking = asyncio.create_task(ask(skill, "mute.x"))
    await asyncio.to_thread(eventually, lambda: sleeping("88.8"))
    asking.cancel()
    await asyncio.wait({asking})
    await asyncio.to_thread(eventually, lambda: not sleeping("88.8"))


def test_words_become_what_the_tool_asks_for() -> None:
    schema = {
        "properties": {
            "n": {"type": "integer"},
            "x": {"type": "number"},
            "b": {"type": "boolean"},
            "e": {"enum": ["Big", 7]},
            "o": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        }
    }
    given: dict[str, Json] = {"n": "5", "x": "2.5", "b": "True", "e": "big", "o": "8"}
    assert fitted(given, schema) == {"n": 5, "x": 2.5, "b": True, "e": "Big", "o": 8}
    assert fitted({"e": "7"}, schema) == {"e": 7}
    with pytest.raises(ValueError, match="not of type"):
        fitted({"n": "five"}, schema)


async def test_a_sentence_reaches_the_tool_and_a_guarded_one_only_after_a_yes(
    tmp_path: Path,
) -> None:
    notes = {
        "command": NOTES,
        "environment": {"PYTHONPATH": str(SUPPORT)},
        "tools": {
            "add_note": {"says": ["note that {text}", "记下{text}"], "risk": "act"},
            "remove_note": {"says": ["strike out note {note_id}"]},
        },
    }
    config = Config.model_validate(
        {
            "paths": {"state": tmp_path, "cache": tmp_path},
            "mcp": {"servers": {"notes": notes}},
            "model": {"smalltalk": "off"},
        }
    )
    parts = assemble(config)
    butler = Butler(parts)

    async def reply(said: str) -> str:
        events = [event async for event in butler.turn(Utterance(said), conversation="c")]
        return next(event.reply.text for event in events if isinstance(event, Replied))

    assert await reply("note that we need milk") == "Id: 1, uri: note:///1"
    assert await reply("记下要买米") == "Id: 2、uri: note:///2"
    question = "Shall I let notes do that: “strike out note 1”?"
    assert await reply("strike out note 1") == question
    assert await reply("no") == "All right, I left it."
    assert await reply("strike out note 1") == question
    assert await reply("yes") == "Yes"
    assert await reply("strike out note 7 ") == question.replace("1", "7")
    assert await reply("yes") == "No"
    assert "shopping day" in await reply("when I say shopping day, note that we shop")
    assert await reply("shopping day") == "Id: 3, uri: note:///3"
    for skill in parts.skills:
        if isinstance(skill, McpTools):
            await skill.close()


def test_a_tool_may_not_take_the_place_of_what_he_can_do_himself(tmp_path: Path) -> None:
    server = {"command": NOTES, "tools": {"turn_on": {"risk": "act"}}}
    config = Config.model_validate(
        {
            "paths": {"state": tmp_path, "cache": tmp_path},
            "mcp": {"servers": {"light": server}},
        }
    )
    with pytest.raises(ConfigError, match=r"light\.turn_on"):
        assemble(config)


def test_the_command_line_shows_what_is_offered_and_what_of_it_is_used(tmp_path: Path) -> None:
    file = tmp_path / "steward.toml"
    file.write_text(
        f"""
        [paths]
        state = "{tmp_path}"
        [mcp.servers.sums]
        command = {json.dumps(CALCULATOR)}
        environment = {{ PYTHONPATH = "{SUPPORT}" }}
        tools.calc.risk = "read"
        [mcp.servers.gone]
        url = "http://127.0.0.1:9/mcp"
        token = "secret-1234"
        """
    )
    done = CliRunner().invoke(app, ["--config", str(file), "mcp", "tools"])
    # What was found is shown, and scripts see that it is not all.
    assert done.exit_code == 4
    assert "calc (read)" in done.output
    assert "echo (not used)" in done.output
    assert "cannot reach the MCP server gone" in done.output
    assert "hint: see whether [mcp.servers.gone] url is right" in done.output
    assert "secret-1234" not in done.output
    named = CliRunner().invoke(app, ["--config", str(file), "mcp", "tools", "sums", "--json"])
    assert named.exit_code == 0
    calculator, echo = json.loads(named.stdout)["sums"]["tools"]
    assert (calculator["risk"], calculator["takes"], echo["risk"]) == (
        "read",
        ["op", "a", "b"],
        None,
    )
