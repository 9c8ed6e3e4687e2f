"""Who is known by voice, over HTTP."""

from __future__ import annotations

import httpx
import pytest

SECOND = bytes(2 * 16_000)


async def test_somebody_is_learnt_listed_and_forgotten(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/people")).json() == []
    added = await client.post("/api/people/安娜?rate=16000", content=SECOND)
    assert added.status_code == 204
    (anna,) = (await client.get("/api/people")).json()
    assert anna["name"] == "安娜"
    assert (await client.delete("/api/people/安娜")).status_code == 204
    assert (await client.delete("/api/people/安娜")).status_code == 404
    assert (await client.get("/api/people")).json() == []


@pytest.mark.parametrize(
    ("query", "sound", "says"),
    [
        ("", SECOND, "no rate"),
        ("?rate=7", SECOND, "no rate"),
        ("?rate=99999999999999", SECOND, "no rate"),
        ("?rate=16000", b"", "too little"),
        ("?rate=16000", SECOND + b"x", "within a sample"),
        ("?rate=16000", SECOND * 61, "longer than"),
    ],
)
async def test_what_nobody_can_be_known_by_is_refused(
    client: httpx.AsyncClient, query: str, sound: bytes, says: str
) -> None:
    answer = await client.post(f"/api/people/Anna{query}", content=sound)
    assert answer.status_code == 400
    assert says in answer.json()["error"]
    assert answer.json()["hint"]
    assert (await client.get("/api/people")).json() == []


async def test_another_site_cannot_teach_a_voice(client: httpx.AsyncClient) -> None:
    headers = {"Origin": "http://elsewhere.example"}
    for method in ("POST", "DELETE"):
        answer = await client.request(
            method, "/api/people/Anna?rate=16000", content=SECOND, headers=headers
        )
        assert answer.status_code == 403
