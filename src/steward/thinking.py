"""What passes between a plan and the networks that it asks: language models, a reader."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

CacheType = Literal["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"]
"""Types that keys and values of attention can be kept in, by llama.cpp's names."""
Switch = Literal["auto", "on", "off"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Generation:
    """How to generate. `temperature` 0 is greedy; `grammar` (GBNF) limits the output.

    The first `stable` messages are the same in later requests: a model on this device computes
    them once and keeps what came of it on disk. `adapters` are switched on for this request, each
    a name and how strong it is, 1 for as it was trained.

    Without `scored` nobody reads the log-probabilities, and a model need not compute them.
    """

    max_tokens: int = 64
    temperature: float = 0.0
    grammar: str | None = None
    seed: int = 0
    stable: int = 0
    adapters: tuple[tuple[str, float], ...] = ()
    scored: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of generated text and the natural logarithm of its probability."""

    text: str
    logprob: float


@runtime_checkable
class LanguageModel(Protocol):
    """Continues a chat. Closing the generator stops the work."""

    def generate(
        self, messages: Sequence[Message], options: Generation = ...
    ) -> AsyncGenerator[Token, None]:
        """Yield the tokens of the answer to `messages` as they come."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a trained reader makes of a sentence.

    `labels` says what is wanted, each with its probability, the likeliest first. `tags` has for
    each character of the sentence the probabilities that it says nothing of which thing or value
    is meant, that it does, that it names an exception, and that it belongs to an item of a list.
    """

    labels: tuple[tuple[str, float], ...]
    tags: tuple[tuple[float, float, float, float], ...]


@runtime_checkable
class Reader(Protocol):
    """Reads a sentence by what it has learnt, not by rules."""

    def read(self, text: str, marks: Sequence[int]) -> Reading:
        """Read `text`; `marks` says of each character what this home knows of it."""
