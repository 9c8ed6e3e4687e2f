"""The names that the models are asked for by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steward.config import Config
from steward.serve.engines import Engines
from steward.serve.openai.errors import NoSuchModelError
from steward.thinking import LanguageModel

STEWARD = "steward"
"""The butler himself."""
VOICE = "voice"
HEARS = "whisper-1"
SPEAKS = "tts-1"
"""Names that many programs ask for without asking their user."""
EMBEDS = "multilingual-e5-small"


@dataclass(frozen=True)
class Names:
    """What the general model, the recogniser and further models are called."""

    model: str
    recognizer: str
    further: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every name that can be asked for."""
        return (
            STEWARD,
            self.model,
            *self.further,
            self.recognizer,
            VOICE,
            EMBEDS,
            HEARS,
            SPEAKS,
        )


def names_of(config: Config) -> Names:
    """Return the names, each without the folder of its file."""
    model = config.model.name or Path(config.model.source).stem
    return Names(model, Path(config.speech.model).name, tuple(config.models.named))


async def named(name: str, names: Names, engines: Engines) -> LanguageModel:
    """Return the language model of this name.

    Raises:
        NoSuchModelError: there is none.
        ModelError: it cannot be used.
    """
    if name == names.model:
        return await engines.model.get()
    if name not in names.further:
        raise no_such_model(name)
    return await engines.models[name].get()


def no_such_model(name: str) -> NoSuchModelError:
    """Return the refusal of a model that is not here."""
    return NoSuchModelError(f"there is no model {name!r}", hint="GET /v1/models lists them")
