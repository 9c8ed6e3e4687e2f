"""What passes between a plan and the networks that it asks: language models, a reader."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
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
    """A piece of generated text and the natural logarithm of its probability.

    `rival` is that of the likeliest other piece in its place, None where nobody tells.
    """

    text: str
    logprob: float
    rival: float | None = None


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


@dataclass(frozen=True, slots=True)
class Inquiry:
    """An open question for a model, on this device or beyond it.

    `before` is what was said in the conversation until then, the oldest first, `documents` texts
    that the question is about, `conversation` its id, which placeholders are kept by, `turn` the
    turn that asks. One that `can_wait` may be answered when the line is back.
    """

    text: str
    language: str
    before: tuple[Message, ...] = ()
    documents: tuple[str, ...] = ()
    conversation: str = ""
    turn: str = ""
    can_wait: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What left this device for `tier`: the `body` of one request, byte for byte.

    `tokens_in` and `tokens_out` are those of the request and its answer, as the server counted
    them or, where it tells nothing, estimated; `money` is what they cost by the owner's prices,
    `time` when it was sent, in seconds since 1970.
    """

    tier: str
    body: bytes
    tokens_in: int
    tokens_out: int
    money: float
    time: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an `Inquiry`: words, never an act.

    `confidence` is how likely `text` is good enough, 0 to 1, `tier` who said it, `why` what decided
    that it was asked and believed. `sent` is all that left for it, also to tiers that failed.
    """

    text: str
    language: str
    confidence: float
    tier: str
    why: str = ""
    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What a tier said: the text, its tokens with their log-probabilities, and what it took.

    `tokens` is empty where the server gives no log-probabilities.
    """

    text: str
    tokens: tuple[Token, ...]
    tokens_in: int
    tokens_out: int


@runtime_checkable
class Tier(Protocol):
    """A model that may be asked open questions: on this device, in this home, or in a cloud."""

    @property
    def name(self) -> str:
        """What its owner calls it."""

    async def complete(
        self, messages: Sequence[Message], options: Generation, leaving: Callable[[bytes], None]
    ) -> Completion:
        """Return the answer to `messages`; `leaving` is told the body of each request before it
        is sent, and never called where nothing leaves this device.

        Raises:
            StewardError: there is none, in time or at all; what was said until then is lost.
        """


How = Literal["answered", "nearer", "late", "money", "private", "down", "waits", "nobody"]
"""What became of an inquiry. "answered" by the furthest machine that was needed. With an answer of
a nearer one: "nearer" as a further one does not answer, "late" as it takes too long, "money" as its
money for today is spent, "private" as it must not see this. Without any answer: the last three, or
"down" as nobody can be reached, "waits" for the line, "nobody" is there to be asked."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of an Inquiry; `missing` is the tier that it would have needed, if any."""

    how: How
    answer: Answer | None = None
    missing: str = ""
