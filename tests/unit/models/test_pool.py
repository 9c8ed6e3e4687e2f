"""Several models under one budget: who is unloaded, who waits, and that memory comes back."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from steward.config.models import LanguageModelConfig, ModelsConfig
from steward.errors import ModelError
from steward.models.open import Models, memory_needed, settings_of
from steward.models.pool import Pooled
from steward.models.store import Store
from steward.thinking import Generation, Message

ONE = Generation(max_tokens=1)
LONG = Generation(max_tokens=60)
HELLO = [Message("user", "hello")]
CONFIG = LanguageModelConfig(context=512, threads=1)


@pytest.fixture
def models(store: Store) -> Iterator[Models]:
    """Models with room for two of them."""
    models = Models(ModelsConfig(memory="480MB"), store)  # type: ignore[arg-type]
    yield models
    models.close()


def three(models: Models) -> list[Pooled]:
    found = []
    for name in "abc":
        model = models.open(CONFIG)
        assert isinstance(model, Pooled)
        model.name = name
        found.append(model)
    return found


async def ask(model: Pooled, options: Generation = ONE) -> int:
    return len([token async for token in model.generate(HELLO, options)])


def loaded(found: list[Pooled]) -> list[str]:
    return [each.name for each in found if each.model]


async def test_the_longest_unused_gives_its_memory_to_the_next(models: Models) -> None:
    here = psutil.Process()

    def held() -> int:
        return sum(p.memory_full_info().pss for p in (here, *here.children(recursive=True)))

    found = three(models)
    a, b, c = found
    await ask(a)
    await ask(b)
    await ask(a)
    assert loaded(found) == ["a", "b"]
    before = held()
    await ask(c)
    assert loaded(found) == ["a", "c"]
    # c has what b had: of the whole tree of processes nothing more is held.
    assert held() < before * 1.1
    children = len(here.children())
    models.close()
    assert len(here.children()) == children - 2


async def test_one_in_use_is_never_unloaded_and_the_next_waits(models: Models) -> None:
    found = three(models)
    a, b, c = found
    done = list[str]()

    async def queue(model: Pooled) -> None:
        await ask(model)
        done.append(model.name)

    async with (
        aclosing(a.generate(HELLO, LONG)) as first,
        aclosing(b.generate(HELLO, LONG)) as second,
    ):
        assert await anext(first)
        assert await anext(second)
        # Who comes after one that waits, waits behind him, though his model is loaded.
        waiting = [asyncio.create_task(queue(each)) for each in (c, a)]
        assert len([token async for token in first]) > 3
        assert loaded(found) == ["a", "b"]
        assert done == []
        await first.aclose()
        await asyncio.gather(*waiting)
        assert done == ["c", "a"]
        # b is in the middle of its answer, and goes on.
        assert await anext(second)
    assert loaded(found) == ["a", "b"]


async def test_who_gives_up_waiting_holds_nobody_up(models: Models) -> None:
    a, b, c = three(models)
    async with (
        aclosing(a.generate(HELLO, LONG)) as first,
        aclosing(b.generate(HELLO, LONG)) as second,
    ):
        assert await anext(first)
        assert await anext(second)
        waiting = asyncio.create_task(ask(c))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await ask(a) == 1


async def test_one_larger_than_the_budget_is_refused(store: Store) -> None:
    model = Models(ModelsConfig(memory="50MB"), store).open(CONFIG)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="may take 50 MB") as caught:
        await anext(model.generate(HELLO, ONE))
    assert "[models]" in caught.value.hint


async def test_a_model_that_cannot_be_loaded_leaves_the_others_alone(
    models: Models, tmp_path: Path, store: Store
) -> None:
    a, b, _ = three(models)
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(store.file(CONFIG.source, "SmolLM2-135M-Instruct.Q4_1.gguf").read_bytes())
    broken = models.open(CONFIG.model_copy(update={"source": str(damaged)}))
    damaged.write_bytes(damaged.read_bytes()[:30_000_000])
    with pytest.raises(ModelError, match="cut off"):
        await anext(broken.generate(HELLO, ONE))
    assert await ask(a) == 1
    assert await ask(b) == 1


@pytest.mark.parametrize(("context", "kv"), [(512, "f16"), (8192, "f16"), (8192, "q8_0")])
async def test_what_a_model_needs_is_known_before(
    store: Store, tmp_path: Path, context: int, kv: str
) -> None:
    config = CONFIG.model_copy(update={"context": context, "kv_cache": kv})
    models = Models(ModelsConfig(memory="2GB"), store)  # type: ignore[arg-type]
    model = models.open(config)
    assert isinstance(model, Pooled)
    await ask(model)
    assert model.model is not None
    path = store.file(config.source, "SmolLM2-135M-Instruct.Q4_1.gguf")
    ratio = memory_needed(path, settings_of(config, None)) / model.model.memory()
    models.close()
    assert 0.9 < ratio < 1.4
