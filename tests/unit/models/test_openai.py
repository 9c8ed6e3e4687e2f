"""The OpenAI client against a real server that answers every way it should not."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from steward.errors import PeerError
from steward.models.openai import OpenAI
from steward.thinking import Generation, Message

HELLO = [Message("user", "hello")]


@dataclass
class Peer:
    """What the server answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    silent: bool = False
    asked: list[dict[str, object]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


def handler(peer: Peer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            peer.keys.append(self.headers.get("Authorization"))
            peer.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            peer.arrived.set()
            if peer.silent:
                peer.released.wait(30)
                return
            self.send_response(peer.status)
            self.send_header("Content-Length", str(len(peer.body)))
            self.end_headers()
            self.wfile.write(peer.body)

    return Handler


@pytest.fixture
def peer() -> Iterator[Peer]:
    answering = Peer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(answering))
    answering.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield answering
    answering.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def event(data: object) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def chunk(text: str | None, logprobs: list[tuple[str, float]] | None = None) -> bytes:
    choice: dict[str, object] = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    if logprobs is not None:
        choice["logprobs"] = {"content": [{"token": t, "logprob": p} for t, p in logprobs]}
    return event({"choices": [choice]})


DONE = b"data: [DONE]\n\n"


async def ask(model: OpenAI) -> list[tuple[str, float]]:
    return [(t.text, t.logprob) async for t in model.generate(HELLO, Generation(max_tokens=5))]


async def test_tokens_come_with_their_probabilities(peer: Peer) -> None:
    peer.body = b": a comment\n\n" + chunk(None) + chunk("Hi", [("Hi", -0.5)])
    peer.body += chunk(" you", [(" y", -1.0), ("ou", -0.25)]) + event({"choices": []}) + DONE
    model = OpenAI(peer.url, name="m", key="k")
    assert await ask(model) == [("Hi", -0.5), (" y", -1.0), ("ou", -0.25)]
    assert peer.keys == ["Bearer k"]
    assert peer.asked[0]["model"] == "m"
    assert peer.asked[0]["messages"] == [{"role": "user", "content": "hello"}]


async def test_without_probabilities_nothing_is_certain(peer: Peer) -> None:
    peer.body = chunk("Hi") + DONE
    assert await ask(OpenAI(peer.url)) == [("Hi", float("-inf"))]


async def test_text_cut_otherwise_keeps_the_total(peer: Peer) -> None:
    peer.body = chunk("你", [("\ufffd", -1.0), ("\ufffd", -0.5)]) + DONE
    assert await ask(OpenAI(peer.url)) == [("你", -1.5)]


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "key"), (403, "key"), (404, "/v1"), (500, "log"), (429, "later")]
)
async def test_refusals_have_hints(peer: Peer, status: int, hint: str) -> None:
    peer.status, peer.body = status, b'{"error": {"message": "no such luck"}}'
    with pytest.raises(PeerError, match="no such luck") as caught:
        await ask(OpenAI(peer.url))
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "body",
    [
        b"data: {broken\n\n",
        b"data: 7\n\n",
        event({"choices": [{"delta": 3}]}),
        event({"something": "else"}),
        event({"error": {"message": "out of memory"}}),
        chunk("cut", [("cut", -1.0)]),
        b"<html>hello</html>",
        b"",
    ],
)
async def test_nonsense_is_a_peer_error(peer: Peer, body: bytes) -> None:
    peer.body = body
    with pytest.raises(PeerError):
        await ask(OpenAI(peer.url))


async def test_nobody_there() -> None:
    with pytest.raises(PeerError, match="cannot reach") as caught:
        await ask(OpenAI("http://127.0.0.1:1/v1"))
    assert "source" in caught.value.hint


async def test_a_silent_server_times_out(peer: Peer) -> None:
    peer.silent = True
    with pytest.raises(PeerError, match="in time"):
        await ask(OpenAI(peer.url, timeout=httpx.Timeout(0.2)))


async def test_cancelling_does_not_wait_for_the_server(peer: Peer) -> None:
    peer.silent = True
    task = asyncio.create_task(ask(OpenAI(peer.url)))
    assert await asyncio.to_thread(peer.arrived.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await task
