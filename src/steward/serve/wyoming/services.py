"""What this door needs of the butler and his senses, and what it tells others that it offers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from wyoming.info import (
    AsrModel,
    AsrProgram,
    Attribution,
    HandleModel,
    HandleProgram,
    Info,
    IntentModel,
    IntentProgram,
    TtsProgram,
    TtsVoice,
    WakeModel,
    WakeProgram,
)

from steward import __version__
from steward.hearing import Ear
from steward.serve.butler import Butler
from steward.speech.chinese import HAN
from steward.types import Plan, Utterance, Voice

HEARD = ("en", "zh", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru")
"""Languages offered for recognition; Whisper reads 99, most of them badly at this size."""
PROGRAM = "steward"
_OURS = Attribution("Steward", "https://pypi.org/project/steward-edge/")


@dataclass(frozen=True)
class Services:
    """The butler, his ear and his voice, the wake `word` and the `languages` he understands.

    `read` tells what words mean, and does nothing of it.
    """

    butler: Butler
    ear: Callable[[], Awaitable[Ear]]
    voice: Voice
    word: str
    languages: tuple[str, ...]
    read: Callable[[Utterance], Awaitable[Plan]]

    def info(self) -> Info:
        """Return what is offered: recognition, voices, the wake word, and the butler himself."""
        return Info(
            asr=[
                AsrProgram(
                    **_artifact("Steward's ears"),
                    models=[AsrModel(**_artifact("whisper"), languages=list(HEARD))],
                    supports_transcript_streaming=True,
                    requires_external_vad=False,
                )
            ],
            tts=[
                TtsProgram(
                    **_artifact("Steward's voice"),
                    voices=[
                        TtsVoice(**_artifact("", voice_name(language)), languages=[language])
                        for language in sorted(self.voice.languages)
                    ],
                    supports_synthesize_streaming=True,
                )
            ],
            handle=[
                HandleProgram(
                    **_artifact("The butler"),
                    models=[HandleModel(**_artifact("butler"), languages=list(self.languages))],
                    supports_home_control=True,
                )
            ],
            intent=[
                IntentProgram(
                    **_artifact("The butler's understanding"),
                    models=[IntentModel(**_artifact("grammar"), languages=list(self.languages))],
                )
            ],
            wake=[
                WakeProgram(
                    **_artifact("Steward's wake word"),
                    models=[
                        WakeModel(
                            **_artifact("wake word", self.word),
                            languages=list(self.languages),
                            phrase=self.word.replace("_", " "),
                        )
                    ],
                )
            ],
        )


def _artifact(description: str, name: str = PROGRAM) -> dict[str, Any]:
    return {
        "name": name,
        "attribution": _OURS,
        "installed": True,
        "description": description or name,
        "version": __version__,
    }


def voice_name(language: str) -> str:
    """Return what the voice for `language` is called."""
    return f"{PROGRAM}-{language}"


def language_for(text: str, name: str, language: str, spoken: Iterable[str]) -> str:
    """Return the language to say `text` in.

    That of the voice called `name`, else `language`, such as "en-GB", if there is a voice for it;
    without either the one that the text is written in.
    """
    spoken = frozenset(spoken)
    named = next((one for one in spoken if voice_name(one) == name), "")
    wanted = named or primary(language)
    if wanted in spoken:
        return wanted
    return "zh" if HAN.search(text) and "zh" in spoken else "en"


def primary(language: str) -> str:
    """Return the first part of a language's tag: "en" of "en-GB"."""
    return language.replace("_", "-").partition("-")[0].lower()
