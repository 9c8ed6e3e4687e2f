"""What a grammar allows next, and what it forces, by llguidance inside llama.cpp."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from steward.errors import ModelError
from steward.models.ahead import library as c
from steward.models.ahead.network import Network

Mask = npt.NDArray[np.bool_]
_FORCED = 256
"""Tokens that are asked for at once of what is forced."""
_SPECIAL = b"\xff"
"""llguidance's mark of a token that is no text."""


class Vocabulary:
    """The tokens of a network as llguidance knows them; made once, in a tenth of a second."""

    def __init__(self, network: Network) -> None:
        """Read all tokens of `network`.

        Raises:
            ModelError: llguidance refuses the vocabulary.
        """
        self.network = network
        pieces = [
            network.piece(token) or _SPECIAL + network.piece(token, special=True)
            for token in range(network.size)
        ]
        lengths = np.array([len(piece) for piece in pieces], np.uint32)
        # Kept: llguidance asks it again whenever a grammar is read.
        self._tokenize = c.TokenizeFunction(self._tokens)
        init = c.TokenizerInit(
            vocab_size=network.size,
            tok_eos=network.end,
            token_lens=lengths.ctypes.data,
            token_bytes=b"".join(pieces),
            tokenize_fn=self._tokenize,
        )
        error = ctypes.create_string_buffer(256)
        library = network.library
        self.handle = library.llg_new_tokenizer(ctypes.byref(init), error, len(error))
        if not self.handle:
            raise ModelError(
                f"the vocabulary of {network.path.name} is unusable: {error.value.decode()}",
                hint="run it without looking ahead: steward tune --forget MODEL",
            )
        weakref.finalize(self, library.llg_free_tokenizer, self.handle)

    def _tokens(
        self, _user: int, data: ctypes._Pointer[ctypes.c_uint8], size: int, out: object, room: int
    ) -> int:
        tokens = self.network.tokenize(bytes(data[:size]))
        for at, token in enumerate(tokens[:room]):
            out[at] = token  # type: ignore[index]
        return len(tokens)


class Rules:
    """A grammar and the place in it where the text stands."""

    def __init__(self, vocabulary: Vocabulary, grammar: str) -> None:
        """Begin `grammar`, llguidance's form of Lark.

        Raises:
            ModelError: the grammar is invalid.
        """
        self._vocabulary = vocabulary
        self._library = vocabulary.network.library
        init = c.MatcherInit()
        self._library.llg_constraint_init_set_defaults(ctypes.byref(init), vocabulary.handle)
        init.ff_tokens_ok = True
        init.log_stderr_level = 0
        self._handle = self._library.llg_new_matcher(ctypes.byref(init), b"lark", grammar.encode())
        weakref.finalize(self, self._library.llg_free_matcher, self._handle)
        self._size = vocabulary.network.size
        self._bits = np.zeros((self._size + 31) // 32, np.uint32)
        self._forced = (ctypes.c_uint32 * _FORCED)()
        self._check()

    def allowed(self) -> Mask:
        """Return which tokens may come next."""
        bits = self._bits
        if self._library.llg_matcher_compute_mask_into(self._handle, bits.ctypes.data, bits.nbytes):
            self._check()
        mask = np.unpackbits(bits.view(np.uint8), bitorder="little")
        return mask[: self._size].view(np.bool_)

    def forced(self) -> list[int]:
        """Return the tokens of the text that must come next, as the tokenizer would cut it."""
        count = self._library.llg_matcher_compute_ff_tokens(self._handle, self._forced, _FORCED)
        return self._forced[: max(count, 0)]

    def fitting(self, tokens: Sequence[int]) -> int:
        """Return how many of `tokens` may come next, one after the other."""
        array = (ctypes.c_uint32 * len(tokens))(*tokens)
        count: int = self._library.llg_matcher_validate_tokens(self._handle, array, len(tokens))
        return max(count, 0)

    def take(self, tokens: Sequence[int]) -> None:
        """Go on by `tokens`.

        Raises:
            ModelError: the grammar does not allow them.
        """
        array = (ctypes.c_uint32 * len(tokens))(*tokens)
        if self._library.llg_matcher_consume_tokens(self._handle, array, len(tokens)):
            self._check()

    def back(self, count: int) -> None:
        """Take the last `count` tokens back."""
        if count and self._library.llg_matcher_rollback(self._handle, count):
            self._check()

    @property
    def over(self) -> bool:
        """Whether nothing can follow."""
        return bool(self._library.llg_matcher_is_stopped(self._handle))

    def _check(self) -> None:
        error = self._library.llg_matcher_get_error(self._handle)
        if error:
            raise ModelError(
                f"the grammar is invalid: {error.decode(errors='replace')[:300]}",
                hint="the request to the model is wrong; please report this",
            )
