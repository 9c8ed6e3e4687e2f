"""From the configuration to LanguageModels."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from steward.config.models import LanguageModelConfig, ModelsConfig
from steward.errors import ModelError
from steward.models.admission import admit, located, parts_of
from steward.models.engine import EngineSettings
from steward.models.formats import BY_NAME
from steward.models.llama import Llama
from steward.models.pool import Pool
from steward.models.prefixes import Prefixes
from steward.models.profile import FOLDER, Profile, find
from steward.models.reading import read_shape
from steward.models.seals import Seal, Seals
from steward.models.selftest import proven
from steward.models.store import Store
from steward.thinking import LanguageModel

PROMPTS = "prompts"
"""The folder of computed prompts, beside the weights."""
PROMPTS_BYTES = ModelsConfig.model_fields["prompts"].default
OVERHEAD = 70_000_000
"""Bytes that a process with a model takes besides its weights, its cache and a batch's logits:
measured with SmolLM2-135M, whose weights are 92 MB."""


class Models:
    """The models of a configuration, which share its budget of memory."""

    def __init__(self, config: ModelsConfig, store: Store) -> None:
        self._config = config
        self._store = store
        self._pool = Pool(config.memory)

    def open(self, config: LanguageModelConfig) -> LanguageModel:
        """Return the model that `config.source` names: a URL, or what `located` finds.

        A URL is not contacted before the first use, and where there is a budget, a local model is
        not loaded before. Without one it is: see `open_model`.

        Raises:
            ModelError: there is no such model, or its file is damaged, too large, or computed
                wrongly.
        """
        if _is_url(config.source) or self._config.memory is None:
            return open_model(config, self._store, self._config.prompts)
        path, _ = located(config.source, self._store)
        need = memory_needed(path, settings_of(config, None))
        return self._pool.add(
            path.stem, partial(_load, config, self._store, self._config.prompts), need
        )

    def close(self) -> None:
        """Unload all models."""
        self._pool.close()


def open_model(
    config: LanguageModelConfig, store: Store, prompts: int = PROMPTS_BYTES
) -> LanguageModel:
    """Return one model by itself: a URL, which is not contacted, or a local one, which is loaded.

    Loading takes a second or so and belongs in a thread where an event loop runs.

    Raises:
        ModelError: there is no such model, or its file is damaged, too large, or computed wrongly.
    """
    if _is_url(config.source):
        # Lazy: its HTTP client takes 7 MB, for those who have a bigger machine only.
        from steward.models.openai import OpenAI

        return OpenAI(config.source, name=config.name, key=config.key)
    path, listed = located(config.source, store)
    seals = Seals(store.root.parent)
    seal = admit(path, config.context, seals, listed, config.kv_cache)
    tuned = _tuned(config, store, seal)
    if tuned is None or not tuned.ahead or _special(config):
        return _load(config, store, prompts)
    # Lazy: what it needs of llama.cpp is loaded into this process.
    from steward.models.ahead.model import Ahead

    model = Ahead(path, tuned, config.context)
    proven(model, path, seals, seal)
    return model


def recheck(config: LanguageModelConfig, store: Store) -> Seal:
    """Read a local model whole, load it and test it, whether it has changed or not.

    Raises:
        ModelError: it is not there, is damaged, or is computed wrongly.
    """
    path, listed = located(config.source, store)
    seals = Seals(store.root.parent)
    seal, *_ = [seals.check(part, listed, whole=True) for part in parts_of(path)]
    seals.keep(path, replace(seal, tested=""))
    model = open_model(config, store)
    del model
    return seals.check(path, listed)


def settings_of(config: LanguageModelConfig, tuned: Profile | None) -> EngineSettings:
    """Return the settings that `config` asks for, with what was `tuned` for the rest."""
    settings = EngineSettings() if tuned is None else tuned.settings(config.context)
    return replace(
        settings,
        context=config.context,
        threads=config.threads or settings.threads,
        cache_k=config.kv_cache,
        cache_v=config.kv_cache,
        flash_attention=config.flash_attention,
        adapters=tuple(
            (name, str(Path(file).expanduser())) for name, file in config.adapters.items()
        ),
    )


def memory_needed(path: Path, settings: EngineSettings) -> int:
    """Return the bytes of memory that a model will take: weights, cache, logits, overhead.

    Raises:
        ModelError: the file is none, or no language model.
    """
    shape = read_shape(str(path))
    bits = sum(BY_NAME[name.upper()].bits for name in (settings.cache_k, settings.cache_v)) / 2
    cache = shape.cached_values(settings.context) * bits / 8
    logits = 4 * shape.vocabulary * settings.ubatch
    return shape.bytes + round(cache) + logits + OVERHEAD


def _load(config: LanguageModelConfig, store: Store, prompts: int) -> Llama:
    path, listed = located(config.source, store)
    cache = store.root.parent
    seals = Seals(cache)
    seal = admit(path, config.context, seals, listed, config.kv_cache)
    settings = settings_of(config, _tuned(config, store, seal))
    try:
        model = Llama(path, settings, prefixes=Prefixes(cache / PROMPTS, prompts))
    except ModelError as error:
        # The header was right: llama.cpp may not know what it names, and does not tell.
        architecture = read_shape(str(path)).architecture
        raise ModelError(
            f"{error.message} Its architecture is {architecture!r}",
            hint=f"a newer Steward may know {architecture!r}; else {error.hint}",
        ) from error
    if config.kv_cache == "f16":
        # A smaller cache changes what is said, and shall: the test is of files and arithmetic.
        proven(model, path, seals, seal)
    return model


def _tuned(config: LanguageModelConfig, store: Store, seal: Seal) -> Profile | None:
    # Threads that the owner has set are what he wants, whatever was measured.
    return None if config.threads else find(store.root.parent / FOLDER, seal.sha256)


def _special(config: LanguageModelConfig) -> bool:
    """Tell whether something is asked for that only llama.cpp's server does."""
    return bool(config.kv_cache != "f16" or config.flash_attention != "auto" or config.adapters)


def _is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))
