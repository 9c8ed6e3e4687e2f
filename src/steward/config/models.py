"""The tables of the language models: `[model]`, `[models]` and `[models.NAME]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from steward.config.section import Section
from steward.thinking import CacheType, Switch

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(MB|GB)")
_UNITS = {"MB": 10**6, "GB": 10**9}


def _bytes_of(value: object) -> object:
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a size like "500MB" or "1.5GB"')
    return round(float(found[1]) * _UNITS[found[2]])


Size = Annotated[int, BeforeValidator(_bytes_of)]
"""Bytes, written as "500MB" or "1.5GB"."""


class LanguageModelConfig(Section):
    """`[model]`, the general language model, and `[models.NAME]`, further ones."""

    source: str = "smollm2-135m-instruct"
    """A name in the weights list, the path of a GGUF file, or the http(s) URL of an
    OpenAI-compatible API ending in /v1."""
    name: str = ""
    """With a URL: which of the server's models to ask."""
    key: str | None = None
    """With a URL: the API key."""
    context: Annotated[int, Field(ge=256, le=131072)] = 2048
    """Tokens of context; the memory for it is taken at start."""
    threads: Annotated[int, Field(ge=0, le=256)] = 0
    """0 means as `steward tune` has measured, else the physical cores."""
    kv_cache: CacheType = "f16"
    """What keys and values of attention are kept in: "q8_0" takes half of the memory of the
    context, "q4_0" a quarter, and answers become a little worse."""
    flash_attention: Switch = "auto"
    """Whether attention is computed in one go; a smaller `kv_cache` needs that."""
    adapters: Mapping[str, str] = {}
    """LoRA adapters: a name, and the path of a GGUF file."""


class ButlerModelConfig(LanguageModelConfig):
    """`[model]`: what is asked by the butler himself, besides."""

    smalltalk: Literal["on", "off"] = "on"
    """Whether the model may answer what is neither a command nor a question about the home."""
    tools: Literal["on", "off"] = "off"
    """Whether the model may act on what no other stage understood. Off, because the default model
    is too small for it (bench/LOG.md); nothing risky is done on its word, whatever `risk` says."""


class ModelsConfig(Section):
    """`[models]`: all models on this device; each further one is a table `[models.NAME]`."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, LanguageModelConfig] = Field(init=False)

    memory: Size | None = None
    """What the loaded models may take together, [model] included; whichever was not used for the
    longest time is unloaded when another needs its place. Without it, each stays."""
    prompts: Size = 500_000_000
    """Computed prompts kept on disk, so that a start need not compute them again."""

    @property
    def named(self) -> Mapping[str, LanguageModelConfig]:
        """The further models by their names."""
        return self.__pydantic_extra__
