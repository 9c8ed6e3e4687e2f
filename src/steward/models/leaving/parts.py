"""A long document, read part by part by a model on this device: only the rest is sent.

The idea is MinionS's (Narayan et al. 2025, arXiv:2502.15964). Here the small model names sentences
by their numbers and writes none, so that nothing is sent that the document does not say.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

from steward.models.leaving.documents import sentences
from steward.thinking import Generation, LanguageModel, Message

Pick = Callable[[str, Sequence[str]], Awaitable[Sequence[int]]]
"""Names the sentences that a question needs, by their numbers from 0."""

LONG = 1_500
"""The size of a document that is read on this device first."""
PART = 16
"""Sentences that are read at once."""
MOST = 4
"""Sentences that are taken of a part."""
_GRAMMAR = 'root ::= "none" | number (", " number){0,3}\nnumber ::= [1-9] [0-9]?'


async def picked(pick: Pick, question: str, document: str) -> str:
    """Return the sentences that `pick` names of each part of `document`, in their order.

    Where it names none at all the first sentence of each part stands for it.

    Raises:
        StewardError: the model has failed.
    """
    every = sentences(document)
    kept: list[str] = []
    for start in range(0, len(every), PART):
        part = every[start : start + PART]
        numbers = sorted({at for at in await pick(question, part) if 0 <= at < len(part)})
        kept += [part[at] for at in numbers[:MOST]]
    return "\n".join(kept or every[::PART])


def picking(model: Callable[[], Awaitable[LanguageModel]]) -> Pick:
    """Return a `Pick` by a language model of this device."""

    async def pick(question: str, part: Sequence[str]) -> Sequence[int]:
        numbered = "\n".join(f"{at}. {line}" for at, line in enumerate(part, 1))
        asked = (
            f"{numbered}\n\nWhich of these sentences are the most important for: {question}\n"
            "Answer with their numbers only, at most four, or none."
        )
        options = Generation(max_tokens=16, grammar=_GRAMMAR, scored=False)
        said = ""
        chat = [Message("user", asked)]
        async with aclosing((await model()).generate(chat, options)) as tokens:
            async for token in tokens:
                said += token.text
        return [int(number) - 1 for number in re.findall(r"\d+", said)]

    return pick
