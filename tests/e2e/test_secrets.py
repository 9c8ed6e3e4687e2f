"""What a server says of those who ask: nothing that would let somebody else in."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from steward.serve.tokens import Scope, local_key, opened


async def test_no_secret_is_in_the_log_or_in_an_answer(tmp_path: Path) -> None:
    state, log = tmp_path / "state", tmp_path / "log"
    with opened(state) as tokens:
        token = tokens.create("phone", Scope.TALK)
    settings = tmp_path / "steward.toml"
    settings.write_text(f'[server]\nport = 0\nlocal_page = "off"\n[paths]\nstate = "{state}"\n')
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from steward.cli import main; main()"),
            *("--config", settings, "--verbose"),
            stdout=out,
            stderr=out,
            env=os.environ | {"COLUMNS": "1000"},
        )
    try:
        url = await _address(log)
        answers = await _asked(url, token)
    finally:
        process.terminate()
        await process.wait()
    assert [answer.status_code for answer in answers] == [200, 403, 401, 401, 400]
    said = log.read_text() + "".join(f"{answer.headers}{answer.text}" for answer in answers)
    for secret in (token, local_key(state)):
        assert secret not in said


async def _address(log: Path) -> str:
    read = partial(asyncio.to_thread, log.read_text)
    async with asyncio.timeout(60):
        while "Steward is at " not in (said := await read()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return said.partition("Steward is at ")[2].split()[0]


async def _asked(url: str, token: str) -> list[httpx.Response]:
    right, wrong = {"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {token}x"}
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        answers = [
            await client.get("/", params={"token": token}),
            await client.get("/api/audit", headers=right),
            await client.get("/api/world", headers=wrong),
            await client.get("/v1/models", headers=wrong),
            await client.post("/api/ask", headers=right, content=token),
        ]
    address = f"{url.replace('http', 'ws')}ws?token={token}"
    with pytest.raises(InvalidStatus):
        async with connect(address, additional_headers=wrong, proxy=None):
            pass
    async with connect(address, additional_headers=right, proxy=None) as socket:
        await socket.recv()
    return answers
