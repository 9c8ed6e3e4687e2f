"""What a candidate is timed with: a call of a tool, an answer in words, a text to repeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from steward.models.ahead.model import Ahead
from steward.models.llama import Llama
from steward.models.prefixes import Prefixes
from steward.models.profile import Profile
from steward.models.schema import grammar_of
from steward.thinking import CacheType, Generation, LanguageModel, Message

_CALL = grammar_of(
    {
        "type": "object",
        "properties": {
            "name": {"enum": ["turn_on", "turn_off", "set_level"]},
            "device": {"enum": ["kitchen light", "kitchen fan", "hall light", "garden pump"]},
            "level": {"type": "integer", "minimum": 0, "maximum": 100},
        },
        "required": ["name", "device", "level"],
        "additionalProperties": False,
    }
)
_TEXT = (
    "The boiler in the cellar is serviced every autumn. Turn it off at the red switch, wait for "
    "ten minutes, and open the lower valve. The filter behind the cover is cleaned with water."
)


@dataclass(frozen=True)
class Work:
    """One request, by the name of its kind."""

    name: str
    text: str
    options: Generation


def works(tokens: int) -> list[Work]:
    """Return one request of each kind; answers in words have at most `tokens`."""
    words = Generation(tokens, scored=False)
    call = Generation(96, grammar=_CALL, scored=False)
    return [
        Work("tool call", "Call a function as JSON: dim the light in the kitchen to 40", call),
        Work("chat", "Tell me something about bees.", words),
        Work("document", f"{_TEXT}\n\nWrite this text again.", words),
    ]


def seconds(
    path: Path,
    profile: Profile,
    tasks: Sequence[Work],
    folder: Path,
    context: int,
    cache: CacheType = "f16",
) -> list[float]:
    """Load the model, and return how long each of `tasks` takes when its prompt is computed.

    Raises:
        ModelError: the model cannot be run so.
    """
    if profile.ahead:
        with closing(Ahead(path, profile, context)) as model:
            return asyncio.run(_timed(model, tasks))
    settings = profile.settings(context, cache)
    with closing(Llama(path, settings, prefixes=Prefixes(folder, 0))) as server:
        return asyncio.run(_timed(server, tasks))


async def _timed(model: LanguageModel, tasks: Sequence[Work]) -> list[float]:
    return [await _one(model, task) for task in tasks]


async def _one(model: LanguageModel, task: Work) -> float:
    chat = [Message("user", task.text)]
    async for _ in model.generate(chat, Generation(1)):
        pass
    start = time.perf_counter()
    async for _ in model.generate(chat, task.options):
        pass
    return time.perf_counter() - start
