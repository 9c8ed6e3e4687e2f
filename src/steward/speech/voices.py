"""All voices behind one: the language and the script choose who speaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from steward.speech.chinese import HAN
from steward.speech.hibari import HibariVoice, require
from steward.speech.kokoro import KokoroVoice
from steward.types import AudioChunk

CHINESE = "zm_yunxi"
"""Kokoro's voice for Chinese: of eight, the one that a recogniser mishears least (bench/LOG.md)."""


class Voices:
    """A Voice for English and Chinese; each engine is loaded when it first speaks."""

    def __init__(self, weights: Path, threads: int) -> None:
        """Name the parts.

        Args:
            weights: folder with the weight sets kokoro-82m and kokoro-voices.
            threads: threads of one synthesis, 1 or more.
        """
        english = HibariVoice()
        self._latin = english
        self._han = KokoroVoice(
            weights, CHINESE, threads, lambda text: " ".join(english.phonemes(text))
        )

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
        require(self.languages, language)
        # The English voice leaves Chinese names out, and is ten times as quick.
        alone = language in self._latin.languages and not HAN.search(text)
        voice: HibariVoice | KokoroVoice = self._latin if alone else self._han
        async with aclosing(voice.speak(text, language)) as sounds:
            async for chunk in sounds:
                yield chunk
