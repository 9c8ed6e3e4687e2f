"""The reader of safetensors headers, against files made to do harm."""

import json
from typing import Any

import pytest
from ggufs import Bytes

from steward.errors import ModelError
from steward.models.safetensors import read_header

GOOD: dict[str, Any] = {
    "__metadata__": {"format": "pt"},
    "a": {"dtype": "F16", "shape": [2, 4], "data_offsets": [0, 16]},
    "b": {"dtype": "F32", "shape": [], "data_offsets": [16, 20]},
}


def packed(head: object, data: int = 20) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + bytes(data)


def with_a(**changed: Any) -> bytes:
    return packed(GOOD | {"a": {**GOOD["a"], **changed}})


def test_a_header_is_read() -> None:
    header = read_header(Bytes(packed(GOOD)))
    assert header.metadata == {"format": "pt"}
    found = [(t.name, t.shape, t.type.name, t.offset, t.bytes) for t in header.tensors]
    assert found == [("a", (4, 2), "F16", 0, 16), ("b", (), "F32", 16, 4)]


TWICE = b'{"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "a": {}}'
HOSTILE = {
    "nothing": (b"", "not a safetensors"),
    "a long header": (b"\xff" * 8 + bytes(64), "not a safetensors"),
    "cut in the header": (packed(GOOD)[:40], "cut off"),
    "cut in the data": (packed(GOOD)[:-1], "cut off"),
    "more than the tensors": (packed(GOOD, 21), "1 bytes behind"),
    "no JSON": (packed(b"{nothing}"), "no JSON"),
    "deep": (packed(b"[" * 100_000), "no JSON"),
    "a long number": (packed(b"1" * 10_000), "no JSON"),
    "a name twice": (packed(TWICE), "twice"),
    "a list": (packed([]), "no JSON object"),
    "no tensors": (packed({}), "no tensors"),
    "metadata of numbers": (packed(GOOD | {"__metadata__": {"a": 1}}), "no texts"),
    "an unknown type": (with_a(dtype="F7"), "'a'"),
    "a negative length": (with_a(shape=[-2, -4]), "greater than"),
    "a fraction": (with_a(shape=[2.0, 4]), "integer"),
    "another size": (with_a(shape=[2, 5]), "cannot have 16 bytes"),
    "sizes that overflow": (with_a(shape=[1 << 59, 1 << 59]), "cannot have 16 bytes"),
    "backwards": (with_a(data_offsets=[16, 0]), "cannot have -16 bytes"),
    "one offset": (with_a(data_offsets=[16]), "at least 2"),
    "overlapping": (with_a(data_offsets=[4, 20]), "where one ends"),
}


@pytest.mark.parametrize(("data", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_header_that_lies_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        read_header(Bytes(data))
    assert caught.value.hint
