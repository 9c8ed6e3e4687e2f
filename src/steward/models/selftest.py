"""A short numeric test of a loaded model: what it says, and how likely it finds it.

Bytes that are right can still be computed wrongly: by a kernel that is wrong on this processor, or
by memory that fails. The greedy answer to a fixed question, with the log-probability of each token,
is compared with what the same file said when it was right.
"""

from __future__ import annotations

import asyncio
import json
import math
import platform
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from importlib import metadata, resources
from pathlib import Path

from steward.errors import ModelError
from steward.models.processor import processor
from steward.models.seals import Seal, Seals, Spoken
from steward.thinking import Generation, LanguageModel, Message

QUESTION = "Name the months of the year, the first one first."
TOKENS = 12
TOLERANCE = 0.25
"""How far one log-probability may be off: kernels round differently (bench/LOG.md)."""
TIE = 0.1
"""Below this distance between two tokens' log-probabilities, either may be chosen."""


def proven(model: LanguageModel, path: Path, seals: Seals, seal: Seal) -> Seal:
    """Test a model, unless this file has passed on this runtime and processor; return its seal.

    What it must say is what its maker's list has (`references.json`), else what it said when it was
    first loaded.

    Raises:
        ModelError: it says something else, or no numbers.
    """
    here = f"xllamacpp {metadata.version('xllamacpp')} on {platform.machine()} {processor()}"
    if seal.tested == here:
        return seal
    # A loop of its own: whoever loads a model may have one running.
    with ThreadPoolExecutor(1) as thread:
        said = thread.submit(lambda: asyncio.run(_ask(model))).result()
    check(path.name, known(seal.sha256) or seal.said, said)
    seal = replace(seal, said=seal.said or said, tested=here)
    seals.keep(path, seal)
    return seal


def check(name: str, wanted: Sequence[Spoken], said: Sequence[Spoken]) -> None:
    """Compare what a model said with what it should have; nothing `wanted` is only looked at.

    Raises:
        ModelError: they differ by more than rounding, or a log-probability is no number.
    """
    hint = (
        "the file is as it was, so this machine computes it wrongly: update or reinstall Steward "
        "(its llama.cpp), test the memory, or choose a file of another quantisation"
    )
    if not said or not all(math.isfinite(token.logprob) for token in said):
        raise ModelError(f"{name} failed its self-test: it computes no numbers", hint=hint)
    for number, (right, token) in enumerate(zip(wanted, said, strict=False)):
        apart = abs(right.logprob - token.logprob)
        if right.text != token.text and apart <= TIE:
            # A tie that was broken otherwise: from here on they say different things.
            return
        if right.text != token.text or apart > TOLERANCE:
            raise ModelError(
                f"{name} failed its self-test: token {number} is {token.text!r} at "
                f"{token.logprob:.2f}, and should be {right.text!r} at {right.logprob:.2f}",
                hint=hint,
            )


def known(sha256: str) -> tuple[Spoken, ...]:
    """Return what a listed file says, nothing where that is not known."""
    text = resources.files(__package__).joinpath("references.json").read_text(encoding="utf-8")
    return tuple(Spoken(said, logprob) for said, logprob in json.loads(text).get(sha256, []))


async def _ask(model: LanguageModel) -> tuple[Spoken, ...]:
    messages = (Message("user", QUESTION),)
    said: list[Spoken] = []
    async with aclosing(model.generate(messages, Generation(max_tokens=TOKENS))) as answer:
        async for token in answer:
            said.append(Spoken(token.text, round(token.logprob, 4)))  # noqa: PERF401 - must close
    return tuple(said)
