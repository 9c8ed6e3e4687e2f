"""LoRA adapters: switched on by one request, off in the next, and never mixed up on disk."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest

from steward.errors import ModelError
from steward.models.engine import EngineSettings
from steward.models.gguf import read_header
from steward.models.llama import Llama
from steward.models.prefixes import Prefixes
from steward.models.source import LocalFile
from steward.models.store import Store
from steward.thinking import Generation, Message

RANK = 4
ADAPTED = ("blk.0.attn_q.weight", "blk.29.ffn_down.weight")
SETTINGS = EngineSettings(context=512, threads=1)
HEAD = Message("system", "You are the butler of a house with a garden.")
ASKED = (HEAD, Message("user", "Who are you?"))
OFF = Generation(max_tokens=6, stable=1)


@pytest.fixture(scope="module")
def base(store: Store) -> Path:
    return store.file("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")


def adapter(path: Path, base: Path, architecture: str = "llama") -> str:
    """Write an adapter of random numbers, large enough to change what is said."""
    with closing(LocalFile(base)) as source:
        shapes = {info.name: info.shape for info in read_header(source).tensors}
    rng = np.random.default_rng(7)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", RANK)
    for name in ADAPTED:
        inside, outside = shapes[name]
        for part, shape in (("lora_a", (RANK, inside)), ("lora_b", (outside, RANK))):
            values = rng.normal(0, 0.3, shape).astype(np.float32)
            writer.add_tensor(f"{name}.{part}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return str(path)


@pytest.fixture
def model(base: Path, tmp_path: Path) -> Iterator[Llama]:
    file = adapter(tmp_path / "odd.gguf", base)
    settings = replace(SETTINGS, adapters=(("odd", file),))
    model = Llama(base, settings, prefixes=Prefixes(tmp_path / "prompts", 100_000_000))
    yield model
    model.close()


async def answer(model: Llama, options: Generation = OFF) -> list[tuple[str, float]]:
    return [(token.text, token.logprob) async for token in model.generate(ASKED, options)]


def near(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> bool:
    """Tell whether both begin with the same token, as likely as float noise lets it be."""
    return one[0][0] == other[0][0] and abs(one[0][1] - other[0][1]) < 0.25


async def test_an_adapter_is_on_for_its_own_request_only(model: Llama, tmp_path: Path) -> None:
    plain = await answer(model)
    on = await answer(model, replace(OFF, adapters=(("odd", 1.0),)))
    assert not near(on, plain)
    assert near(await answer(model), plain)
    assert near(await answer(model, replace(OFF, adapters=(("odd", 1.0),))), on)
    # What the adapter made of the prompt is another file than what the model makes of it.
    assert len(list((tmp_path / "prompts").iterdir())) == 2


async def test_its_strength_is_the_requests(model: Llama) -> None:
    plain = await answer(model)
    assert near(await answer(model, replace(OFF, adapters=(("odd", 0.0),))), plain)


@pytest.mark.parametrize("content", [None, b"GGUF", b"no adapter"])
def test_what_is_no_adapter_is_refused(base: Path, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "bad.gguf"
    if content is not None:
        file.write_bytes(content)
    settings = replace(SETTINGS, adapters=(("bad", str(file)),))
    with pytest.raises(ModelError, match="cannot load"):
        Llama(base, settings, prefixes=Prefixes(tmp_path / "prompts", 0))


def test_an_adapter_of_another_architecture_is_refused(base: Path, tmp_path: Path) -> None:
    file = adapter(tmp_path / "other.gguf", base, "gemma3")
    settings = replace(SETTINGS, adapters=(("other", file),))
    with pytest.raises(ModelError, match="cannot load"):
        Llama(base, settings, prefixes=Prefixes(tmp_path / "prompts", 0))
