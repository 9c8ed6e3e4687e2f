"""llama.cpp in a process of its own: any GGUF file becomes a LanguageModel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from steward.errors import ModelError
from steward.models.disk import sha256
from steward.models.engine import EngineSettings
from steward.models.gguf import read_header
from steward.models.prefixes import Prefixes, key_of
from steward.models.process import Worker
from steward.models.server import LlamaServer, LostError, SilentError, said
from steward.models.slots import Slot, Slots
from steward.models.source import opened
from steward.models.stream import PLAIN, tokens_of
from steward.models.worker import SLOTS
from steward.thinking import Generation, Message, Token

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds without any progress after which a model is taken to hang."""
PLAIN_SETTINGS = EngineSettings()


class Llama:
    """A GGUF model in a process of its own, which is started anew when it has ended.

    The log-probabilities are the model's own, before temperature and grammar; those of a character
    that takes several tokens are its last token's. What the `stable` messages of a request come to
    is kept in `prefixes`, for later processes too.
    """

    def __init__(
        self,
        path: Path,
        settings: EngineSettings = PLAIN_SETTINGS,
        *,
        prefixes: Prefixes,
        patience: float = PATIENCE,
    ) -> None:
        """Load the model; takes a second or so.

        Raises:
            ModelError: the file is missing, is no GGUF file, is damaged, or llama.cpp refuses it.
        """
        check_gguf(path)
        self._path = path
        self._settings = settings
        self._prefixes = prefixes
        self._patience = patience
        self._worker = self._start()
        self._starting = asyncio.Lock()
        self._slots = Slots(SLOTS)
        self._sums: dict[str, str] = {}

    def memory(self) -> int:
        """Return the bytes of memory that its process holds."""
        return self._worker.memory()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._worker.pid

    def close(self) -> None:
        """End its process, which gives all of its memory back. A later request starts another."""
        self._worker.stop()

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Yield the answer to `messages` token by token; closing the iterator stops the work.

        The work stops within one token, or at the end of a batch of the prompt when none has come
        yet. If the process ends before the first token, it is started anew and asked once more.

        Raises:
            ModelError: the messages do not fit into the context, the grammar is invalid, there is
                no such adapter, or the process ended or hung.
        """
        async with self._slots.lease(messages, options.adapters) as slot:
            for last in (False, True):
                server, told = await self._server(), False
                try:
                    async with aclosing(self._answer(server, slot, messages, options)) as answer:
                        async for token in answer:
                            told = True
                            yield token
                    return
                except SilentError:
                    # Nothing else ends what does not answer.
                    server.worker.stop()
                    raise
                except LostError:
                    # It may be dying yet.
                    server.worker.stop()
                    # What somebody has read already cannot be said again.
                    if told or last:
                        raise
                    log.warning("the process of %s has ended: started anew", self._path.name)

    async def _answer(
        self,
        server: LlamaServer,
        slot: Slot,
        messages: Sequence[Message],
        options: Generation,
    ) -> AsyncGenerator[Token, None]:
        adapters = self._adapters(options)
        if slot.common(messages, options.adapters) < options.stable:
            await self._warm(server, slot, messages, options)
        slot.messages, slot.adapters = (), options.adapters
        request = {**_request(messages, options), "id_slot": slot.number, "lora": adapters}
        async with aclosing(server.stream("/v1/chat/completions", request)) as chunks:
            async for chunk in chunks:
                for token in tokens_of(chunk):
                    # From the first token on, the slot holds the whole prompt.
                    slot.messages = tuple(messages)
                    yield token

    async def _warm(
        self, server: LlamaServer, slot: Slot, messages: Sequence[Message], options: Generation
    ) -> None:
        """Let `slot` hold the stable messages: from disk, else computed and kept there."""
        slot.messages = ()
        head = await server.text_of(messages[: options.stable], whole=False)
        text = _common(head, await server.text_of(messages, whole=True))
        key = key_of(await self._facts(text, options))
        found = await asyncio.to_thread(self._prefixes.find, key)
        if found is not None and await self._restored(server, slot, found):
            return
        request = {
            "prompt": text,
            "n_predict": 0,
            "cache_prompt": True,
            "id_slot": slot.number,
            "lora": self._adapters(options),
        }
        async with aclosing(server.stream("/completion", request)) as chunks:
            async for _ in chunks:
                pass
        if found is None:
            await self._keep(server, slot, key)

    async def _restored(self, server: LlamaServer, slot: Slot, file: Path) -> bool:
        """Tell whether `slot` now holds what is in `file`.

        Restoring makes no room: where other slots fill the context it is refused, and computing,
        which takes theirs, is not.
        """
        try:
            await server.restore(slot.number, file)
        except (LostError, SilentError):
            raise
        except ModelError as error:
            log.info("%s computes a prompt again: %s", self._path.name, error.message)
            return False
        return True

    async def _keep(self, server: LlamaServer, slot: Slot, key: str) -> None:
        """Keep what `slot` holds; the answer comes even if the disk does not take it."""
        part = self._prefixes.part()
        try:
            await server.save(slot.number, part)
            await asyncio.to_thread(self._prefixes.keep, part, key)
        except (LostError, SilentError):
            raise
        except ModelError as error:
            log.warning("cannot keep a computed prompt in %s: %s", part.parent, error.message)
        finally:
            part.unlink(missing_ok=True)

    async def _facts(self, text: str, options: Generation) -> dict[str, object]:
        """Return all that a computed prompt depends on."""
        files = dict(self._settings.adapters)
        return {
            "text": text,
            "model": await self._sum(str(self._path)),
            "adapters": [(await self._sum(files[name]), how) for name, how in options.adapters],
            "cache": (self._settings.cache_k, self._settings.cache_v),
            "flash": self._settings.flash_attention,
            "runtime": self._worker.version,
        }

    async def _sum(self, file: str) -> str:
        if file not in self._sums:
            self._sums[file] = await asyncio.to_thread(sha256, Path(file))
        return self._sums[file]

    def _adapters(self, options: Generation) -> list[dict[str, float]]:
        """Return how strong each adapter is; those that are not asked for are off."""
        asked = dict(options.adapters)
        known = [name for name, _ in self._settings.adapters]
        if unknown := sorted(set(asked) - set(known)):
            raise ModelError(
                f"{self._path.name} has no adapter {unknown[0]!r}",
                hint=f"known are: {', '.join(known) or 'none'}; name it under adapters in [model]",
            )
        return [{"id": index, "scale": asked.get(name, 0.0)} for index, name in enumerate(known)]

    async def _server(self) -> LlamaServer:
        async with self._starting:
            if not self._worker.alive:
                self._slots.forget()
                self._worker = await asyncio.to_thread(self._start)
            return LlamaServer(self._worker, self._path.name, self._patience)

    def _start(self) -> Worker:
        return Worker(self._path, self._settings, self._prefixes.folder)


def check_gguf(path: Path) -> None:
    """Read the header of a GGUF file, so that what is none never reaches native code.

    Raises:
        ModelError: the file is missing, unreadable, cut off, or not a right GGUF file.
    """
    with opened(str(path)) as source:
        read_header(source)


def _common(one: str, other: str) -> str:
    """Return what both texts begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))]


def _request(messages: Sequence[Message], options: Generation) -> dict[str, Any]:
    request: dict[str, Any] = {
        "messages": said(messages),
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "seed": options.seed,
        "logprobs": True,
        # The second is how the runner-up did: an answer's confidence needs the distance.
        "top_logprobs": 2,
        "cache_prompt": True,
    }
    if options.grammar is not None:
        request["grammar"] = options.grammar
    return request
