"""A LanguageModel that looks ahead: a GGUF file in this process, without llama.cpp's server."""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from steward.errors import ModelError
from steward.models.ahead.decode import Chosen, Decoder, Wish
from steward.models.ahead.gbnf import lark_of
from steward.models.ahead.guess import Guesser, Quotes, Repeats, Smaller, alike
from steward.models.ahead.heads import Heads
from steward.models.ahead.network import Network, Past
from steward.models.ahead.rules import Rules, Vocabulary
from steward.models.ahead.template import prompt_of
from steward.models.profile import Profile
from steward.models.stream import PLAIN
from steward.thinking import Generation, Message, Token

log = logging.getLogger(__name__)


class Ahead:
    """A GGUF model in this process, one answer at a time.

    The log-probabilities are the model's own, before temperature and grammar; where they are
    not wanted, they are `NO_LOGPROB`.
    """

    def __init__(self, path: Path, profile: Profile, context: int = 2048) -> None:
        """Load the model as it was tuned; takes a second or so. `threads` 0: all cores.

        Raises:
            ModelError: the file is missing, is no GGUF file, is damaged, or llama.cpp refuses it;
                or its heads or draft model are damaged, or for another model.
        """
        self._network = Network(path)
        threads = profile.threads or psutil.cpu_count(logical=False) or 1
        heads, draft = _there(path, profile.heads), _there(path, profile.draft)
        past = Past(self._network, context=context, threads=threads, states=heads is not None)
        guessers: list[Guesser] = [Quotes(self._network)]
        if profile.repeats:
            guessers.append(Repeats(profile.repeats))
        if heads is not None:
            guessers.append(Heads(past, heads, profile.sure))
        if draft is not None:
            smaller = Past(self._drafting(draft), context=context, threads=threads)
            guessers.append(Smaller(smaller, sure=profile.sure))
        self._decoder = Decoder(past, guessers)
        self._vocabulary = Vocabulary(self._network)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._turn = asyncio.Lock()

    def _drafting(self, draft: Path) -> Network:
        found = Network(draft)
        if not alike(found, self._network):
            raise ModelError(
                f"{draft.name} cannot draft for {self._network.path.name}: its tokens are others",
                hint="name a smaller model of the same family",
            )
        return found

    def close(self) -> None:
        """End the thread; the memory goes with the object."""
        self._worker.shutdown()

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Yield the answer to `messages` token by token; closing the iterator stops the work.

        The work stops within one step, or at the end of the prompt when none has come yet.

        Raises:
            ModelError: the messages do not fit into the context, the grammar is invalid, or an
                adapter is asked for.
        """
        if options.adapters:
            raise ModelError(
                f"{self._network.path.name} looks ahead, which knows no adapters",
                hint="run: steward tune --forget MODEL",
            )
        loop = asyncio.get_running_loop()
        text = codecs.getincrementaldecoder("utf-8")(errors="replace")
        async with self._turn:
            chosen = self._chosen(messages, options)
            while each := await loop.run_in_executor(self._worker, next, chosen, None):
                if words := text.decode(self._network.piece(each.token)):
                    yield Token(words, each.logprob)

    def _chosen(self, messages: Sequence[Message], options: Generation) -> Iterator[Chosen]:
        prompt = prompt_of(self._network.template, messages)
        rules = None
        if options.grammar is not None:
            rules = Rules(self._vocabulary, lark_of(options.grammar))
        tokens = self._network.tokenize(prompt.encode(), special=True)
        wish = Wish(options.max_tokens, options.temperature, options.seed, options.scored)
        yield from self._decoder.answer(tokens, wish, rules)


def _there(model: Path, file: str) -> Path | None:
    if file and not Path(file).exists():
        # The words are the same without: only slower.
        log.warning("%s is gone, by which %s was faster: run steward tune again", file, model.name)
        return None
    return Path(file) if file else None
