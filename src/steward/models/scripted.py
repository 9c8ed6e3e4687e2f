"""A LanguageModel that says what it was told to say: for tests and for trying things out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeAlias

from steward.models.stream import PLAIN
from steward.thinking import Generation, Message, Token

Script: TypeAlias = Callable[[Sequence[Message], Generation], Sequence[Token]]
"""Makes the answer to messages."""


class Scripted:
    """Answers by a script; `asked` keeps what it was asked, `running` counts open generations."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.asked: list[tuple[tuple[Message, ...], Generation]] = []
        self.running = 0

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Yield at most `options.max_tokens` tokens of the script's answer.

        The grammar is the script's business: it sees the options. Raises what the script raises.
        """
        self.asked.append((tuple(messages), options))
        self.running += 1
        try:
            for token in self._script(messages, options)[: options.max_tokens]:
                # A real model takes time, in which others run and may cancel it.
                await asyncio.sleep(0)
                yield token
        finally:
            self.running -= 1


def saying(text: str, logprob: float = -0.1) -> Script:
    """Return a script that answers everything with the words of `text`, each with `logprob`."""
    words = [f" {word}" if index else word for index, word in enumerate(text.split())]
    tokens = [Token(word, logprob) for word in words]
    return lambda *_: tokens
