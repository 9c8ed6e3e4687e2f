"""One tier behind an address: what is asked of it, and how little of what it says is believed."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import aclosing

import httpx

from steward.config.tiers import TierConfig
from steward.errors import ConfigError, PeerError
from steward.models.openai import OpenAI, RefusedError, Usage
from steward.models.stream import NO_LOGPROB
from steward.thinking import Completion, Generation, Message, Token

LONGEST = 8000
"""Characters of an answer that are kept: ten minutes of speech."""
_CONNECT = 5.0
"""Seconds for a connection."""
_STRANGE_FIELDS = frozenset({400, 422})
_THOUGHT = re.compile(r"\A\s*<think>.*?(?:</think>|\Z)", re.DOTALL)


class Remote:
    """The tier `name`, asked over HTTP; its answer is text, and whatever else it sends is nothing.

    A server that refuses what not every one knows (log-probabilities, a seed) is asked once more
    with the messages alone, and so from then on.
    """

    def __init__(
        self, name: str, config: TierConfig, key: str | None, tls: ssl.SSLContext | None = None
    ) -> None:
        """`key` is the API key, `tls` whom to believe instead of those whom the system does."""
        self._name = name
        self._seconds = config.seconds
        self._plain = False
        self._model = OpenAI(
            config.url,
            name=config.model,
            key=key,
            # All of it is timed as one, below; who is not there is not waited for as long.
            timeout=httpx.Timeout(config.seconds, connect=min(_CONNECT, config.seconds)),
            tls=tls,
            table=f"[tiers.{name}]",
        )

    @property
    def name(self) -> str:
        """What its owner calls it."""
        return self._name

    async def complete(
        self, messages: Sequence[Message], options: Generation, leaving: Callable[[bytes], None]
    ) -> Completion:
        """Return the answer; see `Tier`.

        Raises:
            PeerError: there is none within the tier's seconds, or none that can be used.
        """
        try:
            async with asyncio.timeout(self._seconds):
                try:
                    return await self._ask(messages, options, leaving, plain=self._plain)
                except RefusedError as error:
                    if self._plain or error.status not in _STRANGE_FIELDS:
                        raise
                    answer = await self._ask(messages, options, leaving, plain=True)
                    self._plain = True
                    return answer
        except TimeoutError as error:
            raise PeerError(
                f"{self._name} did not answer within {self._seconds:g} s",
                hint=f"raise `seconds` under [tiers.{self._name}], or name a faster machine",
            ) from error

    async def _ask(
        self,
        messages: Sequence[Message],
        options: Generation,
        leaving: Callable[[bytes], None],
        *,
        plain: bool,
    ) -> Completion:
        body = self._model.plain_body(messages) if plain else self._model.body(messages, options)
        leaving(body)
        tokens: list[Token] = []
        usage: Usage | None = None
        async with aclosing(self._model.stream(body, options.max_tokens)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Token):
                    tokens.append(piece)
                else:
                    usage = piece
        text = cleaned("".join(token.text for token in tokens))
        if not text:
            raise PeerError(f"{self._name} said nothing", hint="see that server's log")
        scored = all(token.logprob > NO_LOGPROB for token in tokens)
        counted = usage or Usage(estimated(body), len(tokens))
        return Completion(
            text, tuple(tokens) if scored else (), counted.tokens_in, counted.tokens_out
        )


def cleaned(said: str) -> str:
    """Return what may be shown and spoken of an answer: its text, without what it thought aloud,
    without control characters, and not longer than `LONGEST`."""
    text = _THOUGHT.sub("", said)
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text).strip()[:LONGEST]


def estimated(body: bytes) -> int:
    """Return about how many tokens a request has, where the server does not tell."""
    return max(1, len(body) // 3)


def key_of(name: str, config: TierConfig) -> str | None:
    """Return the API key that `config` refers to, None where it refers to none.

    Raises:
        ConfigError: there is no such variable or file, or what it holds is no key.
    """
    if config.key_env is not None:
        where, key = f"${config.key_env}", os.environ.get(config.key_env, "")
    elif config.key_file is not None:
        where = str(config.key_file)
        try:
            key = config.key_file.expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"the key of the tier {name} cannot be read from {where}",
                hint="mend `key_file`, or the file's permissions",
            ) from error
    else:
        return None
    key = key.strip()
    if not key or not key.isascii() or any(c.isspace() or not c.isprintable() for c in key):
        raise ConfigError(
            f"{where} holds no key for the tier {name}",
            hint=f"put the API key there, or mend `key_env` or `key_file` under [tiers.{name}]",
        )
    return key
