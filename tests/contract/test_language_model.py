"""What every LanguageModel keeps: one suite on llama.cpp, a real HTTP peer, and the script."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import aclosing

import pytest

from steward.config.models import LanguageModelConfig
from steward.models.ahead.model import Ahead
from steward.models.llama import Llama
from steward.models.open import open_model
from steward.models.profile import Profile
from steward.models.scripted import Scripted
from steward.models.store import Store
from steward.thinking import Generation, LanguageModel, Message, Token

SMOL = "smollm2-135m-instruct"
KEY = "a-key-for-the-test"
HELLO = [Message("user", "hello")]
COUNT = [Message("user", "Count from one to one hundred.")]

PEER = """
import sys, xllamacpp
chosen = xllamacpp.CommonParams()
chosen.model.path, chosen.n_ctx, chosen.n_parallel = sys.argv[1], 2048, 2
chosen.kv_unified, chosen.fit_params, chosen.verbosity = True, False, -1
chosen.n_batch = chosen.n_ubatch = 256
chosen.api_keys = [sys.argv[2]]
chosen.cpuparams.poll = chosen.cpuparams_batch.poll = 0
server = xllamacpp.Server(chosen)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def script(messages: Sequence[Message], options: Generation) -> list[Token]:
    if options.grammar is not None:
        words = json.loads(options.grammar.removeprefix("root ::= "))
        return [Token(words, -2.0)]
    last = messages[-1].content
    return [Token(f"{last}{index} ", -0.5) for index in range(300)]


@pytest.fixture(scope="module")
def llama(store: Store) -> Iterator[LanguageModel]:
    model = open_model(LanguageModelConfig(), store)
    assert isinstance(model, Llama)
    yield model
    model.close()


@pytest.fixture(scope="module")
def peer(store: Store) -> Iterator[str]:
    """The address of a llama.cpp server in another process."""
    path = str(store.file(SMOL, "SmolLM2-135M-Instruct.Q4_1.gguf"))
    process = subprocess.Popen(
        [sys.executable, "-c", PEER, path, KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
    )
    assert process.stdout is not None
    yield f"{process.stdout.readline().strip()}/v1"
    process.communicate()


@pytest.fixture(scope="module")
def ahead(store: Store) -> LanguageModel:
    return Ahead(store.file(SMOL, "SmolLM2-135M-Instruct.Q4_1.gguf"), Profile(0))


@pytest.fixture(params=["llama", "ahead", "openai", "scripted"])
def model(request: pytest.FixtureRequest) -> LanguageModel:
    if request.param in ("llama", "ahead"):
        found: LanguageModel = request.getfixturevalue(request.param)
        return found
    if request.param == "openai":
        config = LanguageModelConfig(source=request.getfixturevalue("peer"), key=KEY, name="any")
        return open_model(config, request.getfixturevalue("store"))
    return Scripted(script)


async def all_of(
    model: LanguageModel, messages: Sequence[Message], options: Generation
) -> list[Token]:
    return [token async for token in model.generate(messages, options)]


def text_of(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)


def test_it_is_a_language_model(model: LanguageModel) -> None:
    assert isinstance(model, LanguageModel)


async def test_tokens_have_probabilities(model: LanguageModel) -> None:
    tokens = await all_of(model, HELLO, Generation(max_tokens=8))
    assert 1 <= len(tokens) <= 8
    assert text_of(tokens).strip()
    assert all(-100 < token.logprob <= 0 for token in tokens)


async def test_greedy_answers_repeat(model: LanguageModel) -> None:
    options = Generation(max_tokens=12)
    first = await all_of(model, HELLO, options)
    assert text_of(await all_of(model, HELLO, options)) == text_of(first)


async def test_the_limit_of_tokens_holds(model: LanguageModel) -> None:
    tokens = await all_of(model, COUNT, Generation(max_tokens=5))
    assert 1 <= len(tokens) <= 5


@pytest.mark.parametrize("words", ["perhaps", "你好", 'a "b" \\ c'])
async def test_the_grammar_limits_the_output(model: LanguageModel, words: str) -> None:
    grammar = f"root ::= {json.dumps(words, ensure_ascii=False)}"
    tokens = await all_of(model, HELLO, Generation(max_tokens=40, grammar=grammar))
    assert text_of(tokens) == words


async def test_a_forced_answer_is_less_likely_than_the_own(model: LanguageModel) -> None:
    own = await all_of(model, HELLO, Generation(max_tokens=1))
    forced = await all_of(model, HELLO, Generation(max_tokens=9, grammar='root ::= "Zebra"'))
    assert sum(token.logprob for token in forced) < own[0].logprob - 1


async def test_closing_stops_promptly(model: LanguageModel) -> None:
    await all_of(model, HELLO, Generation(max_tokens=1))
    got = 0
    async with aclosing(model.generate(COUNT, Generation(max_tokens=1500))) as stream:
        async for _ in stream:
            got += 1
            if got == 3:
                break
    # What was closed must not hold up what comes next: 1500 tokens take a minute.
    async with asyncio.timeout(20):
        assert await all_of(model, HELLO, Generation(max_tokens=2))


async def test_cancelling_the_task_stops_it(model: LanguageModel) -> None:
    started = asyncio.Event()

    async def read() -> None:
        async for _ in model.generate(COUNT, Generation(max_tokens=1500)):
            started.set()

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(20):
            await task
    async with asyncio.timeout(20):
        assert await all_of(model, HELLO, Generation(max_tokens=2))


def repeated(word: str) -> list[Message]:
    return [Message("user", "Which?"), Message("assistant", word)] * 3 + [Message("user", "Which?")]


async def test_two_at_once_do_not_mix(model: LanguageModel) -> None:
    # Answers without a doubt: where two tokens are nearly as likely, which one wins depends on how
    # prompts are cut into batches, and so on who else asks.
    options = Generation(max_tokens=2)
    asked = (repeated("The blue one."), repeated("My green apples."))
    alone = [text_of(await all_of(model, each, options)) for each in asked]
    both = await asyncio.gather(*(all_of(model, each, options) for each in asked * 2))
    assert isinstance(model, Scripted) or alone == ["The blue", "My green"]
    assert [text_of(tokens) for tokens in both] == alone * 2
