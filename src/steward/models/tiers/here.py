"""A tier on this device."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

from steward.errors import ModelError
from steward.models.stream import NO_LOGPROB
from steward.models.tiers.client import cleaned
from steward.thinking import Completion, Generation, LanguageModel, Message


class Here:
    """The tier `name` on this device; its `model` is loaded when it is first asked."""

    def __init__(self, name: str, model: Callable[[], Awaitable[LanguageModel]]) -> None:
        self._name = name
        self._model = model

    @property
    def name(self) -> str:
        """What its owner calls it."""
        return self._name

    async def complete(
        self, messages: Sequence[Message], options: Generation, _: Callable[[bytes], None]
    ) -> Completion:
        """Return the answer; nothing leaves.

        Raises:
            StewardError: what the model raises, or ModelError as it said nothing.
        """
        async with aclosing((await self._model()).generate(messages, options)) as pieces:
            tokens = [token async for token in pieces]
        text = cleaned("".join(token.text for token in tokens))
        if not text:
            raise ModelError(
                f"{self._name} said nothing", hint="choose another model for `device` under [tiers]"
            )
        scored = all(token.logprob > NO_LOGPROB for token in tokens)
        return Completion(text, tuple(tokens) if scored else (), 0, len(tokens))
