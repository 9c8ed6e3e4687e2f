"""Any OpenAI-compatible chat endpoint as a LanguageModel, over httpx with server-sent events."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx

from steward.errors import PeerError
from steward.models.shown import shown
from steward.models.stream import PLAIN, tokens_of
from steward.thinking import Generation, Message, Token

TIMEOUT = httpx.Timeout(connect=5.0, read=60.0, write=10.0, pool=5.0)
"""Seconds; reading includes the wait for the first token of a large model."""
SHORTEST, PER_TOKEN = 65_536, 2_048
"""Bytes of an answer that are read at most: so many, and so many more for each token asked for.
Each is an event of its own, with its log-probability, of some 300 bytes."""
_LONGEST_REFUSAL = 65_536
_NUMBER = 10**9
"""No count of tokens is believed from here on."""


class RefusedError(PeerError):
    """The server answered with a `status` other than 200.

    `wait` is how many seconds it asks to be left alone for, 0 where it says nothing.
    """

    def __init__(self, message: str, *, hint: str, status: int, wait: float) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.wait = wait


class UnreachableError(PeerError):
    """There was no connection, so that nothing has left."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a request and of its answer, as the server counts them."""

    tokens_in: int
    tokens_out: int


class OpenAI:
    """A model behind `url`, which ends in /v1.

    `name` is the server's name of the model, `key` its API key, `table` where the configuration
    names them, for hints, `tls` whom to believe instead of those whom the system believes. Servers
    that give no log-probabilities are understood: their tokens carry minus infinity, which every
    confidence gate reads as "unknown, so no". `grammar` is sent along in llama.cpp's form; other
    servers ignore it or refuse it. Nobody is followed elsewhere, and no more is read than an answer
    of the length that was asked for can have.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "",
        key: str | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        tls: ssl.SSLContext | None = None,
        table: str = "[model]",
    ) -> None:
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._shown = shown(self._url)
        self._name = name
        self._key = key
        self._timeout = timeout
        self._tls: ssl.SSLContext | bool = tls or True
        self._table = table

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Yield the answer token by token; closing the iterator closes the connection.

        Raises:
            PeerError: the server cannot be reached, refuses, is too slow or answers nonsense.
        """
        body = self.body(messages, options)
        async with aclosing(self.stream(body, options.max_tokens)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Token):
                    yield piece

    def body(self, messages: Sequence[Message], options: Generation = PLAIN) -> bytes:
        """Return the body of the request that asks for an answer to `messages`."""
        request: dict[str, Any] = {
            "messages": [{"role": item.role, "content": item.content} for item in messages],
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "seed": options.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if options.scored:
            request["logprobs"] = True
        if options.grammar is not None:
            request["grammar"] = options.grammar
        return self._encoded(request)

    def plain_body(self, messages: Sequence[Message]) -> bytes:
        """Return the body of a request with no more than what every server knows."""
        told = [{"role": item.role, "content": item.content} for item in messages]
        return self._encoded({"messages": told, "stream": True})

    async def stream(self, body: bytes, tokens: int) -> AsyncGenerator[Token | Usage, None]:
        """Send `body`, as `body` makes it, and yield up to `tokens` tokens and what they took.

        Raises:
            RefusedError: the server refuses.
            UnreachableError: there is no connection to it.
            PeerError: it cannot be reached, is too slow or answers nonsense, or too much.
        """
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            async with (
                httpx.AsyncClient(timeout=self._timeout, verify=self._tls) as client,
                client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    await self._refused(answer)
                async for piece in self._read(answer, tokens):
                    yield piece
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as error:
            raise UnreachableError(
                f"cannot reach {self._shown}: {error or type(error).__name__}",
                hint=f"check that the server runs and that {self._table} names its address "
                "(`source` or `url`)",
            ) from error
        except httpx.TimeoutException as error:
            raise PeerError(
                f"{self._shown} did not answer in time", hint="try again, or name a faster server"
            ) from error
        except (httpx.TransportError, httpx.StreamError) as error:
            raise PeerError(
                f"{self._shown} broke off: {error or type(error).__name__}",
                hint="try again; see that server's log",
            ) from error

    def _encoded(self, request: dict[str, Any]) -> bytes:
        named = {"model": self._name} if self._name else {}
        return json.dumps({**named, **request}, ensure_ascii=False).encode("utf-8", "replace")

    async def _read(self, answer: httpx.Response, most: int) -> AsyncGenerator[Token | Usage, None]:
        """Read the event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).

        Only `data` lines matter here: every chunk of this API is one such line.
        """
        begun, finished, count = False, False, 0
        async for line in self._lines(answer, SHORTEST + PER_TOKEN * most):
            field, _, value = line.partition(":")
            if field != "data":
                continue
            begun = True
            if value.strip() == "[DONE]":
                return
            try:
                chunk = json.loads(value)
                if failure := chunk.get("error"):
                    self._failed(failure)
                tokens, usage = tokens_of(chunk), _usage(chunk)
                finished = finished or any(item.get("finish_reason") for item in chunk["choices"])
            except _NONSENSE as error:
                raise PeerError(
                    f"{self._shown} sent a chunk that is not OpenAI's: "
                    f"{self._clean(value.strip())[:80]!r}",
                    hint=f"check that the address under {self._table} is of an OpenAI-compatible "
                    "API",
                ) from error
            for token in tokens:
                yield token
            if usage is not None:
                yield usage
            count += len(tokens)
            if count >= most + _GRACE:
                return
        if not begun:
            raise PeerError(
                f"{self._shown} sent no stream of events, as OpenAI's API does when asked to",
                hint=f"check that the address under {self._table} is of an OpenAI-compatible API "
                "that streams its answers",
            )
        if not finished:
            raise PeerError(
                f"{self._shown} broke off in the middle of its answer",
                hint="try again; see that server's log",
            )

    async def _lines(self, answer: httpx.Response, most: int) -> AsyncIterator[str]:
        """Yield the lines of a body of at most so many bytes, as they come over the wire."""
        rest, read = b"", 0
        async for piece in answer.aiter_raw():
            read += len(piece)
            if read > most:
                raise self._too_much(most)
            *whole, rest = (rest + piece).split(b"\n") if b"\n" in piece else (rest + piece,)
            if len(rest) > SHORTEST:
                raise self._too_much(SHORTEST)
            for line in whole:
                yield line.decode("utf-8", "replace").rstrip("\r")
        yield rest.decode("utf-8", "replace")

    def _too_much(self, most: int) -> PeerError:
        return PeerError(
            f"{self._shown} sent more than {most} bytes for a short answer",
            hint="see what that server is, and what it says",
        )

    async def _refused(self, answer: httpx.Response) -> NoReturn:
        body = b""
        async for piece in answer.aiter_raw():
            body += piece[: _LONGEST_REFUSAL - len(body)]
            if len(body) >= _LONGEST_REFUSAL:
                break
        status = answer.status_code
        keys = f"set the right key under {self._table}"
        found = f"check that the address under {self._table} ends in /v1, and the model's name"
        hints = {401: keys, 403: keys, 404: found}
        raise RefusedError(
            f"{self._shown} answered {status} {answer.reason_phrase}: {self._clean(_said(body))}",
            hint=hints.get(status, "see that server's log, or try again later"),
            status=status,
            wait=_seconds(answer.headers.get("retry-after", "")),
        )

    def _failed(self, failure: Any) -> NoReturn:
        said = failure.get("message", failure) if isinstance(failure, dict) else failure
        raise PeerError(
            f"{self._shown} failed: {self._clean(str(said)[:200])}", hint="see that server's log"
        )

    def _clean(self, said: str) -> str:
        """Return a server's words as they may be shown: it may repeat the key that it was given."""
        said = said.replace(self._key, "•••") if self._key else said
        return "".join(letter if letter.isprintable() else " " for letter in said)


_NONSENSE = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)
_GRACE = 8
"""Tokens more than were asked for that are let pass: some servers count otherwise."""


def _said(body: bytes) -> str:
    """Return the server's own words about a refusal, shortened."""
    try:
        return str(json.loads(body)["error"]["message"])[:200]
    except (ValueError, KeyError, TypeError, RecursionError):
        return body[:200].decode("utf-8", "replace").strip() or "no explanation"


def _seconds(told: str) -> float:
    """Return what a Retry-After says in seconds; 0 where it says nothing, or a date."""
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0.0


def _usage(chunk: dict[str, Any]) -> Usage | None:
    """Return what a chunk tells of the tokens that were counted, if they can be believed."""
    told = chunk.get("usage") or {}
    counts = [told.get("prompt_tokens"), told.get("completion_tokens")]
    numbers = [n for n in counts if isinstance(n, int) and not isinstance(n, bool)]
    if len(numbers) != len(counts) or not all(0 <= n < _NUMBER for n in numbers):
        return None
    return Usage(*numbers)
