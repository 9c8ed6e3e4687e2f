"""The tables of the machines that may be asked what this device cannot answer: `[tiers]`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from steward.config.section import Section

Send = Literal["nothing", "redacted", "all"]


class TierConfig(Section):
    """`[tiers.NAME]`: another machine, by any OpenAI-compatible API."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]\S*$")]
    """Its address, ending in /v1: a llama.cpp, vLLM or Ollama of the owner's, another Steward, or
    a cloud."""
    model: str = ""
    """Which of the server's models to ask; needed where it has several."""
    key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """The environment variable that holds the API key."""
    key_file: Path | None = None
    """Instead of it: a file that holds the API key and nothing else."""
    send: Send = "redacted"
    """What may leave for it. "redacted": personal data and the home's own words are replaced by
    placeholders first. "all": as it was said, but for secrets; for machines of one's own.
    "nothing": it is not asked."""
    price_in: Annotated[float, Field(ge=0)] = 0.0
    """What a million tokens sent to it cost, in whatever money its owner counts."""
    price_out: Annotated[float, Field(ge=0)] = 0.0
    """What a million tokens of its answers cost."""
    money: Annotated[float, Field(ge=0)] | None = None
    """The most that may be spent on it a day; without it there is no limit."""
    seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """The longest that it may take for a whole answer."""
    tokens: Annotated[int, Field(ge=16, le=8192)] = 512
    """The longest answer."""
    certificate: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """The SHA-256 of the one certificate that is believed of it, as pairing writes it; without it
    those that the system believes."""

    @model_validator(mode="after")
    def _together(self) -> TierConfig:
        if self.key_env is not None and self.key_file is not None:
            raise ValueError("give either `key_env` or `key_file`")
        if self.certificate is not None and not self.url.startswith("https:"):
            raise ValueError("a `certificate` is of an https address")
        return self


class TiersConfig(Section):
    """`[tiers]`: what is asked open questions, the nearest first, as the tables stand in the file.

    Without a table `[tiers.NAME]` and without `device`, no such question is asked of anybody.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, TierConfig] = Field(init=False)

    device: str = ""
    """The model on this device that is asked first: NAME of a `[models.NAME]`. None, because the
    default `[model]` is too small to be believed."""
    seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """The longest that somebody waits for an answer, whoever gives it."""
    late: Annotated[float, Field(gt=0, le=600)] = 8.0
    """After so long an answer that a nearer machine has is given, and the further one not waited
    for."""
    worse: Annotated[float, Field(ge=0.001, le=0.5)] = 0.1
    """How many of the answers that a nearer machine gives as sure may be worse than the bigger
    one's, 0.1 for one in ten: what `steward tiers calibrate` proves."""
    cases: Literal["on", "off"] = "off"
    """Whether hard cases are kept, encrypted, on this machine: sentences that were not understood,
    failed or were put to a model, with what came of them. See `steward tiers cases`."""
    most_cases: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """How many of them at most; the oldest go first."""
    never: tuple[Literal["health", "money"], ...] = ()
    """Matters of which nothing leaves this device for any tier, besides secrets and codes."""
    remember: Annotated[float, Field(ge=0, le=30 * 24)] = 24.0
    """How many hours an answer that cost something is given again when the same is asked; 0: it is
    asked anew each time. Questions about what changes always are."""
    meaning: Literal["on", "off"] = "off"
    """Whether sentences of a document, and questions in other words, are also told by what they
    mean. It takes 400 MB of memory once something is asked."""
    wait: Literal["asked", "always", "off"] = "asked"
    """Which questions are kept until the line is back when nobody answers: those that say that
    they can wait ("when you can"), all, or none."""

    @property
    def named(self) -> Mapping[str, TierConfig]:
        """The tiers by their names, the nearest first."""
        return self.__pydantic_extra__

    @property
    def asked(self) -> bool:
        """Whether anybody is asked at all."""
        return bool(self.device or self.named)
