"""The answers that heads learn from, in files, so that collecting can go on where it ended."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from steward.lab.heads import prompts
from steward.lab.heads.collect import Answer, Chorus, held
from steward.models.ahead.network import Network, Past
from steward.models.ahead.rules import Vocabulary
from steward.models.ahead.template import prompt_of
from steward.models.disk import writing

VOICES = 16
ROOM = 512
"""Tokens of a question and its answer in words."""
_CONTEXT = 2048
KINDS = ("chat", "call", "chat", "text")


class Corpus:
    """Answers of one model in `folder`, a file for each sixteen."""

    def __init__(self, network: Network, folder: Path, threads: int) -> None:
        """Make room to collect in.

        Raises:
            ModelError: there is no memory for it, or the folder cannot be made.
        """
        self._network, self._folder = network, folder
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._chorus = Chorus(network, voices=VOICES, room=ROOM, threads=threads)
        self._past = Past(network, context=_CONTEXT, threads=threads, states=True)
        self._vocabulary = Vocabulary(network)

    def rounds(self, count: int) -> Iterator[list[Answer]]:
        """Yield `count` times sixteen answers, those that are kept first; the same every time."""
        told: list[str] = []
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            file = self._folder / f"{number:03}-{kind}.npz"
            if not file.exists():
                _write(file, self._made(kind, random.Random(f"{kind} {number}"), told))
            found = read(file)
            if kind == "chat":
                told += [self._text(each) for each in found]
            yield found

    def _made(self, kind: str, rng: random.Random, told: list[str]) -> list[Answer]:
        if kind == "call":
            asked = list(islice(prompts.calls(rng, VOICES), VOICES))
            return [
                held(self._past, self._vocabulary, self._tokens(each), each.grammar or "")
                for each in asked
            ]
        source = prompts.chats(rng) if kind == "chat" else prompts.texts(rng, told)
        fitting = (each for each in source if len(self._tokens(each)) + each.most < ROOM)
        chosen = list(islice(fitting, VOICES))
        return self._chorus.answers(
            [self._tokens(each) for each in chosen], [each.most for each in chosen]
        )

    def _tokens(self, prompt: prompts.Prompt) -> list[int]:
        text = prompt_of(self._network.template, prompt.messages)
        return self._network.tokenize(text.encode(), special=True)

    def _text(self, answer: Answer) -> str:
        pieces = map(self._network.piece, answer.tokens.tolist())
        return b"".join(pieces).decode(errors="replace")


def read(file: Path) -> list[Answer]:
    """Return the answers of one file."""
    with np.load(file) as kept:
        ends = np.cumsum(kept["lengths"])[:-1]
        parts = (np.split(kept[name], ends) for name in ("states", "tokens", "free"))
        return [Answer(*each) for each in zip(*parts, strict=True)]


def _write(file: Path, answers: list[Answer]) -> None:
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        np.savez(
            out,
            states=np.concatenate([each.states for each in answers]),
            tokens=np.concatenate([each.tokens for each in answers]),
            free=np.concatenate([each.free for each in answers]),
            lengths=np.array([len(each.tokens) for each in answers]),
        )
    part.replace(file)
