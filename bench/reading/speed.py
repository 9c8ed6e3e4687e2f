"""How long one sentence takes on one core, all candidates in the same runtime with 32-bit weights.

Measured in a process of its own that is bound to one core before any thread begins.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnxruntime

from reading import decoder
from reading.decoder import Parameters, Shape
from steward.lab.reader import network

ROUNDS = 15


def encoder_ms(parameters: Parameters, length: int) -> float:
    """Return milliseconds for one pass of the encoder."""
    plain = {name: np.asarray(value) for name, value in parameters.items()}
    return _alone(_encoder, plain, length)


def decoder_ms(shape: Shape, prompt: int, answer: int) -> float:
    """Return milliseconds for reading `prompt` pieces and writing `answer`, one after another."""
    return _alone(_decoder, shape, prompt, answer)


def onnx_ms(path: Path, length: int) -> float:
    """Return milliseconds for one pass of the exported encoder, 8 bits a weight."""
    return _alone(_onnx, path, length)


def _alone(work: Callable[..., float], *arguments: Any) -> float:
    with multiprocessing.get_context("spawn").Pool(1, os.sched_setaffinity, (0, {0})) as pool:
        return pool.apply(work, arguments)


def _median(once: Callable[[], object]) -> float:
    once()
    taken = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        once()
        taken.append(time.process_time() - begin)
    return 1000 * float(np.median(taken))


def _encoder(plain: dict[str, np.ndarray], length: int) -> float:
    parameters = {name: jnp.asarray(value) for name, value in plain.items()}
    row = jnp.ones((1, length), jnp.int32)
    data = {"pieces": row, "marks": 0 * row, "held": row.astype(jnp.float32)}
    forward = jax.jit(network.forward)
    return _median(lambda: [part.block_until_ready() for part in forward(parameters, data)])


def _decoder(shape: Shape, prompt: int, answer: int) -> float:
    parameters = decoder.random_start(shape, 0)

    @partial(jax.jit, donate_argnames="cache")
    def ahead(
        parameters: Parameters, pieces: jax.Array, at: jax.Array, cache: decoder.Cache
    ) -> tuple[jax.Array, decoder.Cache | None]:
        x, kept = decoder.run(parameters, shape, pieces, 0 * pieces, at, cache)
        return (x[:, -1] @ parameters["word"].T).argmax(-1)[:, None], kept

    def once() -> None:
        cache: Any = decoder.empty_cache(shape, 1, prompt + answer)
        piece, cache = ahead(parameters, jnp.ones((1, prompt), jnp.int32), jnp.int32(0), cache)
        for at in range(prompt, prompt + answer - 1):
            piece, cache = ahead(parameters, piece, jnp.int32(at), cache)
        piece.block_until_ready()

    return _median(once)


def _onnx(path: Path, length: int) -> float:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    row = np.ones(length, np.int64)
    return _median(lambda: session.run(None, {"pieces": row, "marks": 0 * row}))
