"""What is asked of llama.cpp's server in a worker, over HTTP on loopback."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import httpx

from steward.errors import ModelError
from steward.models.process import Worker
from steward.thinking import Message

_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT = "shorten the text, or set a larger `context` under [model]"
_REPORT = "the request to the model is wrong; please report this"
_SMALL = "free memory, or choose a smaller model or `context` under [model]"


class LostError(ModelError):
    """The worker ended in the middle of a request: it was killed, or killed itself."""


class SilentError(ModelError):
    """The worker has shown no progress for too long."""


class LlamaServer:
    """The server in `worker`. Every method raises LostError, SilentError, or ModelError."""

    def __init__(self, worker: Worker, name: str, patience: float) -> None:
        """`patience` is how many seconds may pass without any progress."""
        self.worker = worker
        self._name = name
        self._patience = patience

    async def stream(self, path: str, request: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
        """Yield the chunks of an answer; closing the iterator stops the work."""
        # Progress is told batch by batch, so that a long prompt is not taken for a hang.
        asked = {**request, "stream": True, "return_progress": True}
        async with (
            self._client() as client,
            client.stream("POST", path, json=asked) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                self._refused((await answer.aread()).decode(errors="replace"))
            async for line in answer.aiter_lines():
                field, _, value = line.partition(":")
                if field in ("data", "error") and value.strip() != "[DONE]":
                    chunk = json.loads(value)
                    if "error" in chunk or field == "error":
                        self._refused(value)
                    yield chunk

    async def ask(self, path: str, request: Mapping[str, Any]) -> Any:
        """Return the answer to a request that takes no time to speak of."""
        async with self._client() as client:
            answer = await client.post(path, json=request)
            if answer.status_code != httpx.codes.OK:
                self._refused(answer.text)
            return answer.json()

    async def text_of(self, messages: Sequence[Message], *, whole: bool) -> str:
        """Return `messages` in the model's own form, a `whole` chat with the answer's begin."""
        asked = {"messages": said(messages), "add_generation_prompt": whole}
        return str((await self.ask("/apply-template", asked))["prompt"])

    async def save(self, slot: int, file: Path) -> None:
        """Write what `slot` holds to `file`, which is in the worker's folder."""
        await self.ask(f"/slots/{slot}?action=save", {"filename": file.name})

    async def restore(self, slot: int, file: Path) -> None:
        """Let `slot` hold what is in `file`, which must be sound and of this model."""
        await self.ask(f"/slots/{slot}?action=restore", {"filename": file.name})

    @asynccontextmanager
    async def _client(self) -> AsyncGenerator[httpx.AsyncClient, None]:
        try:
            async with httpx.AsyncClient(
                base_url=self.worker.url,
                headers={"Authorization": f"Bearer {self.worker.key}"},
                timeout=self._patience,
                # On loopback: neither a proxy nor certificates, which take 30 ms to load.
                trust_env=False,
                verify=_NO_CERTIFICATES,
            ) as client:
                yield client
        except httpx.TimeoutException as error:
            raise SilentError(
                f"llama.cpp on {self._name} has shown no progress for {self._patience:.0f} s",
                hint="it is started anew with the next request; if that happens again, choose a "
                "smaller model under [model]",
            ) from error
        except httpx.TransportError as error:
            raise LostError(
                f"llama.cpp on {self._name} ended in the middle of a request",
                hint=f"it is started anew with the next request; {_SMALL}",
            ) from error

    def _refused(self, answer: str) -> NoReturn:
        try:
            failure = json.loads(answer)
            failure = failure.get("error", failure)
            text, kind = str(failure.get("message", failure)), failure.get("type")
        except (ValueError, AttributeError):
            text, kind = answer[:200], None
        hint = _CONTEXT if kind == "exceed_context_size_error" else _REPORT
        raise ModelError(f"llama.cpp on {self._name}: {text}", hint=hint)


def said(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Return `messages` in OpenAI's form."""
    return [{"role": item.role, "content": item.content} for item in messages]
