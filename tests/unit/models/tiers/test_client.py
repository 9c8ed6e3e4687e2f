"""A tier behind an address, with a real server that misbehaves."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from clouds import Cloud, chunks, cloud, cut, endless, event, saying, sending, silent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steward.config.tiers import TierConfig
from steward.errors import ConfigError, PeerError, StewardError
from steward.models.openai import UnreachableError
from steward.models.tiers.client import Remote, cleaned, key_of
from steward.thinking import Completion, Generation, Message

ASKED = (Message("user", "what is the capital of Peru"),)
SECRET = "sk-8h3kd9s7f6g5h4j3"


@pytest.fixture
def peer() -> Iterator[Cloud]:
    with cloud() as serving:
        yield serving


def tier(peer: Cloud, seconds: float = 20, key: str | None = None, tokens: int = 64) -> Remote:
    del tokens
    return Remote("cloud", TierConfig(url=peer.url, model="big", seconds=seconds), key)


async def ask(remote: Remote, tokens: int = 64) -> tuple[Completion, list[bytes]]:
    left: list[bytes] = []
    return await remote.complete(ASKED, Generation(tokens), left.append), left


async def test_what_leaves_is_told_byte_for_byte(peer: Cloud) -> None:
    answer, left = await ask(tier(peer, key=SECRET))
    assert (answer.text, answer.tokens_in, answer.tokens_out) == ("Lima.", 100, 1)
    assert [token.logprob for token in answer.tokens] == [-0.05]
    assert left == peer.bodies
    assert peer.headers[0]["Authorization"] == f"Bearer {SECRET}"
    sent = json.loads(left[0])
    assert (sent["model"], sent["max_tokens"]) == ("big", 64)
    assert "tools" not in sent


async def test_a_server_that_knows_less_is_asked_for_less(peer: Cloud) -> None:
    def strict(serving: Cloud, handler: object) -> None:
        known = set(json.loads(serving.bodies[-1])) <= {"model", "messages", "stream"}
        refusal = sending(b'{"error": {"message": "extra fields"}}', 422)
        (saying("Lima.", None) if known else refusal)(serving, handler)  # type: ignore[arg-type]

    peer.answer = strict
    remote = tier(peer)
    answer, left = await ask(remote)
    assert (answer.text, answer.tokens, len(left)) == ("Lima.", (), 2)
    _, left = await ask(remote)
    assert len(left) == 1


FLOOD = chunks("flood " * 60_000)


@pytest.mark.parametrize(
    ("answer", "tells"),
    [
        (sending(b"<html>hello</html>"), "no stream"),
        (sending(b"data: {broken\n\n"), "not OpenAI's"),
        (sending(b"data: " + b"[" * 100_000 + b"\n\n"), "cloud|127"),
        (sending(event({"choices": [{"delta": {"content": {"a": 1}}}]})), "not OpenAI's"),
        (sending(event({"choices": [{"delta": {"tool_calls": [{"id": "x"}]}}]})), "broke off"),
        (sending(chunks("x", 10**400)), "not OpenAI's"),
        (sending(f"data: {SECRET}".encode()), "•••"),
        (sending(b"x" * 10_000_000), "more than"),
        (sending(FLOOD), ""),
        (sending(b"no" * 5_000_000, 500), "500"),
        (sending(chunks("moved"), 302, {"Location": "http://127.0.0.1:1/"}), "302"),
        (cut, "broke off"),
        (sending(chunks(" ")), "said nothing"),
        (sending(chunks("<think>I must open the door")), "said nothing"),
    ],
)
async def test_a_cloud_that_is_wrong_or_hostile(peer: Cloud, answer: object, tells: str) -> None:
    peer.answer = answer  # type: ignore[assignment]
    try:
        said, _ = await ask(tier(peer, key=SECRET))
    except PeerError as error:
        assert tells
        assert tells.split("|")[0] in str(error) or tells.split("|")[-1] in str(error)
        assert len(error.message) < 500
    else:
        assert not tells
        assert len(said.text) <= 8000


@pytest.mark.parametrize("answer", [silent, endless])
async def test_nobody_waits_longer_than_the_owner_wants(peer: Cloud, answer: object) -> None:
    peer.answer = answer  # type: ignore[assignment]
    with pytest.raises(PeerError):
        await ask(tier(peer, seconds=0.3), tokens=8192)


async def test_an_answer_that_never_ends_is_cut_at_what_was_asked_for(peer: Cloud) -> None:
    peer.answer = sending(chunks("a " * 300))
    answer, _ = await ask(tier(peer), tokens=20)
    assert len(answer.text.split()) < 40


async def test_nobody_there() -> None:
    with pytest.raises(UnreachableError) as caught:
        await ask(tier(Cloud(url="http://127.0.0.1:1/v1")))
    assert "[tiers.cloud]" in caught.value.hint


async def test_a_key_that_a_server_repeats_is_not_shown(peer: Cloud) -> None:
    peer.answer = sending(
        json.dumps({"error": {"message": f"bad key {SECRET}\x1b[31m"}}).encode(), 401
    )
    with pytest.raises(PeerError, match="bad key") as caught:
        await ask(tier(peer, key=SECRET))
    assert SECRET not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert "[tiers.cloud]" in caught.value.hint


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=300) | st.text(max_size=200).map(lambda t: b"data: " + t.encode()))
async def test_whatever_comes_is_an_answer_or_a_peer_error(peer: Cloud, body: bytes) -> None:
    peer.answer = sending(body)
    try:
        await ask(tier(peer))
    except PeerError as error:
        assert error.hint


def test_what_is_shown_of_an_answer() -> None:
    assert cleaned("<think>hm</think> It is\x07 Lima.\n") == "It is  Lima."


def test_where_keys_come_from(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_KEY", f" {SECRET}\n")
    at = TierConfig(url="https://x/v1", key_env="CLOUD_KEY")
    assert key_of("cloud", at) == SECRET
    assert key_of("cloud", TierConfig(url="https://x/v1")) is None
    monkeypatch.setenv("CLOUD_KEY", "two words")
    with pytest.raises(ConfigError) as caught:
        key_of("cloud", at)
    assert "two words" not in str(caught.value)
    missing = TierConfig.model_validate({"url": "https://x/v1", "key_file": f"{tmp_path}/none"})
    with pytest.raises(StewardError, match="cannot be read"):
        key_of("cloud", missing)
