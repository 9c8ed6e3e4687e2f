"""A cloud on loopback that answers questions, or misbehaves in every way that clouds do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias


@dataclass
class Cloud:
    """What was asked of it (`bodies`, byte for byte), and how it answers from now on."""

    url: str = ""
    answer: Answering | None = None
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def asked(self) -> list[str]:
        """The last message of each request."""
        return [json.loads(body)["messages"][-1]["content"] for body in self.bodies]


Answering: TypeAlias = Callable[[Cloud, BaseHTTPRequestHandler], None]


def event(data: object) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def chunks(text: str, logprob: float | None = -0.05) -> bytes:
    """Return the events of an answer, a word each, and the count of its tokens."""
    out: list[bytes] = []
    for number, word in enumerate(text.split()):
        piece = f" {word}" if number else word
        choice: dict[str, object] = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
        if logprob is not None:
            choice["logprobs"] = {"content": [{"token": piece, "logprob": logprob}]}
        out.append(event({"choices": [choice]}))
    out.append(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
    usage = {"prompt_tokens": 100, "completion_tokens": len(text.split())}
    return b"".join((*out, event({"choices": [], "usage": usage}), b"data: [DONE]\n\n"))


def saying(text: str, logprob: float | None = -0.05) -> Answering:
    return sending(chunks(text, logprob))


def sending(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Answering:
    def answer(_: Cloud, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        try:
            handler.wfile.write(body)
        except OSError:
            return  # The client has heard enough.

    return answer


def silent(cloud: Cloud, _: BaseHTTPRequestHandler) -> None:
    """Say nothing until the test is over."""
    cloud.released.wait(60)


def cut(cloud: Cloud, handler: BaseHTTPRequestHandler) -> None:
    """Begin an answer and close the connection."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(chunks("Paris is the")[:150])
    handler.wfile.flush()
    handler.connection.close()


def endless(cloud: Cloud, handler: BaseHTTPRequestHandler) -> None:
    """Send one letter after the other, and never an end."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while not cloud.released.is_set():
            handler.wfile.write(chunks("a")[:90] + b"\n\n")
            handler.wfile.flush()
            time.sleep(0.01)
    except OSError:
        return


@contextmanager
def cloud(answer: Answering | None = None) -> Iterator[Cloud]:
    """Run a cloud that answers by `answer`, which the test may change at any time."""
    serving = Cloud(answer=answer or saying("Lima."))

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            serving.headers.append(dict(self.headers))
            serving.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            assert serving.answer is not None
            serving.answer(serving, self)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    serving.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield serving
    finally:
        serving.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
