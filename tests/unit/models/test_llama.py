"""What llama.cpp must survive: files that are no models, and requests it cannot serve."""

import shutil
from pathlib import Path

import pytest

from steward.config.models import LanguageModelConfig, ModelsConfig
from steward.errors import ModelError
from steward.models.engine import EngineSettings
from steward.models.llama import Llama, check_gguf
from steward.models.open import Models
from steward.models.openai import OpenAI
from steward.models.pool import Pooled
from steward.models.prefixes import Prefixes
from steward.models.store import Store
from steward.thinking import Generation, Message

SMOL = "smollm2-135m-instruct"
SMALL = EngineSettings(context=256, threads=1)


@pytest.fixture
def gguf(store: Store) -> Path:
    return store.file(SMOL, "SmolLM2-135M-Instruct.Q4_1.gguf")


@pytest.fixture
def prefixes(tmp_path: Path) -> Prefixes:
    return Prefixes(tmp_path / "prompts", 100_000_000)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"", "not a GGUF"),
        (b"GGU", "not a GGUF"),
        (b"PK\x03\x04" + bytes(60), "not a GGUF"),
        (b"GGUF" + (9).to_bytes(4, "little") + bytes(60), "version 9"),
        (b"GGUF" + (3).to_bytes(4, "little") + b"\xff" * 60, "make no sense"),
    ],
)
def test_what_is_no_model_is_refused_by_its_head(tmp_path: Path, head: bytes, said: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(head)
    with pytest.raises(ModelError, match=said):
        Llama(path, prefixes=Prefixes(tmp_path, 0))


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.gguf", tmp_path):
        with pytest.raises(ModelError, match="cannot read"):
            check_gguf(path)


@pytest.mark.parametrize("length", [64, 100_000, 50_000_000])
def test_a_cut_off_model_does_not_kill_the_process(gguf: Path, tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.gguf"
    shutil.copy(gguf, path)
    with path.open("r+b") as file:
        file.truncate(length)
    with pytest.raises(ModelError, match="cut off") as caught:
        Llama(path, prefixes=Prefixes(tmp_path, 0))
    assert "setup" in caught.value.hint


def test_an_overwritten_model_does_not_kill_the_process(gguf: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(gguf.read_bytes()[:64] + b"\xa5" * 100_000)
    with pytest.raises(ModelError, match="is damaged"):
        Llama(path, prefixes=Prefixes(tmp_path, 0))


async def test_requests_that_cannot_be_served_are_told(gguf: Path, prefixes: Prefixes) -> None:
    model = Llama(gguf, SMALL, prefixes=prefixes)
    with pytest.raises(ModelError, match="context") as caught:
        async for _ in model.generate([Message("user", "word " * 2000)]):
            pass
    assert "context" in caught.value.hint
    with pytest.raises(ModelError, match="grammar"):
        async for _ in model.generate([Message("user", "hi")], Generation(grammar="root ::= (")):
            pass
    assert [t async for t in model.generate([Message("user", "hi")], Generation(max_tokens=1))]


def test_the_source_decides_which_model_opens(store: Store, gguf: Path, tmp_path: Path) -> None:
    models = Models(ModelsConfig(memory="1GB"), store)  # type: ignore[arg-type]
    assert isinstance(models.open(LanguageModelConfig(source="http://h/v1")), OpenAI)
    by_path = LanguageModelConfig(source=str(gguf), context=256, threads=1)
    assert isinstance(models.open(by_path), Pooled)
    with pytest.raises(ModelError, match="neither"):
        models.open(LanguageModelConfig(source="no-such-model"))
    with pytest.raises(ModelError, match="no language model"):
        models.open(LanguageModelConfig(source="silero-vad"))
    with pytest.raises(ModelError, match="missing") as caught:
        Models(ModelsConfig(), Store(tmp_path)).open(LanguageModelConfig())
    assert "setup" in caught.value.hint
