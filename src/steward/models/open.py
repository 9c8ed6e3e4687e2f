"""From the configuration to a LanguageModel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from steward.config import LanguageModelConfig
from steward.models.admission import admit, located, parts_of
from steward.models.engine import EngineSettings
from steward.models.llama import Llama
from steward.models.prefixes import Prefixes
from steward.models.profile import FOLDER, Profile, find
from steward.models.seals import Seal, Seals
from steward.models.selftest import proven
from steward.models.store import Store
from steward.thinking import LanguageModel

PROMPTS = "prompts"
"""The folder of computed prompts, beside the weights."""
PROMPTS_BYTES = 500_000_000


def open_model(config: LanguageModelConfig, store: Store) -> LanguageModel:
    """Return the model that `config.source` names: a URL, or what `located` finds.

    A URL is not contacted before the first use. A local model is loaded, which takes a second or so
    and belongs in a thread where an event loop runs.

    Raises:
        ModelError: there is no such model, or its file is damaged, too large, or computed wrongly.
    """
    source = config.source
    if source.startswith(("http://", "https://")):
        # Lazy: its HTTP client takes 7 MB, for those who have a bigger machine only.
        from steward.models.openai import OpenAI

        return OpenAI(source, name=config.name, key=config.key)
    path, listed = located(source, store)
    cache = store.root.parent
    seals = Seals(cache)
    seal = admit(path, config.context, seals, listed)
    # Threads that the owner has set are what he wants, whatever was measured.
    tuned = None if config.threads else find(cache / FOLDER, seal.sha256)
    model = _run(path, config, tuned, cache)
    proven(model, path, seals, seal)
    return model


def _run(
    path: Path, config: LanguageModelConfig, tuned: Profile | None, cache: Path
) -> LanguageModel:
    if tuned is not None and tuned.ahead:
        # Lazy: what it needs of llama.cpp is loaded into this process.
        from steward.models.ahead.model import Ahead

        return Ahead.of(path, tuned, config.context)
    settings = EngineSettings(context=config.context, threads=config.threads)
    if tuned is not None:
        settings = tuned.settings(config.context)
    return Llama(path, settings, prefixes=Prefixes(cache / PROMPTS, PROMPTS_BYTES))


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
