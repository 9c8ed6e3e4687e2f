"""Shapes from configs alone: the parameters are those that the makers published."""

import json
from pathlib import Path
from typing import Any

import pytest
from ggufs import Bytes

from steward.errors import ModelError
from steward.models.configured import shape_of_config
from steward.models.shape import Shape

KNOWN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "models" / "configs.json").read_text()
)
"""Configs shortened to what the shape depends on, with the parameters as on the models' pages."""


def shaped(name: str) -> Shape:
    return shape_of_config(Bytes(json.dumps(KNOWN[name]["config"]).encode(), name), name)


@pytest.mark.parametrize("name", KNOWN)
def test_the_parameters_are_the_published_ones(name: str) -> None:
    assert shaped(name).parameters == KNOWN[name]["parameters"]


@pytest.mark.parametrize(
    ("name", "published"), [("gpt-oss-20b", 3.6), ("gpt-oss-120b", 5.1), ("Mixtral-8x7B", 12.8)]
)
def test_a_token_needs_only_some_of_the_experts(name: str, published: float) -> None:
    assert shaped(name).active / 1e9 == pytest.approx(published, abs=0.1)


def test_layers_with_a_window_keep_no_more_than_it() -> None:
    # Three of eighteen layers of Gemma 3 270M see everything, the others 512 tokens.
    shape = shaped("gemma-3-270m")
    assert [layer.window for layer in shape.attention].count(None) == 3
    assert shape.window == 512
    assert shape.cached_values(4096) == 2 * 256 * (3 * 4096 + 15 * 512)


def test_convolutions_keep_nothing_of_the_context() -> None:
    shape = shaped("LFM2-1.2B")
    assert (shape.layers, len(shape.attention)) == (16, 6)
    assert shape.feed_forward == 8192


def test_a_model_that_also_sees_has_its_config_inside() -> None:
    inside = KNOWN["gemma-3-1b"]["config"]
    outside = {"model_type": "gemma3", "torch_dtype": "float32", "text_config": inside}
    shape = shape_of_config(Bytes(json.dumps(outside).encode()), "gemma")
    assert shape.bytes == 4 * 999_885_952


LLAMA = KNOWN["Llama-3.2-1B"]["config"]
WRONG = {
    "no JSON": (b"<html>", "no JSON"),
    "deep": (b"[" * 100_000, "no JSON"),
    "a list": (b"[1]", "unknown model_type None"),
    "unknown": (json.dumps(LLAMA | {"model_type": "rwkv7"}).encode(), "'rwkv7'"),
    "too long": (b" " * (1 << 20) + b"{}", "too long"),
    "no width": (json.dumps({"model_type": "llama"}).encode(), "hidden_size"),
    "no layers": (json.dumps(LLAMA | {"num_hidden_layers": 0}).encode(), "num_hidden_layers"),
    "many layers": (
        json.dumps(LLAMA | {"num_hidden_layers": 10**9}).encode(),
        "num_hidden_layers",
    ),
}


@pytest.mark.parametrize(("data", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_describes_no_model_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        shape_of_config(Bytes(data, "config.json"), "m")
    assert caught.value.hint
