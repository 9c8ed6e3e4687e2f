"""A model in a process of its own: prompts kept on disk, crashes, hangs, memory given back."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from steward.errors import ModelError
from steward.models.engine import EngineSettings
from steward.models.llama import Llama
from steward.models.prefixes import Prefixes
from steward.models.server import LostError, SilentError
from steward.models.store import Store
from steward.thinking import Generation, Message, Token

SETTINGS = EngineSettings(context=1024)
HOME = Message("system", "You control a home. " + "The lamp in the hall is off. " * 20)
ASKED = [HOME, Message("user", "Is the lamp on?")]
KEEPING = Generation(max_tokens=3, stable=1)


@pytest.fixture
def gguf(store: Store) -> Path:
    return store.file("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "prompts"


@pytest.fixture
def model(gguf: Path, folder: Path) -> Iterator[Llama]:
    model = Llama(gguf, SETTINGS, prefixes=Prefixes(folder, 100_000_000))
    yield model
    model.close()


async def answer(model: Llama, options: Generation = KEEPING) -> list[Token]:
    return [token async for token in model.generate(ASKED, options)]


def kept(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_a_prompt_is_computed_once_restart_included(
    gguf: Path, folder: Path, model: Llama
) -> None:
    first = await answer(model)
    (file,) = kept(folder)
    made = file.stat().st_ino
    model.close()
    assert [t.text for t in await answer(model)] == [t.text for t in first]
    another = Llama(gguf, SETTINGS, prefixes=Prefixes(folder, 100_000_000))
    assert [t.text for t in await answer(another)] == [t.text for t in first]
    another.close()
    # Nothing was computed again: that would be another file.
    assert [each.stat().st_ino for each in kept(folder)] == [made]


async def test_a_damaged_prompt_is_computed_anew(model: Llama, folder: Path) -> None:
    first = await answer(model)
    (file,) = kept(folder)
    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:1000] + b"\xff" + whole[1001:]):
        model.close()
        file.write_bytes(damaged)
        assert [t.text for t in await answer(model)] == [t.text for t in first]
        (again,) = kept(folder)
        assert again.stat().st_size == len(whole)


async def test_a_prompt_beside_which_the_next_has_no_room_is_computed(
    gguf: Path, folder: Path
) -> None:
    async def asked(model: Llama, name: str) -> str:
        head = Message("system", f"You are {name}. " + "The lamp in the hall is off. " * 70)
        asked = [head, ASKED[1]]
        return "".join([token.text async for token in model.generate(asked, KEEPING)])

    said = []
    for _ in ("computed", "kept"):
        model = Llama(gguf, SETTINGS, prefixes=Prefixes(folder, 100_000_000))
        said.append([await asked(model, name) for name in ("Anna", "Bert")])
        model.close()
    assert said[0] == said[1]


def test_what_lies_in_the_folder_is_not_taken_for_ours(
    gguf: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    Llama(gguf, SETTINGS, prefixes=Prefixes(folder, 0)).close()


async def test_where_no_prompt_can_be_kept_the_answer_comes_all_the_same(
    model: Llama, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.rmdir()  # noqa: ASYNC240 - empty, and nothing else runs
    assert await answer(model)
    assert "cannot keep a computed prompt" in caplog.text


@pytest.mark.parametrize(
    "changed", [{"cache_k": "q8_0", "cache_v": "q8_0"}, {"flash_attention": "off"}]
)
async def test_other_settings_do_not_take_the_same_prompt(
    gguf: Path, model: Llama, folder: Path, changed: dict[str, str]
) -> None:
    await answer(model)
    before = kept(folder)
    settings = replace(SETTINGS, **changed)  # type: ignore[arg-type]
    other = Llama(gguf, settings, prefixes=Prefixes(folder, 100_000_000))
    assert await answer(other)
    other.close()
    assert len(kept(folder)) == len(before) + 1


async def test_a_prompt_that_was_not_marked_is_not_written(model: Llama, folder: Path) -> None:
    assert await answer(model, Generation(max_tokens=1))
    assert kept(folder) == []


async def test_a_quantised_cache_is_smaller(gguf: Path, model: Llama, folder: Path) -> None:
    await answer(model)
    (plain,) = kept(folder)
    settings = replace(SETTINGS, cache_k="q8_0", cache_v="q8_0")
    other = Llama(gguf, settings, prefixes=Prefixes(folder / "other", 100_000_000))
    assert await answer(other)
    other.close()
    (small,) = kept(folder / "other")
    assert 0.45 < small.stat().st_size / plain.stat().st_size < 0.6


async def test_a_quantised_cache_without_flash_attention_is_refused(
    gguf: Path, folder: Path
) -> None:
    settings = replace(SETTINGS, cache_v="q8_0", flash_attention="off")
    with pytest.raises(ModelError, match="cannot load") as caught:
        Llama(gguf, settings, prefixes=Prefixes(folder, 0))
    assert "[model]" in caught.value.hint


async def test_a_killed_process_is_started_anew_and_asked_again(model: Llama) -> None:
    first = await answer(model)
    os.kill(model.pid, signal.SIGKILL)
    assert [t.text for t in await answer(model)] == [t.text for t in first]


async def test_a_process_killed_within_an_answer_fails_that_answer_only(model: Llama) -> None:
    long = Generation(max_tokens=300)
    with pytest.raises(LostError, match="ended") as caught:
        async with aclosing(model.generate([Message("user", "Count to 99.")], long)) as tokens:
            async for _ in tokens:
                os.kill(model.pid, signal.SIGKILL)
    assert "anew" in caught.value.hint
    assert await answer(model)


async def test_a_process_that_hangs_is_ended(gguf: Path, folder: Path) -> None:
    model = Llama(gguf, SETTINGS, prefixes=Prefixes(folder, 0), patience=0.5)
    pid = model.pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(SilentError, match="no progress"):
        await answer(model, Generation(max_tokens=1))
    assert not psutil.pid_exists(pid)
    model.close()


async def test_what_a_model_held_is_given_back(gguf: Path, folder: Path) -> None:
    here = psutil.Process()

    def held() -> int:
        return sum(p.memory_full_info().pss for p in (here, *here.children(recursive=True)))

    model = Llama(gguf, SETTINGS, prefixes=Prefixes(folder, 0))
    await answer(model, Generation(max_tokens=1))
    model.close()
    before = held()
    loaded = Llama(gguf, SETTINGS, prefixes=Prefixes(folder, 0))
    await answer(loaded, Generation(max_tokens=1))
    cost = held() - before
    assert cost > 60_000_000
    assert loaded.memory() > 100_000_000
    loaded.close()
    assert held() - before < 0.05 * cost


def test_its_process_ends_when_it_is_forgotten(gguf: Path, folder: Path) -> None:
    model = Llama(gguf, SETTINGS, prefixes=Prefixes(folder, 0))
    pid = model.pid
    del model
    end = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not psutil.pid_exists(pid)


async def test_an_adapter_that_is_not_there_is_told(model: Llama) -> None:
    with pytest.raises(ModelError, match="no adapter 'formal'"):
        await answer(model, Generation(adapters=(("formal", 1.0),)))
