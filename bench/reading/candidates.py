"""What is compared: each candidate's start, task and judge, all on the same examples."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeAlias, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from reading import decoder, smollm, texts
from reading.decoder import Batch, Parameters, Shape
from reading.texts import Vocabulary
from steward.lab.reader import encode, network, train
from steward.lab.reader.corpus import Template, labels
from steward.lab.reader.examples import Example
from steward.lab.reader.train import batches, parted, stream
from steward.lab.reader.vocabulary import kept_pieces, tokenizer
from steward.models.checkpoint import read_checkpoint
from steward.models.store import Store

T = TypeVar("T")
Loss: TypeAlias = Callable[[Parameters, Batch], jax.Array]
Judge: TypeAlias = Callable[[Parameters, Batch], tuple[jax.Array, jax.Array]]

PROOF = 256
"""Validation examples, of templates that are never trained on."""

AHEAD = 512
BATCH, BIG_BATCH = 32, 16
"""Sentences a step of the small decoder, and of SmolLM2, which sees too few for larger steps."""

HEADS = ("label.", "tag.", "mark")
"""What begins from nothing in an encoder."""

SCRATCH = {"layers": 6, "width": 384, "heads": 6, "groups": 2, "inner": 1024}
SMOLLM = ("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
ENCODER = ("multilingual-e5-small", "e5-small-q4.bin")


@dataclass(frozen=True)
class Candidate:
    """Parameters that are trained (`free`) and that are not, what is wanted of them, a `source` of
    batches that begins anew at each call, batches of `proof`, and learning `rates` to try; the
    heads of an encoder, which begin from nothing, learn `quick` times as fast.

    `size` is the model's bytes; `shape` is that of a decoder, `prompt` and `answer` are the pieces
    of a usual sentence and of what is written for it (an encoder writes nothing). `joined` makes
    the parameters out of those that are frozen and free.
    """

    name: str
    quick: float
    free: Parameters
    frozen: Parameters
    loss: Loss
    judge: Judge
    source: Callable[[], Iterator[Batch]]
    proof: Sequence[Batch]
    rates: tuple[float, float]
    size: int
    shape: Shape | None
    prompt: int
    answer: int
    joined: Callable[[Parameters, Parameters], Parameters]


class Workshop:
    """Makes candidates of one seed over the same templates."""

    def __init__(self, templates: Sequence[Template], store: Store, seed: int) -> None:
        self.trained, self.held = parted(templates)
        self.names = labels(templates)
        self.seed = seed
        self.checkpoint = read_checkpoint(store.file(*ENCODER))
        self.kept = kept_pieces(self.checkpoint)
        self.words = tokenizer(self.checkpoint, self.kept)
        self.file = store.file(*SMOLLM)

    def makers(self) -> dict[str, Callable[[], Candidate]]:
        """Return all candidates by name, not yet made: they are large."""
        return {
            "encoder-12": partial(self.encoder, 12, network.UPPER),
            "encoder-6": partial(self.encoder, 6, 6),
            "encoder-3": partial(self.encoder, 3, 3),
            "encoder-6-scratch": partial(self.encoder, 6, 6, scratch=True),
            "decoder-scratch": self.decoder,
            "smollm2-full": self.smollm,
            "smollm2-lora": self.lora,
        }

    def examples(self, templates: Sequence[Template], seed: int) -> Iterator[Example]:
        """Return the stream of examples that all candidates share."""
        return stream(templates, random.Random(seed))

    def encoder(self, layers: int, upper: int, scratch: bool = False) -> Candidate:
        """Return the lowest `layers` of the pretrained encoder, the `upper` of which are trained.

        From `scratch` it is the same with random numbers, and its words are trained too.
        """
        start = lowest(
            network.start(self.checkpoint, self.kept, len(self.names), self.seed), layers
        )
        if scratch:
            start = forgotten(start, self.seed)
        stays = {
            name
            for name in start
            if not scratch and not name.startswith(HEADS) and _layer(name) < layers - upper
        }
        made = encode.encode(self._proof(), self.words, self.names)
        made.sort(key=lambda one: len(one.pieces))

        def source() -> Iterator[Batch]:
            shared = self.examples(self.trained, self.seed)
            return map(encode.batch, batches(shared, self.words, self.names))

        return Candidate(
            name=f"encoder-{layers}" + ("-scratch" if scratch else ""),
            quick=train.HEADS_RATE / train.RATE,
            free={name: value for name, value in start.items() if name not in stays},
            frozen={name: value for name, value in start.items() if name in stays},
            loss=network.loss,
            judge=judge_encoder,
            source=source,
            proof=[encode.batch(group) for group in _grouped(made, 64)],
            rates=(3e-4, 6e-4) if scratch else (1.5e-4, 3e-4),
            size=_count(start),
            shape=None,
            prompt=int(np.median([len(one.pieces) for one in made])),
            answer=0,
            joined=both,
        )

    def decoder(self) -> Candidate:
        """Return a small decoder that begins with random numbers, over the encoder's pieces."""
        shape = Shape(**SCRATCH, vocabulary=len(self.kept))
        start = decoder.random_start(shape, self.seed)
        vocabulary = Vocabulary(self.words, encode.BEGIN, encode.END)
        return self._writer("decoder-scratch", shape, vocabulary, start, (5e-4, 1e-3), BATCH)

    def smollm(self) -> Candidate:
        """Return SmolLM2, all of it trained."""
        shape, start, vocabulary = smollm.read(self.file)
        rates = (1e-4, 3e-4)
        return self._writer("smollm2-full", shape, vocabulary, start, rates, BIG_BATCH)

    def lora(self) -> Candidate:
        """Return SmolLM2, of which low-rank changes are trained."""
        shape, start, vocabulary = smollm.read(self.file)
        rates = (1e-3, 3e-3)
        return self._writer("smollm2-lora", shape, vocabulary, start, rates, BIG_BATCH, lora=True)

    def _writer(
        self,
        name: str,
        shape: Shape,
        vocabulary: Vocabulary,
        start: Parameters,
        rates: tuple[float, float],
        size: int,
        lora: bool = False,
    ) -> Candidate:
        made = texts.written(self._proof(), vocabulary)
        made.sort(key=lambda one: len(one.sentence) + len(one.target))
        free = decoder.adapters(shape, self.seed) if lora else start
        frozen = start if lora else {}
        # Four bits a weight where there is such a file, eight elsewhere.
        begun = self.file.stat().st_size if name.startswith("smollm2") else _count(start)

        def source() -> Iterator[Batch]:
            shared = self.examples(self.trained, self.seed)
            return texts.batches(shared, vocabulary, size, AHEAD, self.seed)

        return Candidate(
            name=name,
            quick=1.0,
            free=free,
            frozen=frozen,
            loss=lambda parameters, data: decoder.loss(parameters, shape, data),
            judge=lambda parameters, data: decoder.judge(parameters, shape, data),
            source=source,
            proof=[texts.batch(group) for group in _grouped(made, 32)],
            rates=rates,
            size=begun + (_count(free) if lora else 0),
            shape=shape,
            prompt=int(np.median([len(one.sentence) for one in made])),
            answer=int(np.median([len(one.target) for one in made])),
            joined=decoder.adapted if lora else both,
        )

    def _proof(self) -> list[Example]:
        return list(islice(self.examples(self.held, self.seed + 1), PROOF))


def both(frozen: Parameters, free: Parameters) -> Parameters:
    """Return all parameters."""
    return {**frozen, **free}


def lowest(start: Parameters, layers: int) -> Parameters:
    """Return the parameters without the layers above the lowest `layers`."""
    return {name: value for name, value in start.items() if _layer(name) < layers}


def _layer(name: str) -> int:
    number = name.partition(".")[0]
    return int(number) if number.isdigit() else -1


def forgotten(start: Parameters, seed: int) -> Parameters:
    """Return parameters of the same shapes that know nothing."""
    rng = np.random.default_rng(seed)

    def fresh(name: str, value: jax.Array) -> jax.Array:
        if name == "mark" or value.ndim == 1:
            normal = name.endswith("ln.w")
            return jnp.ones_like(value) if normal else jnp.zeros_like(value)
        return jnp.asarray(rng.normal(0, 0.02, value.shape), jnp.float32)

    return {name: fresh(name, value) for name, value in start.items()}


def judge_encoder(parameters: Parameters, batch: Batch) -> tuple[jax.Array, jax.Array]:
    """Return of each sentence whether its label is right, and whether all its tags are too."""
    names, tags = network.forward(parameters, batch)
    right = names.argmax(-1) == batch["label"]
    missed = (tags.argmax(-1) != batch["tags"]) * batch["held"] * batch["tagged"][:, None]
    return right, right & (missed.sum(-1) == 0)


def _count(parameters: Parameters) -> int:
    return sum(value.size for value in parameters.values())


def _grouped(made: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (made[i : i + size] for i in range(0, len(made), size))
