"""What a model says, and the states from which it says it: what heads learn from."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steward.errors import ModelError
from steward.models.ahead import library as c
from steward.models.ahead.decode import Decoder, Wish
from steward.models.ahead.gbnf import lark_of
from steward.models.ahead.guess import shared
from steward.models.ahead.network import Network, Past
from steward.models.ahead.rules import Rules, Vocabulary

States = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Answer:
    """`states[i]` is the model's last hidden state before it chose `tokens[i]`.

    `free[i]` tells whether it had a choice, and no grammar forced it.
    """

    states: States
    tokens: npt.NDArray[np.int32]
    free: npt.NDArray[np.bool_]


class Chorus:
    """Several texts that grow side by side: a batch of them costs half of one after the other."""

    def __init__(self, network: Network, *, voices: int, room: int, threads: int) -> None:
        """Make room for `voices` texts of `room` tokens each.

        Raises:
            ModelError: there is no memory for it.
        """
        self._network, self._voices, self._room = network, voices, room
        library = network.library
        parameters = library.llama_context_default_params()
        words = parameters.words
        words[c.N_CTX], words[c.N_SEQ] = voices * room, voices
        words[c.N_BATCH] = words[c.N_UBATCH] = max(voices, room)
        words[c.THREADS] = words[c.THREADS_BATCH] = threads
        words[c.FLASH_ATTENTION] = 1
        self._handle = library.llama_init_from_model(network.handle, parameters)
        if not self._handle:
            raise ModelError("no memory to collect in", hint="let nothing else run meanwhile")
        self._batch = library.llama_batch_init(max(voices, room), 0, 1)
        self._memory = library.llama_get_memory(self._handle)
        weakref.finalize(self, _free, network, self._handle, self._batch)

    def answers(self, prompts: Sequence[Sequence[int]], most: Sequence[int]) -> list[Answer]:
        """Answer `prompts`, at most as many as there are voices, greedily, at once.

        Raises:
            ModelError: a prompt and its answer do not fit.
        """
        self._network.library.llama_memory_seq_rm(self._memory, -1, -1, -1)
        self._network.library.llama_set_embeddings(self._handle, False)
        alike = min(shared(prompts[0], prompt[:-1]) for prompt in prompts)
        self._compute(prompts[0][:alike], [0] * alike, range(alike), ())
        for voice in range(1, len(prompts)):
            self._network.library.llama_memory_seq_cp(self._memory, 0, voice, -1, -1)
        for voice, prompt in enumerate(prompts):
            rest = range(alike, len(prompt) - 1)
            self._compute(prompt[alike:-1], [voice] * len(rest), rest, ())
        self._network.library.llama_set_embeddings(self._handle, True)
        said: list[list[int]] = [[] for _ in prompts]
        states: list[list[npt.NDArray[np.float32]]] = [[] for _ in prompts]
        last = [prompt[-1] for prompt in prompts]
        going = list(range(len(prompts)))
        while going:
            places = [len(prompts[voice]) - 1 + len(said[voice]) for voice in going]
            self._compute([last[v] for v in going], going, places, range(len(going)))
            for at, voice in enumerate(going):
                scores, state = self._read(at)
                last[voice] = int(scores.argmax())
                said[voice].append(last[voice])
                states[voice].append(state)
            going = [
                voice
                for voice in going
                if len(said[voice]) < most[voice] and not self._network.is_end(last[voice])
            ]
        return [
            Answer(
                np.array(states[voice], np.float16),
                np.array(said[voice], np.int32),
                np.ones(len(said[voice]), np.bool_),
            )
            for voice in range(len(prompts))
        ]

    def _compute(
        self,
        tokens: Sequence[int],
        voices: Sequence[int],
        places: Sequence[int],
        wanted: Sequence[int],
    ) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for at, (token, voice, place) in enumerate(zip(tokens, voices, places, strict=True)):
            batch.token[at], batch.pos[at] = token, place
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, voice
            batch.logits[at] = at in wanted
        full = max(places, default=0) >= self._room
        if tokens and (full or self._network.library.llama_decode(self._handle, batch)):
            raise ModelError(
                f"a text is longer than {self._room} tokens", hint="make room for longer ones"
            )

    def _read(self, at: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        network = self._network
        logits = network.library.llama_get_logits_ith(self._handle, at)
        state = network.library.llama_get_embeddings_ith(self._handle, at)
        return (
            np.ctypeslib.as_array(logits, (network.size,)),
            np.ctypeslib.as_array(state, (network.width,)).copy(),
        )


def held(past: Past, vocabulary: Vocabulary, prompt: Sequence[int], grammar: str) -> Answer:
    """Answer `prompt` as `grammar` allows; `past` must keep its states.

    Raises:
        ModelError: prompt and answer do not fit, or the grammar is invalid.
    """
    rules = Rules(vocabulary, lark_of(grammar))
    chosen = Decoder(past).answer(prompt, Wish(96), rules)
    tokens = [each.token for each in chosen]
    past.keep(len(prompt) - 1)
    past.compute([prompt[-1], *tokens[:-1]], [True] * len(tokens))
    states = np.array([past.state(at) for at in range(len(tokens))], np.float16)
    return Answer(states, np.array(tokens, np.int32), _free_places(vocabulary, tokens, grammar))


def _free_places(
    vocabulary: Vocabulary, tokens: Sequence[int], grammar: str
) -> npt.NDArray[np.bool_]:
    rules = Rules(vocabulary, lark_of(grammar))
    free = np.zeros(len(tokens), np.bool_)
    at = 0
    while at < len(tokens):
        forced = rules.forced()
        if not forced:
            free[at] = int(rules.allowed().sum()) > 1
        step = list(tokens[at : at + max(1, len(forced))])
        rules.take(step)
        at += len(step)
    return free


def _free(network: Network, handle: int, batch: c.Batch) -> None:
    network.library.llama_batch_free(batch)
    network.library.llama_free(handle)
