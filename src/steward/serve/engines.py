"""The models behind the butler, for programs that ask them directly."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Protocol, TypeVar

from steward.thinking import LanguageModel
from steward.types import Recognizer, Voice

_T = TypeVar("_T", covariant=True)


class Loaded(Protocol[_T]):
    """A model that is loaded at its first use, which may raise ModelError."""

    def get(self) -> Awaitable[_T]:
        """Return it."""
        ...


class Engines(Protocol):
    """What the butler is made of, as far as others may ask it; `steward.wiring.Parts` is it."""

    @property
    def model(self) -> Loaded[LanguageModel]:
        """The general language model."""
        ...

    @property
    def models(self) -> Mapping[str, Loaded[LanguageModel]]:
        """Further language models, by their names."""
        ...

    @property
    def recognizer(self) -> Loaded[Recognizer]:
        """The recogniser of speech."""
        ...

    @property
    def voice(self) -> Voice:
        """The voices."""
        ...
