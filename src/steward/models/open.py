"""From the configuration to a LanguageModel."""

from __future__ import annotations

from pathlib import Path

from steward.config import LanguageModelConfig
from steward.errors import ModelError
from steward.models.engine import EngineSettings
from steward.models.llama import Llama
from steward.models.prefixes import Prefixes
from steward.models.store import Store
from steward.thinking import LanguageModel

PROMPTS = "prompts"
"""The folder of computed prompts, beside the weights."""
PROMPTS_BYTES = 500_000_000


def open_model(config: LanguageModelConfig, store: Store) -> LanguageModel:
    """Return the model that `config.source` names: a URL, a set of the weights list, or a path.

    A URL is not contacted before the first use. A local model is loaded, which takes a second or so
    and belongs in a thread where an event loop runs.

    Raises:
        ModelError: there is no such model, or its file is damaged.
    """
    source = config.source
    if source.startswith(("http://", "https://")):
        # Lazy: its HTTP client takes 7 MB, for those who have a bigger machine only.
        from steward.models.openai import OpenAI

        return OpenAI(source, name=config.name, key=config.key)
    if source in store.listed.sets:
        path = _gguf_of(store, source)
    else:
        path = Path(source).expanduser()
        if not path.exists():
            raise ModelError(
                f"{source!r} is neither a listed model nor a file",
                hint="set `source` under [model] to a name in the weights list, the path of a "
                "GGUF file, or a URL ending in /v1",
            )
    settings = EngineSettings(context=config.context, threads=config.threads)
    return Llama(path, settings, prefixes=Prefixes(store.root.parent / PROMPTS, PROMPTS_BYTES))


def _gguf_of(store: Store, name: str) -> Path:
    files = [file.name for file in store.listed.sets[name].files if file.name.endswith(".gguf")]
    if len(files) != 1:
        raise ModelError(
            f"the weights {name!r} are no language model",
            hint="set `source` under [model] to smollm2-135m-instruct, say",
        )
    return store.file(name, files[0])
