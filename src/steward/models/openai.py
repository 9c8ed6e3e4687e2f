"""Any OpenAI-compatible chat endpoint as a LanguageModel, over httpx with server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any, NoReturn

import httpx

from steward.errors import PeerError
from steward.models.stream import PLAIN, tokens_of
from steward.thinking import Generation, Message, Token

TIMEOUT = httpx.Timeout(connect=5.0, read=60.0, write=10.0, pool=5.0)
"""Seconds; reading includes the wait for the first token of a large model."""
_NOT_FOUND = "check that `source` under [model] ends in /v1 and `name` is a model of that server"
_REFUSED = "set the right `key` under [model]"


class OpenAI:
    """A model behind `url`, which ends in /v1.

    `name` is the server's name of the model, `key` its API key. Servers that give no
    log-probabilities are understood: their tokens carry minus infinity, which every confidence
    gate reads as "unknown, so no". `grammar` is sent along in llama.cpp's form; other servers
    ignore it or refuse it.
    """

    def __init__(
        self, url: str, *, name: str = "", key: str | None = None, timeout: httpx.Timeout = TIMEOUT
    ) -> None:
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._name = name
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Yield the answer token by token; closing the iterator closes the connection.

        Raises:
            PeerError: the server cannot be reached, refuses, is too slow or answers nonsense.
        """
        request = _request(self._name, messages, options)
        try:
            async with (
                httpx.AsyncClient(timeout=self._timeout, headers=self._headers) as client,
                client.stream("POST", self._url, json=request) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    await answer.aread()
                    self._refused(answer)
                async for token in self._read(answer):
                    yield token
        except httpx.TimeoutException as error:
            raise PeerError(
                f"{self._url} did not answer in time", hint="try again, or name a faster server"
            ) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise PeerError(
                f"cannot reach {self._url}: {error or type(error).__name__}",
                hint="check that the server runs and that `source` under [model] is its address",
            ) from error

    async def _read(self, answer: httpx.Response) -> AsyncGenerator[Token, None]:
        """Read the event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).

        Only `data` lines matter here: every chunk of this API is one such line.
        """
        finished = False
        async for line in answer.aiter_lines():
            field, _, value = line.partition(":")
            if field != "data":
                continue
            if value.strip() == "[DONE]":
                return
            try:
                chunk = json.loads(value)
                if failure := chunk.get("error"):
                    self._failed(failure)
                tokens = tokens_of(chunk)
                finished = finished or any(item.get("finish_reason") for item in chunk["choices"])
            except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
                raise PeerError(
                    f"{self._url} sent a chunk that is not OpenAI's: {value.strip()[:80]!r}",
                    hint="check that `source` under [model] is an OpenAI-compatible API",
                ) from error
            for token in tokens:
                yield token
        if not finished:
            raise PeerError(
                f"{self._url} broke off in the middle of its answer",
                hint="try again; see that server's log",
            )

    def _refused(self, answer: httpx.Response) -> NoReturn:
        hints = {401: _REFUSED, 403: _REFUSED, 404: _NOT_FOUND}
        raise PeerError(
            f"{self._url} answered {answer.status_code} {answer.reason_phrase}: {_said(answer)}",
            hint=hints.get(answer.status_code, "see that server's log, or try again later"),
        )

    def _failed(self, failure: Any) -> NoReturn:
        said = failure.get("message", failure) if isinstance(failure, dict) else failure
        raise PeerError(f"{self._url} failed: {said}", hint="see that server's log")


def _said(answer: httpx.Response) -> str:
    """Return the server's own words about a refusal, shortened."""
    try:
        return str(answer.json()["error"]["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return answer.text[:200].strip() or "no explanation"


def _request(name: str, messages: Sequence[Message], options: Generation) -> dict[str, Any]:
    request: dict[str, Any] = {
        "messages": [{"role": item.role, "content": item.content} for item in messages],
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "seed": options.seed,
        "stream": True,
        "logprobs": True,
    }
    if name:
        request["model"] = name
    if options.grammar is not None:
        request["grammar"] = options.grammar
    return request
