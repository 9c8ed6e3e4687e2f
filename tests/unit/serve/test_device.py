"""What the page is told of this machine."""

from __future__ import annotations

import httpx


async def test_what_runs_now(client: httpx.AsyncClient) -> None:
    now = (await client.get("/api/device")).json()
    assert (now["busy"], now["memory"], now["free"]) == (0.25, 4e9, 1e9)
    (model,) = now["models"]
    assert (model["name"], model["rate"], model["first"]) == ("tiny", 20, 0.5)


async def test_the_report_is_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/device/report")
    assert answer.headers["content-type"].startswith("text/html")
    assert "a box" in answer.text


async def test_the_report_speaks_the_language_of_the_page(client: httpx.AsyncClient) -> None:
    assert "一台设备" in (await client.get("/api/device/report?language=zh")).text
    refused = await client.get("/api/device/report?language=xx")
    assert refused.status_code == 400
    assert "language" in refused.json()["error"]


async def test_nobody_without_a_token_is_told(address: str) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as stranger:
        for path in ("/api/device", "/api/device/report"):
            assert (await stranger.get(path)).status_code == 401
