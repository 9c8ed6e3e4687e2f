"""A cloud on loopback that keeps what it is sent, byte for byte, and says what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Cloud:
    """`bodies` are the requests so far, `says` is the answer to the next one."""

    url: str = ""
    says: str = ""
    bodies: list[bytes] = field(default_factory=list)


@contextmanager
def cloud() -> Iterator[Cloud]:
    """Run it while the block lasts."""
    serving = Cloud()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            serving.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            delta = {"index": 0, "delta": {"content": serving.says}, "finish_reason": "stop"}
            answer = f"data: {json.dumps({'choices': [delta]})}\n\ndata: [DONE]\n\n".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    serving.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield serving
    finally:
        server.shutdown()
        server.server_close()
