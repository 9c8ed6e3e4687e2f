"""All voices behind one: the language and the script choose who speaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from steward.speech.chinese import HAN
from steward.speech.delivery import USUAL, Delivery
from steward.types import AudioChunk

if TYPE_CHECKING:
    from steward.speech.hibari import HibariVoice
    from steward.speech.kokoro import KokoroVoice

CHINESE = "zm_yunxi"
"""Kokoro's usual voice for Chinese: of eight, the one that a recogniser mishears least
(bench/LOG.md)."""


class Voices:
    """A Voice for English and Chinese; each engine is loaded when it first speaks."""

    def __init__(
        self,
        weights: Path,
        threads: int,
        phrases: Path | None = None,
        how: Callable[[], Delivery] = lambda: USUAL,
        chinese: str = CHINESE,
    ) -> None:
        """Name the parts.

        Args:
            weights: folder with the weight sets kokoro-82m and kokoro-voices.
            threads: threads of one synthesis, 1 or more.
            phrases: folder for what is rehearsed; None for voices that do not rehearse.
            how: asked for each reply how it is to be spoken.
            chinese: Kokoro's voice for Chinese, one that has a graph.
        """
        self._weights, self._threads, self._phrases = weights, threads, phrases
        self._how, self._chinese = how, chinese

    @cached_property
    def _latin(self) -> HibariVoice:
        # Lazy, as the other: what they import takes a fifth of a second, and text is not spoken.
        from steward.speech.hibari import HibariVoice

        return HibariVoice()

    @cached_property
    def _han(self) -> KokoroVoice:
        from steward.speech.kokoro import KokoroVoice

        def latin(text: str) -> str:
            return " ".join(self._latin.phonemes(text))

        return KokoroVoice(self._weights, self._chinese, self._threads, latin, self._phrases)

    @property
    def languages(self) -> frozenset[str]:
        """The primary language subtags that have a voice; the reply to others stays text."""
        return self._latin.languages | self._han.languages

    async def speak(self, text: str, language: str) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound of `text` piece by piece.

        Raises:
            DeviceError: `language` has no voice; look into `languages` first.
            ModelError: a file of the voice is missing or damaged.
        """
        voice = self._latin if self._quick(text, language) else self._han
        how = self._how()
        made = voice.speak(text, language, how.pace)
        async with aclosing(made if how.plain else self._delivered(made, how)) as sounds:
            async for chunk in sounds:
                yield chunk

    def _delivered(
        self, made: AsyncGenerator[AudioChunk, None], how: Delivery
    ) -> AsyncGenerator[AudioChunk, None]:
        from steward.speech.throat import delivered

        return delivered(made, how)

    async def rehearse(self, text: str, language: str) -> None:
        """Keep the sound of `text` for when it is to be spoken, unless it is quickly made then.

        Raises:
            ModelError: a file of the voice is missing or damaged.
        """
        if not self._quick(text, language):
            await self._han.rehearse(text, language, self._how().pace)

    def _quick(self, text: str, language: str) -> bool:
        # The English voice leaves Chinese names out, and is ten times as quick.
        return language in self._latin.languages and not HAN.search(text)
