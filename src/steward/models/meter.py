"""How fast a language model is, as those who ask it see it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from steward.models.stream import PLAIN
from steward.thinking import Generation, LanguageModel, Message, Token


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: its `tokens`, seconds to the `first` one, and tokens/s after it.

    `rate` is None where there was one token only.
    """

    tokens: int
    first: float
    rate: float | None


class Meter:
    """Counts the answers of a model, and knows how the last one came."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.answers = 0
        self.last: Answered | None = None

    def on(self, model: LanguageModel) -> LanguageModel:
        """Return `model`, its answers measured."""
        return _Metered(model, self)

    def begin(self) -> Callable[[], None]:
        """Begin an answer; call what is returned at each of its tokens."""
        begun, times = self._clock(), [0.0]
        count = 0

        def token() -> None:
            nonlocal count
            now, count = self._clock(), count + 1
            if count == 1:
                times[0], self.answers = now, self.answers + 1
            took = now - times[0]
            self.last = Answered(count, times[0] - begun, (count - 1) / took if took > 0 else None)

        return token


class _Metered:
    def __init__(self, model: LanguageModel, meter: Meter) -> None:
        self._model = model
        self._meter = meter

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Yield the model's answer; see `LanguageModel`."""
        counted = self._meter.begin()
        async with aclosing(self._model.generate(messages, options)) as answer:
            async for token in answer:
                counted()
                yield token
