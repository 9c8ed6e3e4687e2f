"""A file behind an http(s) address, read in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from steward.errors import PeerError
from steward.models.shown import shown

TIMEOUT = httpx.Timeout(30.0)
"""Seconds without a byte before a connection counts as lost."""
_SUM = re.compile(r"[0-9a-f]{64}")
_DIGITS = 15


class WebFile:
    """A file behind an address, of which only what is asked for is fetched."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        """Ask `url` for its size; raises PeerError where it cannot be read in parts."""
        self.name = shown(url)
        self._url = url
        self._client = client
        _, self.size = self._ask(0, 1)

    def read(self, offset: int, count: int) -> bytes:
        """Return bytes; see `Source`."""
        count = min(count, self.size - offset)
        return self._ask(offset, count)[0] if count > 0 else b""

    def _ask(self, offset: int, count: int) -> tuple[bytes, int]:
        """Return bytes, and the size of the whole file."""
        last = offset + count - 1
        headers = {"Range": f"bytes={offset}-{last}", "Accept-Encoding": "identity"}
        hint = "check the address and the network"
        try:
            with self._client.stream("GET", self._url, headers=headers) as answer:
                if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                    # Read no further: it may be the whole file, of many gigabytes.
                    said = f"{answer.status_code} {answer.reason_phrase}"
                    raise PeerError(
                        f"{self.name} answered {said} where a part of it was asked for", hint=hint
                    )
                part, _, total = answer.headers.get("content-range", "").rpartition("/")
                data = _at_most(answer, count)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PeerError(f"cannot read {self.name}: {error}", hint=hint) from error
        if not _size(total) or part != f"bytes {offset}-{last}":
            raise PeerError(f"{self.name} gave another part than was asked for", hint=hint)
        if len(data) != count:
            raise PeerError(f"{self.name} broke off", hint=hint)
        return data, int(total)


def _size(told: str) -> bool:
    return told.isascii() and told.isdigit() and len(told) <= _DIGITS


def _at_most(answer: httpx.Response, count: int) -> bytes:
    data = b""
    for piece in answer.iter_bytes():
        data += piece
        if len(data) > count:
            break
    return data


@contextmanager
def web_file(url: str) -> Iterator[WebFile]:
    """Open `url` for as long as the block runs; proxies are those of the environment.

    Raises:
        PeerError: the server refuses, or cannot give parts of a file.
    """
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        yield WebFile(client, url)


def announced(url: str) -> tuple[int, str]:
    """Return the size in bytes that a server tells of a file, and its SHA-256 ("": not told).

    Hugging Face tells both in the answer that sends one on to where the bytes are.

    Raises:
        PeerError: the server refuses, or does not tell the size.
    """
    hint = "check the address, your access to it, and the network"
    try:
        # "identity": the size of what is packed for the way would be another one.
        headers = {"Accept-Encoding": "identity"}
        answer = httpx.head(url, timeout=TIMEOUT, headers=headers)
        told = answer.headers.get("x-linked-etag", "").strip('W/"')
        size = answer.headers.get("x-linked-size", "")
        if answer.is_redirect:
            answer = httpx.head(url, timeout=TIMEOUT, headers=headers, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PeerError(f"cannot read {shown(url)}: {error}", hint=hint) from error
    if not answer.is_success:
        raise PeerError(
            f"{shown(url)} answered {answer.status_code} {answer.reason_phrase}", hint=hint
        )
    size = size or answer.headers.get("content-length", "")
    if not _size(size):
        raise PeerError(
            f"{shown(url)} does not tell its size",
            hint="fetch it by other means, and name the file",
        )
    return int(size), told if _SUM.fullmatch(told) else ""
