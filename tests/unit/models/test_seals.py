"""A model's file that is damaged is found when it is loaded, and the damaged part is named."""

import json
import os
import shutil
import struct
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from ggufs import TABLE, TINY, Listed, gguf

from steward.config.models import LanguageModelConfig
from steward.errors import ModelError
from steward.models.gguf import read_header
from steward.models.open import open_model, recheck
from steward.models.reading import read_shape
from steward.models.room import needed
from steward.models.seals import Seals, Spoken
from steward.models.selftest import QUESTION, check, proven
from steward.models.source import opened
from steward.models.store import Store
from steward.models.stream import PLAIN
from steward.models.values import check_finite
from steward.thinking import Generation, Message, Token

SMOL = "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture
def smol(store: Store, tmp_path: Path) -> Path:
    path = tmp_path / SMOL
    shutil.copy(store.file("smollm2-135m-instruct", SMOL), path)
    return path


def flip(path: Path, tensor: str) -> None:
    """Turn one bit of the whole numbers of a block, which no format can tell from a right one."""
    with opened(str(path)) as source:
        header = read_header(source)
    place = next(header.data + t.offset for t in header.tensors if t.name == tensor) + 10
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def test_a_flipped_bit_is_found_at_load_and_named(smol: Path, tmp_path: Path) -> None:
    config, store = LanguageModelConfig(source=str(smol)), Store(tmp_path / "cache")
    open_model(config, store)
    flip(smol, "blk.3.ffn_down.weight")
    with pytest.raises(
        ModelError, match=r"damaged in 'blk.3.ffn_down.weight': its SHA-256"
    ) as found:
        open_model(config, store)
    assert "models get" in found.value.hint
    # It stays so until somebody says that this is how it should be.
    with pytest.raises(ModelError, match="damaged"):
        open_model(config, store)
    Seals(tmp_path / "cache").forget(smol)
    open_model(config, store)


def test_a_listed_file_must_have_the_listed_sum(smol: Path, store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "weights" / "smollm2-135m-instruct"
    folder.mkdir(parents=True)
    mine = Store(tmp_path / "cache")
    for file in mine.listed.sets["smollm2-135m-instruct"].files:
        shutil.copy(store.file("smollm2-135m-instruct", file.name), folder)
    flip(folder / SMOL, "blk.0.attn_q.weight")
    with pytest.raises(ModelError, match="SHA-256"):
        open_model(LanguageModelConfig(), mine)


def test_what_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    path, seals = tmp_path / "m.gguf", Seals(tmp_path)
    path.write_bytes(gguf())
    seal = seals.check(path)
    state = path.stat()
    flip(path, TABLE.name)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert seals.check(path) == seal
    # A disk that changes bits does not tell; a whole check finds it.
    with pytest.raises(ModelError, match=f"damaged in '{TABLE.name}'"):
        seals.check(path, whole=True)
    flip(path, TABLE.name)
    assert seals.check(path, whole=True).sha256 == seal.sha256
    path.touch()
    assert seals.check(path).changed == path.stat().st_mtime_ns


def test_a_damaged_seal_is_named(tmp_path: Path) -> None:
    path, seals = tmp_path / "m.gguf", Seals(tmp_path)
    path.write_bytes(gguf())
    seals.check(path)
    (kept,) = seals.folder.iterdir()
    kept.write_text("{}")
    with pytest.raises(ModelError, match="is damaged") as found:
        seals.check(path)
    assert str(kept) in found.value.hint


@pytest.mark.parametrize(
    ("listed", "data"),
    [
        (Listed("t", (4,), 0), struct.pack("<4f", 1, 2, float("nan"), 4)),
        (Listed("t", (4,), 0), struct.pack("<4f", 1, 2, 3, float("-inf"))),
        (Listed("t", (4,), 1), struct.pack("<4e", 1, 2, 3, float("inf"))),
        (Listed("t", (4,), 30), bytes.fromhex("0000 803f 807f 0000")),
        (Listed("t", (64,), 2), bytes(18) + struct.pack("<e", float("nan")) + bytes(16)),
        (Listed("t", (32,), 3), bytes(2) + struct.pack("<e", float("inf")) + bytes(16)),
        (Listed("t", (256,), 12), bytes(2) + struct.pack("<e", float("inf")) + bytes(140)),
        (Listed("t", (256,), 14), bytes(208) + struct.pack("<e", float("nan"))),
    ],
    ids=["F32 nan", "F32 inf", "F16", "BF16", "Q4_0", "Q4_1", "Q4_K", "Q6_K"],
)
def test_weights_that_are_no_numbers_are_refused(
    tmp_path: Path, listed: Listed, data: bytes
) -> None:
    path = tmp_path / "m.gguf"
    head = gguf(TINY, [listed], data=0)
    path.write_bytes(head + data)
    with pytest.raises(ModelError, match="no numbers"):
        Seals(tmp_path).check(path)
    path.write_bytes(head + bytes(len(data)))
    Seals(tmp_path).check(path)


def test_bits_that_are_whole_numbers_are_never_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf(TINY, [Listed("t", (256,), 12)], data=0) + bytes(4) + b"\xff" * 140)
    with opened(str(path)) as source:
        check_finite(path, read_header(source))


def test_a_model_that_is_too_large_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "large.gguf"
    # 64 GB are too much for most machines, and whatever is more than twice its memory for any.
    rows = max(64 << 30, 2 * psutil.virtual_memory().total) // (4096 * 4) // 2
    tensors = [
        Listed("token_embd.weight", (4096, rows)),
        Listed("output.weight", (4096, rows), 0, rows * 4096 * 4),
    ]
    head = gguf({**TINY, "llama.embedding_length": 4096}, tensors, data=0)
    path.write_bytes(head)
    # Sparse: it takes no room on the disk.
    os.truncate(path, len(head) + 2 * rows * 4096 * 4)
    config = LanguageModelConfig(source=str(path))
    with pytest.raises(ModelError, match=r"takes \d+\.\d GB of memory") as found:
        open_model(config, Store(tmp_path / "cache"))
    assert "fit" in found.value.hint


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({**TINY, "general.architecture": "clip"}, "clip.block_count"),
        (
            {key.replace("llama.", "nosuch."): value for key, value in TINY.items()}
            | {"general.architecture": "nosuch"},
            "cannot load .* Its architecture is 'nosuch'",
        ),
    ],
    ids=["no language model", "unknown"],
)
def test_another_architecture_is_refused(tmp_path: Path, entries: Any, said: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf(entries))
    with pytest.raises(ModelError, match=said):
        open_model(LanguageModelConfig(source=str(path)), Store(tmp_path / "cache"))


class Says:
    """A model that says what it is told to, and counts how often it was asked."""

    def __init__(self, said: Sequence[tuple[str, float]]) -> None:
        self.said = said
        self.asked = 0

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        assert messages[0].content == QUESTION
        self.asked += 1
        for text, logprob in self.said:
            yield Token(text, logprob)


RIGHT = (Spoken("a", -0.5), Spoken("b", -1.0))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ([("a", -0.5), ("b", -1.0)], False),
        ([("a", -0.6), ("b", -1.1)], False),
        ([("a", -0.45), ("c", -1.05)], False),
        ([("a", -0.5), ("b", -1.5)], True),
        ([("a", -0.5), ("c", -1.5)], True),
        ([("x", -3.0), ("b", -1.0)], True),
        ([("a", float("nan")), ("b", -1.0)], True),
        ([], True),
    ],
)
def test_what_is_computed_must_be_what_it_was(said: Any, wrong: bool) -> None:
    spoken = [Spoken(text, logprob) for text, logprob in said]
    if not wrong:
        check("m", RIGHT, spoken)
        return
    with pytest.raises(ModelError, match="self-test"):
        check("m", RIGHT, spoken)


def test_a_model_is_tested_once_on_each_machine(tmp_path: Path) -> None:
    path, seals = tmp_path / "m.gguf", Seals(tmp_path)
    path.write_bytes(gguf())
    model = Says([("a", -0.5), ("b", -1.0)])
    proven(model, path, seals, seals.check(path))
    assert seals.check(path).said == RIGHT
    proven(model, path, seals, seals.check(path))
    assert model.asked == 1
    # Another runtime or processor, on which a kernel is wrong.
    (kept,) = seals.folder.iterdir()
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"tested": "elsewhere"}))
    with pytest.raises(ModelError, match="self-test"):
        proven(Says([("a", -0.5), ("b", -4.0)]), path, seals, seals.check(path))
    proven(model, path, seals, seals.check(path))
    assert model.asked == 2


def test_a_check_reads_and_tests_anew(store: Store, smol: Path, tmp_path: Path) -> None:
    mine = Store(tmp_path / "cache")
    config = LanguageModelConfig(source=str(smol))
    seal = recheck(config, mine)
    assert "".join(token.text for token in seal.said).strip()
    assert recheck(config, mine) == seal
    assert seal.sha256 == store.listed.sets["smollm2-135m-instruct"].files[0].sha256


def test_a_smaller_cache_needs_less_room(smol: Path) -> None:
    shape = read_shape(str(smol))
    saved = needed(shape, 100_000) - needed(shape, 100_000, "q4_0")
    assert saved == pytest.approx(shape.cached_values(100_000) * (16 - 4.5) / 8, abs=1)
