"""The reader of GGUF headers, beside the official one and against files made to do harm."""

import struct
from pathlib import Path
from typing import Any

import gguf as official
import ggufs
import pytest
from ggufs import TABLE, TINY, Bytes, Listed, entry, gguf, text

from steward.errors import ModelError
from steward.models.formats import GGML
from steward.models.gguf import Header, LongArray, read_header
from steward.models.shape import shape_of
from steward.models.source import opened
from steward.models.store import Store


def smollm(store: Store) -> Path:
    return store.file("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")


def same_value(ours: object, theirs: Any) -> bool:
    if isinstance(ours, LongArray):
        return ours.count == len(theirs)
    return bool(ours == (tuple(theirs) if isinstance(theirs, list) else theirs))


def assert_same(header: Header, theirs: Any) -> None:
    fields = {key: f for key, f in theirs.fields.items() if not key.startswith("GGUF.")}
    assert set(header.metadata) == set(fields)
    for key, field in fields.items():
        assert same_value(header.metadata[key], field.contents()), key
    assert header.data == theirs.data_offset
    assert [
        (t.name, t.shape, t.type.name, t.bytes, header.data + t.offset) for t in header.tensors
    ] == [
        (t.name, tuple(int(n) for n in t.shape), t.tensor_type.name, t.n_bytes, t.data_offset)
        for t in theirs.tensors
    ]


def test_it_reads_what_the_official_reader_reads(store: Store) -> None:
    with opened(str(smollm(store))) as source:
        header = read_header(source)
    assert_same(header, official.GGUFReader(smollm(store)))


def test_the_types_are_those_of_the_official_library() -> None:
    theirs = {
        int(kind): (kind.name, block, 4 + block if kind.name == "Q8_1" else size)
        for kind, (block, size) in official.GGML_QUANT_SIZES.items()
    }
    # The library says 40 bytes of Q8_1, as in its first form; ggml.c: two halves and 32 bytes.
    assert {n: (t.name, t.block, t.block_bytes) for n, t in GGML.items()} == theirs


def test_the_shape_of_a_real_model(store: Store) -> None:
    with opened(str(smollm(store))) as source:
        shape = shape_of("smol", [read_header(source)])
    assert (shape.parameters, shape.layers, shape.width) == (134_515_008, 30, 576)
    assert (shape.heads, shape.kv_heads, shape.head_width) == (9, 3, 64)
    assert (shape.feed_forward, shape.vocabulary, shape.context) == (1536, 49_152, 8192)
    assert shape.tied
    assert shape.bytes_a_token == shape.bytes == 96_576_768
    assert shape.cached_values(2048) == 30 * 2 * 3 * 64 * 2048


HEAD = b"GGUF" + struct.pack("<I", 3)
HUGE = (1 << 63) - 1
HOSTILE = {
    "nothing": (b"", "not a GGUF"),
    "a page": (b"<!DOCTYPE html><html></html>", "not a GGUF"),
    "version 1": (gguf(version=1), "version 1;"),
    "version 99": (gguf(version=99), "version 99"),
    "big-endian": (b"GGUF\x00\x00\x00\x03" + bytes(64), "big-endian"),
    "only a magic": (b"GGUF", "cut off"),
    "absurd tensors": (HEAD + struct.pack("<QQ", HUGE, 1) + bytes(64), "make no sense"),
    "absurd entries": (HEAD + struct.pack("<QQ", 1, HUGE) + bytes(64), "make no sense"),
    "no tensors": (gguf(tensors=()), "make no sense"),
    "a long key": (HEAD + struct.pack("<QQQ", 1, 1, HUGE) + bytes(64), "a text has"),
    "a long text": (
        HEAD + struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<IQ", 8, HUGE) + bytes(64),
        "a text has",
    ),
    "a long array": (
        HEAD + struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<IIQ", 9, 12, HUGE) + bytes(64),
        "cut off",
    ),
    "many texts": (
        HEAD + struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<IIQ", 9, 8, HUGE) + bytes(64),
        "cut off",
    ),
    "nested arrays": (
        HEAD + struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<IIQ", 9, 9, 1) + bytes(64),
        "items of the kind 9",
    ),
    "an unknown kind": (
        HEAD + struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<I", 77) + bytes(64),
        "unknown kind 77",
    ),
    "bytes for text": (HEAD + struct.pack("<QQ", 1, 1) + text(b"\xff") + bytes(64), "not UTF-8"),
    "a key twice": (
        HEAD + struct.pack("<QQ", 1, 2) + entry("a", 1) + entry("a", 2) + bytes(64),
        "twice",
    ),
    "an unknown type": (gguf(tensors=[Listed("t", (32,), 250)]), "unknown type 250"),
    "a removed type": (gguf(tensors=[Listed("t", (32,), 4)]), "unknown type 4"),
    "five dimensions": (gguf(tensors=[Listed("t", (1, 1, 1, 1, 1))]), "5 dimensions"),
    "no dimensions": (gguf(tensors=[Listed("t", ())]), "0 dimensions"),
    "an empty row": (gguf(tensors=[Listed("t", (0, 8))]), "cannot be"),
    "sizes that overflow": (gguf(tensors=[Listed("t", (1 << 39,) * 4)]), "cut off"),
    "half a block": (gguf(tensors=[Listed("t", (33,), ggufs.Q4_0)]), "cannot be"),
    "a long name": (gguf(tensors=[Listed("t" * 65, (32,))]), "a text has 65 bytes"),
    "a name twice": (gguf(tensors=[TABLE, TABLE]), "same name"),
    "overlapping": (
        gguf(tensors=[Listed("a", (32,)), Listed("b", (32,), offset=64)]),
        "overlap",
    ),
    "not aligned": (gguf(tensors=[Listed("a", (8,), offset=8)]), "not aligned"),
    "outside": (gguf(tensors=[Listed("a", (8,), offset=1 << 40)]), "cut off"),
    "a wild alignment": (gguf({**TINY, "general.alignment": 48}), "alignment"),
    "a texts' alignment": (gguf({**TINY, "general.alignment": "x"}), "alignment"),
    "cut in the data": (gguf()[:-1], "cut off"),
    "cut in the header": (gguf()[:60], "cut off"),
}


@pytest.mark.parametrize(("data", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_header_that_lies_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        read_header(Bytes(data))
    assert caught.value.hint


def test_a_longest_header_is_refused_before_it_is_read() -> None:
    class Endless:
        name = "endless.gguf"
        size = 1 << 50

        def read(self, offset: int, count: int) -> bytes:
            start = (
                HEAD + struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<IIQ", 9, 12, 1 << 40)
            )
            return (start + bytes(count))[offset : offset + count]

    with pytest.raises(ModelError, match="longer than 128 MiB"):
        read_header(Endless())


WRONG_SHAPES = {
    "a picture model": ({"general.architecture": "clip", "clip.x": 1}, "clip.block_count"),
    "no architecture": ({"llama.block_count": 1}, "general.architecture"),
    "too many layers": ({**TINY, "llama.block_count": 1 << 31}, "2147483648 layers"),
    "no layers": ({**TINY, "llama.block_count": 0}, "0 layers"),
    "another width": ({**TINY, "llama.embedding_length": 64}, "no table"),
    "a text for a number": ({**TINY, "llama.context_length": "x"}, "says 'x'"),
    "one part of three": ({**TINY, "split.count": 3}, "one of 3 files"),
}


@pytest.mark.parametrize(("entries", "said"), WRONG_SHAPES.values(), ids=WRONG_SHAPES.keys())
def test_what_is_no_language_model_has_no_shape(entries: Any, said: str) -> None:
    header = read_header(Bytes(gguf(entries)))
    with pytest.raises(ModelError, match=said) as caught:
        shape_of("m.gguf", [header])
    assert caught.value.hint


def test_a_file_made_by_hand_is_read() -> None:
    header = read_header(Bytes(gguf({**TINY, "list": ["a", "b"], "half": 0.5})))
    assert header.metadata["list"] == ("a", "b")
    assert header.metadata["half"] == 0.5
    shape = shape_of("tiny", [header])
    assert (shape.vocabulary, shape.kv_heads, shape.head_width) == (8, 2, 8)
    assert shape.cached_values(10) == 10 * 2 * 2 * 8
