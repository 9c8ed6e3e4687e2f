"""The direction of a text's meaning, by multilingual-e5-small on numpy.

A transformer encoder with post-layer normalisation (Devlin et al. 2019, arXiv:1810.04805), whose
outputs are averaged (Wang et al. 2024, arXiv:2402.05672). It was trained with "query: " or
"passage: " before each text; who asks writes that, or "query: " is put there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from steward.errors import ModelError
from steward.models.checkpoint import Checkpoint, Matrix, read_checkpoint
from steward.models.store import Store

WEIGHTS_SET = "multilingual-e5-small"
WEIGHTS_FILE = "e5-small-q4.bin"
MAX_PIECES = 510
"""Of a longer text the beginning counts."""
PREFIXES = ("query: ", "passage: ")
_EPSILON = 1e-12


class Embedder:
    """Turns texts into vectors of length 1, of which near ones mean nearly the same."""

    def __init__(self, store: Store) -> None:
        """Load the encoder; takes about a second.

        Raises:
            ModelError: the weights are missing or damaged.
        """
        if store.missing([WEIGHTS_SET]):
            raise ModelError(
                f"the weights {WEIGHTS_SET} are not here",
                hint=f"fetch them: steward setup --with {WEIGHTS_SET}",
            )
        self._net = read_checkpoint(Path(store.file(WEIGHTS_SET, WEIGHTS_FILE)))
        self._tokenizer = tokenizer(self._net)

    def embed(self, texts: Sequence[str]) -> list[Matrix]:
        """Return a vector for each text, one after the other."""
        return [self._embed(text) for text in texts]

    def _embed(self, text: str) -> Matrix:
        whole = text if text.startswith(PREFIXES) else PREFIXES[0] + text
        ids = self._tokenizer.encode(whole, add_special_tokens=False).ids[:MAX_PIECES]
        special, tensors = self._net.special, self._net.tensors
        pieces = np.array([special["bos"], *ids, special["eos"]])
        x = self._net.words[pieces] + tensors["emb.pos"][: len(pieces)]
        x = self._norm(x + tensors["emb.type"][: self._net.width], "emb.ln")
        for layer in range(self._net.layers):
            x = self._block(x, f"l{layer}")
        mean: Matrix = x.mean(axis=0)
        return mean / np.float32(np.linalg.norm(mean))

    def _block(self, x: Matrix, layer: str) -> Matrix:
        x = self._norm(x + self._linear(self._attended(x, layer), f"{layer}.ao"), f"{layer}.aln")
        inner = _gelu(self._linear(x, f"{layer}.fi"))
        return self._norm(x + self._linear(inner, f"{layer}.fo"), f"{layer}.oln")

    def _attended(self, x: Matrix, layer: str) -> Matrix:
        length, width = x.shape

        def heads(name: str) -> Matrix:
            made = self._linear(x, f"{layer}.{name}")
            return made.reshape(length, self._net.heads, -1).transpose(1, 0, 2)

        size = width // self._net.heads
        scores = heads("q") @ heads("k").transpose(0, 2, 1) / np.float32(np.sqrt(size))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares = scores / scores.sum(axis=-1, keepdims=True)
        made: Matrix = (shares @ heads("v")).transpose(1, 0, 2).reshape(length, width)
        return made

    def _linear(self, x: Matrix, name: str) -> Matrix:
        tensors = self._net.tensors
        made: Matrix = x @ tensors[f"{name}.w"].T + tensors[f"{name}.b"]
        return made

    def _norm(self, x: Matrix, name: str) -> Matrix:
        tensors = self._net.tensors
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
        made: Matrix = centred / spread * tensors[f"{name}.w"] + tensors[f"{name}.b"]
        return made


def _gelu(x: Matrix) -> Matrix:
    made: Matrix = x * np.float32(0.5) * (1 + _erf(x / np.float32(np.sqrt(2))))
    return made


def _erf(x: Matrix) -> Matrix:
    """Return the error function, right to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26)."""
    t = np.float32(1) / (1 + np.float32(0.3275911) * np.abs(x))
    series: Matrix = np.zeros_like(x)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * t
    made: Matrix = np.sign(x) * (1 - series * np.exp(-(x**2)))
    return made


def tokenizer(net: Checkpoint) -> Tokenizer:
    """Return what cuts a text into the pieces that the encoder in `net` knows."""
    vocabulary = list(zip(net.pieces, net.scores, strict=True))
    made = Tokenizer(models.Unigram(vocabulary, unk_id=net.special["unknown"]))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made
