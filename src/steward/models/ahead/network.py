"""A GGUF model and one sequence of tokens that it has computed."""

from __future__ import annotations

import ctypes
import logging
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from steward.errors import ModelError
from steward.models.ahead import library as c
from steward.models.llama import check_gguf

log = logging.getLogger(__name__)

Vector = npt.NDArray[np.float32]
CacheType = Literal["f32", "f16", "q8_0", "q4_0"]
_TYPES: dict[CacheType, int] = {"f32": 0, "f16": 1, "q8_0": 8, "q4_0": 2}
"""ggml's numbers of these types."""
_PIECE = 512
"""Bytes of the longest token that is read without asking twice."""


class Network:
    """The weights and the vocabulary of a GGUF file; several `Sequence`s may share it."""

    def __init__(self, path: Path) -> None:
        """Load the model; takes half a second or so.

        Raises:
            ModelError: the file is damaged, of a kind that llama.cpp does not know, or cannot
                forget single tokens (a recurrent model).
        """
        check_gguf(path)
        self.library: Any = c.open_library()
        if not log.isEnabledFor(logging.DEBUG):
            c.silence(self.library)
        parameters = self.library.llama_model_default_params()
        self.handle = self.library.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.handle:
            raise ModelError(
                f"llama.cpp cannot load {path}",
                hint="the file is damaged or of a kind this llama.cpp does not know",
            )
        weakref.finalize(self, self.library.llama_model_free, self.handle)
        if self.library.llama_model_is_recurrent(self.handle) or self.library.llama_model_is_hybrid(
            self.handle
        ):
            raise ModelError(
                f"{path.name} is recurrent: it cannot take back a wrong guess",
                hint="run it without looking ahead: steward tune --forget MODEL",
            )
        self.path = path
        self.vocabulary = self.library.llama_model_get_vocab(self.handle)
        self.size: int = self.library.llama_vocab_n_tokens(self.vocabulary)
        turn = self.library.llama_vocab_eot(self.vocabulary)
        self.width: int = self.library.llama_model_n_embd(self.handle)
        self.end: int = turn if turn >= 0 else self.library.llama_vocab_eos(self.vocabulary)

    @property
    def template(self) -> str | None:
        """The chat template in the file, None where there is none."""
        found: bytes | None = self.library.llama_model_chat_template(self.handle, None)
        return None if found is None else found.decode(errors="replace")

    def is_end(self, token: int) -> bool:
        """Tell whether an answer ends with `token`."""
        return bool(self.library.llama_vocab_is_eog(self.vocabulary, token))

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the bytes of `token`; of a control token none, or its name if `special`."""
        room = _PIECE
        while True:
            buffer = ctypes.create_string_buffer(room)
            count = self.library.llama_token_to_piece(
                self.vocabulary, token, buffer, room, 0, special
            )
            if count >= 0:
                return buffer.raw[:count]
            room = -count

    def tokenize(self, text: bytes, *, special: bool = False) -> list[int]:
        """Return the tokens of `text`; `special` reads the names of control tokens as such."""
        room = len(text) + 8
        buffer = (ctypes.c_int32 * room)()
        count = self.library.llama_tokenize(
            self.vocabulary, text, len(text), buffer, room, special, special
        )
        return buffer[:count]


class Past:
    """What a network has computed so far of one text, and the computing of more."""

    def __init__(
        self,
        network: Network,
        *,
        context: int,
        threads: int,
        batch: int = 128,
        cache: CacheType = "f16",
        flash: bool = True,
        states: bool = False,
        watch: Any = None,
    ) -> None:
        """Make room for `context` tokens; `batch` are computed at once.

        `cache` is the type of the keys and values of attention that are kept, `flash` computes
        it by flash attention, which rounds to 16 bits on a processor. `states` can be asked for.
        `watch` is shown what is computed on the way, tensor by tensor (a `WatchFunction`).

        Raises:
            ModelError: there is no memory for it.
        """
        self.network = network
        self.tokens: list[int] = []
        self.batch = batch
        library = network.library
        parameters = library.llama_context_default_params()
        words = parameters.words
        words[c.N_CTX], words[c.N_BATCH], words[c.N_UBATCH] = context, batch, batch
        words[c.THREADS] = words[c.THREADS_BATCH] = threads
        words[c.FLASH_ATTENTION] = int(flash)
        words[c.TYPE_K] = words[c.TYPE_V] = _TYPES[cache]
        if watch is not None:
            # It must live as long as llama.cpp may call it.
            self._watch = watch
            address = ctypes.cast(watch, ctypes.c_void_p).value or 0
            words[c.WATCHED], words[c.WATCHED + 1] = address & 0xFFFFFFFF, address >> 32
        self._handle = library.llama_init_from_model(network.handle, parameters)
        if not self._handle:
            raise ModelError(
                f"no memory for {context} tokens of {network.path.name}",
                hint="set a smaller `context` under [model]",
            )
        self._batch = library.llama_batch_init(batch, 0, 1)
        # The network must outlive what was made from it.
        weakref.finalize(self, _free, network, self._handle, self._batch)
        self.room: int = library.llama_n_ctx(self._handle)
        self._memory = library.llama_get_memory(self._handle)
        self._states, self._stated, self._start = states, False, 0

    def keep(self, count: int) -> None:
        """Forget all but the first `count` tokens."""
        if count < len(self.tokens):
            self.network.library.llama_memory_seq_rm(self._memory, 0, count, -1)
            del self.tokens[count:]

    def compute(self, tokens: Sequence[int], wanted: Sequence[bool]) -> None:
        """Append at most `batch` tokens; those `wanted` can be asked for by `scores`.

        Raises:
            ModelError: they do not fit into the context.
        """
        start = len(self.tokens)
        batch = self._batch
        batch.n_tokens = len(tokens)
        # With states all tokens get logits too: of a prompt nobody needs them.
        self.network.library.llama_set_embeddings(self._handle, self._states and any(wanted))
        for at, (token, want) in enumerate(zip(tokens, wanted, strict=True)):
            batch.token[at], batch.pos[at] = token, start + at
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, 0
            batch.logits[at] = want
        full = start + len(tokens) > self.room
        if full or self.network.library.llama_decode(self._handle, batch):
            raise ModelError(
                f"{start + len(tokens)} tokens do not fit into the context of {self.room}",
                hint="shorten the text, or set a larger `context` under [model]",
            )
        self._start, self._stated = start, self._states and any(wanted)
        self.tokens += tokens

    def scores(self, at: int) -> Vector:
        """Return the logits after the token `at` of the last `compute`; valid until the next."""
        pointer = self.network.library.llama_get_logits_ith(self._handle, at)
        return np.ctypeslib.as_array(pointer, (self.network.size,))

    def state(self, at: int) -> Vector:
        """Return the last hidden state, after its norm, as `scores` returns the logits of it."""
        pointer = self.network.library.llama_get_embeddings_ith(self._handle, at)
        return np.ctypeslib.as_array(pointer, (self.network.width,))

    def last_state(self) -> Vector | None:
        """Return the state of the last token, None where the last `compute` did not give it."""
        at = len(self.tokens) - 1 - self._start
        return self.state(at) if self._stated and at >= 0 else None


def _free(network: Network, handle: int, batch: c.Batch) -> None:
    network.library.llama_batch_free(batch)
    network.library.llama_free(handle)
