"""llama.cpp's own C functions, which xllamacpp carries but does not pass on.

Its server can neither check several guesses against a grammar nor compute what a grammar forces
without a step for each token. The functions are those of
https://github.com/ggml-org/llama.cpp/blob/master/include/llama.h and
https://github.com/guidance-ai/llguidance/blob/main/parser/llguidance.h. Structures that are passed
by value are opaque here but for the few fields that are set; `open_library` looks whether these
are where they are expected, so that another version is refused instead of misread.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_bool, c_char_p, c_float, c_int8, c_int32, c_size_t, c_uint32, c_void_p
from functools import cache
from typing import Any

from steward.errors import ModelError

_WORDS = 128
"""32-bit words of room for a structure that is passed by value: twice what they have."""


class Parameters(ctypes.Structure):
    """llama_model_params or llama_context_params, by their 32-bit words."""

    _fields_ = (("words", c_uint32 * _WORDS),)


class Batch(ctypes.Structure):
    """llama_batch."""

    _fields_ = (
        ("n_tokens", c_int32),
        ("token", POINTER(c_int32)),
        ("embd", c_void_p),
        ("pos", POINTER(c_int32)),
        ("n_seq_id", POINTER(c_int32)),
        ("seq_id", POINTER(POINTER(c_int32))),
        ("logits", POINTER(c_int8)),
    )


TokenizeFunction = ctypes.CFUNCTYPE(
    c_size_t, c_void_p, POINTER(ctypes.c_uint8), c_size_t, POINTER(c_uint32), c_size_t
)


class TokenizerInit(ctypes.Structure):
    """LlgTokenizerInit."""

    _fields_ = (
        ("vocab_size", c_uint32),
        ("tok_eos", c_uint32),
        ("token_lens", c_void_p),
        ("token_bytes", c_char_p),
        ("tokenizer_json", c_char_p),
        ("tokenize_assumes_string", c_bool),
        ("tokenize_fn", TokenizeFunction),
        ("use_approximate_greedy_tokenize_fn", c_bool),
        ("tokenize_user_data", c_void_p),
        ("slicers", c_void_p),
    )


class MatcherInit(ctypes.Structure):
    """LlgConstraintInit; what follows is filled with llguidance's own limits."""

    _fields_ = (
        ("tokenizer", c_void_p),
        ("log_buffer_level", c_uint32),
        ("log_stderr_level", c_uint32),
        ("ff_tokens_ok", c_bool),
        ("backtrack_ok", c_bool),
        ("limits", ctypes.c_uint64 * 32),
    )


WatchFunction = ctypes.CFUNCTYPE(c_bool, c_void_p, c_bool, c_void_p)
"""ggml_backend_sched_eval_callback: a tensor, whether this only asks if it is wanted, no matter."""
N_CTX, N_BATCH, N_UBATCH, N_SEQ, THREADS, THREADS_BATCH = 0, 1, 2, 3, 7, 8
FLASH_ATTENTION, WATCHED, TYPE_K, TYPE_V = 13, 22, 26, 27
"""Words of llama_context_params."""
_DEFAULTS = {
    N_CTX: 512,
    N_BATCH: 2048,
    N_UBATCH: 512,
    N_SEQ: 1,
    THREADS: 4,
    THREADS_BATCH: 4,
    FLASH_ATTENTION: 0xFFFFFFFF,
    WATCHED: 0,
    WATCHED + 1: 0,
    TYPE_K: 1,
    TYPE_V: 1,
}

_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "llama_model_default_params": (Parameters,),
    "llama_context_default_params": (Parameters,),
    "llama_model_load_from_file": (c_void_p, c_char_p, Parameters),
    "llama_model_free": (None, c_void_p),
    "llama_model_get_vocab": (c_void_p, c_void_p),
    "llama_model_chat_template": (c_char_p, c_void_p, c_char_p),
    "llama_init_from_model": (c_void_p, c_void_p, Parameters),
    "llama_free": (None, c_void_p),
    "llama_n_ctx": (c_uint32, c_void_p),
    "llama_n_batch": (c_uint32, c_void_p),
    "llama_n_ubatch": (c_uint32, c_void_p),
    "llama_n_seq_max": (c_uint32, c_void_p),
    "llama_n_threads": (c_int32, c_void_p),
    "llama_n_threads_batch": (c_int32, c_void_p),
    "llama_get_memory": (c_void_p, c_void_p),
    "llama_memory_seq_rm": (c_bool, c_void_p, c_int32, c_int32, c_int32),
    "llama_memory_seq_cp": (None, c_void_p, c_int32, c_int32, c_int32, c_int32),
    "llama_model_is_recurrent": (c_bool, c_void_p),
    "llama_model_is_hybrid": (c_bool, c_void_p),
    "llama_batch_init": (Batch, c_int32, c_int32, c_int32),
    "llama_batch_free": (None, Batch),
    "llama_decode": (c_int32, c_void_p, Batch),
    "llama_get_logits_ith": (POINTER(c_float), c_void_p, c_int32),
    "llama_set_embeddings": (None, c_void_p, c_bool),
    "llama_get_embeddings_ith": (POINTER(c_float), c_void_p, c_int32),
    "llama_model_n_embd": (c_int32, c_void_p),
    "llama_vocab_n_tokens": (c_int32, c_void_p),
    "llama_vocab_eos": (c_int32, c_void_p),
    "llama_vocab_eot": (c_int32, c_void_p),
    "llama_vocab_is_eog": (c_bool, c_void_p, c_int32),
    "llama_token_to_piece": (c_int32, c_void_p, c_int32, c_char_p, c_int32, c_int32, c_bool),
    "llama_tokenize": (
        c_int32,
        c_void_p,
        c_char_p,
        c_int32,
        POINTER(c_int32),
        c_int32,
        c_bool,
        c_bool,
    ),
    "llama_log_set": (None, c_void_p, c_void_p),
    "llg_new_tokenizer": (c_void_p, POINTER(TokenizerInit), c_char_p, c_size_t),
    "llg_free_tokenizer": (None, c_void_p),
    "llg_constraint_init_set_defaults": (None, POINTER(MatcherInit), c_void_p),
    "llg_new_matcher": (c_void_p, POINTER(MatcherInit), c_char_p, c_char_p),
    "llg_free_matcher": (None, c_void_p),
    "llg_matcher_get_error": (c_char_p, c_void_p),
    "llg_matcher_compute_mask_into": (c_int32, c_void_p, c_void_p, c_size_t),
    "llg_matcher_consume_tokens": (c_int32, c_void_p, POINTER(c_uint32), c_size_t),
    "llg_matcher_validate_tokens": (c_int32, c_void_p, POINTER(c_uint32), c_size_t),
    "llg_matcher_compute_ff_tokens": (c_int32, c_void_p, POINTER(c_uint32), c_size_t),
    "llg_matcher_rollback": (c_int32, c_void_p, c_size_t),
    "llg_matcher_is_stopped": (c_bool, c_void_p),
    "llg_matcher_is_accepting": (c_bool, c_void_p),
}


@cache
def open_library() -> Any:
    """Return the library with the types of its functions told.

    Raises:
        ModelError: this version of xllamacpp is not the one that is known here.
    """
    # Read by OpenMP when it is loaded: a thread that waits for another looks a hundred times and
    # then sleeps, which costs little on a busy machine, and is nearly as fast as never sleeping.
    os.environ.setdefault("GOMP_SPINCOUNT", "100")
    import xllamacpp

    library = ctypes.CDLL(xllamacpp.xllamacpp.__file__)
    try:
        for name, (result, *arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except AttributeError as error:
        raise _unknown(str(error)) from error
    words = library.llama_context_default_params().words
    if wrong := [at for at, value in _DEFAULTS.items() if words[at] != value]:
        raise _unknown(f"llama_context_params differs at {wrong}")
    return library


def silence(library: Any) -> None:
    """Let llama.cpp log nothing: any function of its own that does nothing will do for it."""
    library.llama_log_set(ctypes.cast(library.llama_max_devices, c_void_p), None)


def _unknown(why: str) -> ModelError:
    return ModelError(
        f"this version of xllamacpp cannot look ahead: {why}",
        hint="install the version in uv.lock, or run: steward tune --forget MODEL",
    )
