"""Trained heads: a small network that goes on from a model's last hidden state.

Like EAGLE (Li et al. 2024, https://arxiv.org/abs/2401.15077) and Hydra (Ankner et al. 2024,
https://arxiv.org/abs/2402.05109) a step sees the state and the token that was said; unlike them it
has a short vocabulary of its own, of low rank, for the model's own one costs a fifth of the model.
`steward heads` trains them: the functions here take the arrays of numpy and those of JAX.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from steward.errors import ModelError
from steward.models.ahead.guess import likeliest
from steward.models.ahead.network import Past
from steward.models.disk import writing

Arrays = Mapping[str, Any]
"""Of numpy or of JAX: `enter` (width, depth), `words` (tokens + 1, rank), `bias` (tokens + 1),
`mix` (depth + rank, inner), `lift` (inner), `back` (inner, depth), `leave` (depth, rank). The last
of the words is any other token."""
_DIMENSIONS = {
    "enter": 2,
    "words": 2,
    "bias": 1,
    "mix": 2,
    "lift": 1,
    "back": 2,
    "leave": 2,
    "tokens": 1,
}
SHIPPED = Path(__file__).parents[1] / "weights"
"""Where the heads lie that are part of Steward."""
_SUM = 32
"""Bytes of a SHA-256."""
_MOST = 7
"""Tokens that are guessed at once: with the one before, a batch of eight."""
_FAR = 8
"""Tokens since the last state, at most; the state tells little of what comes later."""


def begin(arrays: Arrays, state: Any) -> Any:
    """Return the heads' own state for the `state` of the model, (…, width)."""
    return state @ arrays["enter"]


def step(maths: Any, arrays: Arrays, own: Any, word: Any) -> Any:
    """Return the heads' state after the token with the number `word` among the words.

    `maths` is numpy or jax.numpy.
    """
    seen = maths.concatenate([_even(maths, own), arrays["words"][word]], -1)
    inner = seen @ arrays["mix"] + arrays["lift"]
    # SiLU, by a function that cannot overflow.
    return own + (inner * (1 + maths.tanh(inner / 2)) / 2) @ arrays["back"]


def logits(maths: Any, arrays: Arrays, own: Any) -> Any:
    """Return how likely each of the words is next, up to a constant."""
    return (_even(maths, own) @ arrays["leave"]) @ arrays["words"].T + arrays["bias"]


def _even(maths: Any, own: Any) -> Any:
    return own / maths.sqrt((own * own).mean(-1, keepdims=True) + 1e-6)


class Heads:
    """Guesses while the heads are sure: the chance that all is right must be above `sure`."""

    def __init__(self, past: Past, file: Path, sure: float) -> None:
        """Load the heads of `file` for the network of `past`, which must keep its states.

        Raises:
            ModelError: the file is missing or damaged, or is for another network.
        """
        self._past = past
        self._sure = sure
        found = read_heads(file)
        tokens = found.pop("tokens")
        if found["enter"].shape[0] != past.network.width or tokens.max() >= past.network.size:
            raise _unusable(file, "they are for another model")
        self._tokens: list[int] = tokens.tolist()
        self._arrays = {name: array.astype(np.float32) for name, array in found.items()}
        self._words = np.full(past.network.size, len(tokens), np.int32)
        self._words[tokens] = np.arange(len(tokens))

    def guess(self, tokens: Sequence[int]) -> Sequence[int]:
        """Return what follows, while it is sure enough."""
        state = self._past.last_state()
        said = tokens[len(self._past.tokens) :]
        if state is None or len(said) > _FAR:
            return []
        own = begin(self._arrays, state)
        for token in said:
            own = step(np, self._arrays, own, self._words[token])
        guessed: list[int] = []
        chance = 1.0
        while len(guessed) < _MOST:
            word, share = likeliest(logits(np, self._arrays, own))
            chance *= share
            if chance < self._sure or word == len(self._tokens):
                break
            guessed.append(self._tokens[word])
            own = step(np, self._arrays, own, word)
        return guessed


def find_heads(cache: Path, model: str) -> Path | None:
    """Return the heads of the file whose SHA-256 is `model`: those of this user, or Steward's."""
    mine = place_of(cache, model)
    return next((path for path in (mine, SHIPPED / mine.name) if path.exists()), None)


def place_of(cache: Path, model: str) -> Path:
    """Return where a user's own heads lie, for the file whose SHA-256 is `model`."""
    return cache / "heads" / f"{model}.heads"


def read_heads(file: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a file of heads, those of `Arrays` and `tokens`: what the words are.

    The file is the SHA-256 of the rest, and numpy's archive of arrays.

    Raises:
        ModelError: the file is missing, damaged, or none of `write_heads`.
    """
    try:
        whole = file.read_bytes()
        if sha256(whole[_SUM:]).digest() != whole[:_SUM]:
            raise _unusable(file, "the file is damaged")
        with np.load(BytesIO(whole[_SUM:]), allow_pickle=False) as stored:
            found = {name: np.asarray(stored[name]) for name in _DIMENSIONS}
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _unusable(file, str(error)) from error
    if any(found[name].ndim != count for name, count in _DIMENSIONS.items()):
        raise _unusable(file, "an array has the wrong number of dimensions")
    (width, depth), (count, rank) = found["enter"].shape, found["words"].shape
    inner = found["lift"].size
    expected = {
        "enter": (width, depth),
        "words": (found["tokens"].size + 1, rank),
        "bias": (count,),
        "mix": (depth + rank, inner),
        "back": (inner, depth),
        "leave": (depth, rank),
    }
    if any(found[name].shape != shape for name, shape in expected.items()) or count < 2:
        raise _unusable(file, "its arrays do not fit together")
    if not all(np.isfinite(array).all() for array in found.values()):
        raise _unusable(file, "it holds numbers that are none")
    if found["tokens"].dtype.kind != "i" or found["tokens"].min() < 0:
        raise _unusable(file, "its tokens are none")
    return found


def write_heads(file: Path, arrays: Arrays, tokens: npt.NDArray[np.int32]) -> None:
    """Write what `read_heads` reads, in halves of precision; the folder is made.

    Raises:
        ModelError: the folder cannot be written to.
    """
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        halves: dict[str, Any] = {
            name: np.asarray(array, np.float16) for name, array in arrays.items()
        }
        archive = BytesIO()
        np.savez_compressed(archive, tokens=tokens, **halves)
        part = file.with_suffix(".part")
        part.write_bytes(sha256(archive.getvalue()).digest() + archive.getvalue())
        part.replace(file)


def _unusable(file: Path, why: str) -> ModelError:
    return ModelError(
        f"the heads in {file.name} cannot be used: {why}",
        hint="train them again (steward heads MODEL), or: steward tune --forget",
    )
