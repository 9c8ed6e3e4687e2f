"""A web server of files that can be asked for by parts, and that can break off or refuse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """`files` by path. `cut` breaks off after so many bytes, once each; without `ranges` every
    answer is the whole file; `headers` are told beside. `sent` counts the bytes of bodies, `asked`
    keeps path and range."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    sent: int = 0
    asked: list[tuple[str, str | None]] = field(default_factory=list)


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            if (data := site.files.get(self.path.split("?")[0])) is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def do_GET(self) -> None:
            path, wanted = self.path.split("?")[0], self.headers.get("Range")
            site.asked.append((path, wanted))
            if (data := site.files.get(path)) is None:
                self.send_error(404)
                return
            begin, end = 0, len(data)
            if wanted and site.ranges:
                first, _, last = wanted.removeprefix("bytes=").partition("-")
                begin, end = int(first), min(end, int(last) + 1 if last else end)
                if begin >= len(data):
                    self.send_error(416)
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(data)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(end - begin))
            self.end_headers()
            body = data[begin:end][: site.cut.pop(path, len(data))]
            site.sent += len(body)
            self.wfile.write(body)

    return Handler


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a Site on a port of loopback for as long as the block runs."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
