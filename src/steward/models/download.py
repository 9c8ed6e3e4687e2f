"""Bytes from an http(s) address into a file, going on where an earlier try stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import httpx

from steward.errors import PeerError
from steward.models.disk import writing
from steward.models.shown import shown
from steward.models.web import TIMEOUT

log = logging.getLogger(__name__)

TRIES = 5
"""Connections in a row that bring nothing before giving up."""
_RETRY_STATUS = frozenset({408, 429, 500, 502, 503, 504})


def download(url: str, target: Path, size: int, on_bytes: Callable[[int], None]) -> None:
    """Bring `target` to the `size` bytes that `url` serves, asking only for what is missing.

    `on_bytes` is told how many bytes of `target` there are. The content is not judged here.

    Raises:
        PeerError: the server refuses, answers something else, or the connection keeps breaking.
        ModelError: the disk cannot take the file.
    """
    stuck = 0
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        while (have := _length(target)) != size:
            if have > size:
                target.unlink()
                have = 0
            try:
                _ask(client, url, target, size, on_bytes)
            except httpx.TransportError as error:
                stuck = stuck + 1 if _length(target) <= have else 0
                log.warning("%s: %s, %d of %d bytes", shown(url), error, _length(target), size)
                if stuck >= TRIES or isinstance(error, httpx.UnsupportedProtocol):
                    raise PeerError(
                        f"cannot fetch {shown(url)}: {error}",
                        hint="check the network and the proxy settings, then try again",
                    ) from error
                continue
            except httpx.TooManyRedirects as error:
                raise PeerError(
                    f"cannot fetch {shown(url)}: {error}", hint="check the address"
                ) from error
            if _length(target) <= have:
                stuck += 1
            if stuck >= TRIES:
                raise PeerError(
                    f"{shown(url)} has fewer than the {size} bytes it should have",
                    hint="the file at this address is not the one that was announced",
                )


def _ask(
    client: httpx.Client, url: str, target: Path, size: int, on_bytes: Callable[[int], None]
) -> None:
    """Ask once for the rest of `target` and write whatever comes."""
    have = _length(target)
    # Without "identity" a server may compress, and a range of compressed bytes cannot be joined.
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code in _RETRY_STATUS:
            raise httpx.ReadError(f"status {answer.status_code}", request=answer.request)
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            target.unlink()
            return
        if answer.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            raise PeerError(
                f"{shown(url)} answered {answer.status_code} {answer.reason_phrase}",
                hint="check the address and your access to it",
            )
        continues = answer.headers.get("content-range", "").startswith(f"bytes {have}-")
        with writing(target), target.open("ab" if have and continues else "wb") as file:
            for piece in answer.iter_bytes():
                file.write(piece)
                on_bytes(file.tell())
                if file.tell() > size:
                    raise PeerError(
                        f"{shown(url)} has more than the {size} bytes it should have",
                        hint="the file at this address is not the one that was announced",
                    )


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
