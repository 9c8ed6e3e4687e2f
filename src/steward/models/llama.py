"""llama.cpp in this process, through xllamacpp: any GGUF file becomes a LanguageModel."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import struct
import threading
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from steward.errors import ModelError
from steward.models.stream import PLAIN, tokens_of
from steward.thinking import Generation, Message, Token

log = logging.getLogger(__name__)

SLOTS = 2
"""Generations at a time; they share the context memory. More wait for their turn."""
BATCH = 128
"""Tokens of a prompt computed at once: the memory for it grows with this, the speed hardly."""
_QUIET = -1
_CHATTY = 3
_HEADER = struct.Struct("<4sIQQ")
"""GGUF: magic, version, number of tensors, number of metadata entries
(https://github.com/ggml-org/ggml/blob/master/docs/gguf.md)."""
_VERSIONS = (2, 3)
_MOST_ENTRIES = 1 << 20


class Llama:
    """A GGUF model in this process.

    `context` is in tokens and shared by all generations; `threads` 0 means the physical cores. The
    log-probabilities are the model's own, before temperature and grammar; those of a character
    that takes several tokens are its last token's.
    """

    def __init__(self, path: Path, *, context: int = 2048, threads: int = 0) -> None:
        """Load the model; takes a second or so.

        Raises:
            ModelError: the file is missing, is no GGUF file, is damaged, or llama.cpp refuses it.
        """
        check_gguf(path)
        runtime = _runtime()
        try:
            self._server = runtime.Server(_parameters(runtime, path, context, threads))
            # The first answer tells that its loop runs: freed before, it would wait for ever.
            self._server.handle_metrics()
        except RuntimeError as error:
            raise ModelError(
                f"llama.cpp cannot load {path}: {error}",
                hint="the file is damaged or of a kind this llama.cpp does not know; "
                "for a listed model run: steward setup",
            ) from error
        self._path = path
        self._workers = ThreadPoolExecutor(SLOTS, thread_name_prefix="llama")

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Yield the answer to `messages` token by token; closing the iterator stops the work.

        The work stops within one token, or at the end of the prompt when none has come yet.

        Raises:
            ModelError: the messages do not fit into the context, or the grammar is invalid.
        """
        run = _Run(asyncio.get_running_loop())
        request = json.dumps(_request(messages, options))
        self._workers.submit(run.work, self._server, request)
        try:
            while (chunk := await run.chunks.get()) is not None:
                if isinstance(chunk, BaseException):
                    raise chunk
                for token in self._tokens(chunk):
                    yield token
        finally:
            run.stop.set()

    def _tokens(self, chunk: dict[str, Any]) -> list[Token]:
        if failure := chunk.get("error"):
            said = failure.get("message", failure)
            if failure.get("type") == "exceed_context_size_error":
                hint = "shorten the text, or set a larger `context` under [model]"
            else:
                hint = "the request to the model is wrong; please report this"
            raise ModelError(f"llama.cpp on {self._path.name}: {said}", hint=hint)
        return tokens_of(chunk)


class _Run:
    """One generation: a thread works, the event loop reads `chunks` until None or an exception."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.chunks: asyncio.Queue[dict[str, Any] | BaseException | None] = asyncio.Queue()
        self.stop = threading.Event()

    def work(self, server: Any, request: str) -> None:
        if self.stop.is_set():
            return
        try:
            server.handle_chat_completions(request, self.on_chunk)
        except BaseException as error:
            # The reader raises it where it is of use.
            self.put(error)
            raise
        self.put(None)

    def on_chunk(self, chunk: str | dict[str, Any]) -> bool:
        """Pass a chunk on; the answer True tells llama.cpp to stop."""
        if not self.stop.is_set():
            self.put(json.loads(chunk) if isinstance(chunk, str) else chunk)
        return self.stop.is_set()

    def put(self, item: dict[str, Any] | BaseException | None) -> None:
        try:
            self.loop.call_soon_threadsafe(self.chunks.put_nowait, item)
        except RuntimeError:
            # The loop is closed, and with it whoever would have read this.
            self.stop.set()


def check_gguf(path: Path) -> None:
    """Look at the head of a GGUF file, so that what is plainly none never reaches native code.

    Raises:
        ModelError: the file is missing, unreadable, too short or not a GGUF file.
    """
    hint = "name a GGUF file as `source` under [model]; for a listed model run: steward setup"
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror}", hint=hint) from error
    if len(head) < _HEADER.size or not head.startswith(b"GGUF"):
        raise ModelError(f"{path} is not a GGUF file", hint=hint)
    _, version, tensors, entries = _HEADER.unpack(head)
    if version not in _VERSIONS:
        raise ModelError(f"{path} is GGUF version {version}, known are {_VERSIONS}", hint=hint)
    if not (0 < tensors < _MOST_ENTRIES and 0 < entries < _MOST_ENTRIES):
        raise ModelError(f"{path} is damaged: its header makes no sense", hint=hint)


def _runtime() -> Any:
    """Load llama.cpp, 100 MB of machine code that a model behind a URL does not need."""
    # Read by OpenMP when it is loaded: a thread that waits for another sleeps. Spinning, two
    # threads on two cores that others use too are three to eight times slower (bench/LOG.md).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import xllamacpp

    return xllamacpp


def _parameters(runtime: Any, path: Path, context: int, threads: int) -> Any:
    """Return llama.cpp's parameters for a small box that others use too."""
    chosen = runtime.CommonParams()
    chosen.model.path = str(path)
    chosen.n_ctx = context
    chosen.n_parallel = SLOTS
    chosen.kv_unified = True
    chosen.n_batch = chosen.n_ubatch = BATCH
    chosen.n_gpu_layers = 0
    chosen.fit_params = False
    # Memory: no copies of old prompts beyond what the slots hold anyway.
    chosen.cache_ram_mib = 0
    chosen.n_ctx_checkpoints = 0
    # xllamacpp always opens a port on loopback; the random key keeps everybody else out of it.
    chosen.api_keys = [secrets.token_hex(32)]
    chosen.endpoint_slots = False
    chosen.endpoint_metrics = True
    chosen.ui = False
    chosen.verbosity = _CHATTY if log.isEnabledFor(logging.DEBUG) else _QUIET
    cores = threads or psutil.cpu_count(logical=False) or 1
    for pool in (chosen.cpuparams, chosen.cpuparams_batch):
        pool.n_threads = cores
        # Waiting threads sleep: spinning ones make a shared two-core box ten times slower.
        pool.poll = 0
    return chosen


def _request(messages: Sequence[Message], options: Generation) -> dict[str, Any]:
    request: dict[str, Any] = {
        "messages": [{"role": item.role, "content": item.content} for item in messages],
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "seed": options.seed,
        "stream": True,
        "logprobs": True,
        "top_logprobs": 1,
        "cache_prompt": True,
    }
    if options.grammar is not None:
        request["grammar"] = options.grammar
    return request
