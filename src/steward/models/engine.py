"""How llama.cpp is to run a model: what `[model]`, a measured profile and the worker speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from steward.thinking import CacheType, Switch

Scheme = Literal["none", "ngram-map", "ngram-mod"]
"""How tokens are guessed ahead, to be checked in one batch: not at all, or by what has been
said before."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of one model, all lossless but the cache types.

    `context` is in tokens and shared by all generations; `threads` 0 means the physical cores.
    With `spin` those that wait for another never sleep: faster where nothing else runs, and much
    slower where something does.
    `batch` tokens of a prompt are taken at a time and computed `ubatch` at once: the memory grows
    with it, the speed hardly. `cache_k` and `cache_v` are the types of the cache; a quantised
    `cache_v` needs flash attention. `adapters` are LoRA adapters, each a name and its file, which
    a request may switch on.
    """

    context: int = 2048
    threads: int = 0
    spin: bool = False
    batch: int = 128
    ubatch: int = 128
    cache_k: CacheType = "f16"
    cache_v: CacheType = "f16"
    flash_attention: Switch = "auto"
    scheme: Scheme = "none"
    adapters: tuple[tuple[str, str], ...] = ()
