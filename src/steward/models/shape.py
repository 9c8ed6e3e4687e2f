"""The shape of a language model: what its speed and its memory depend on, whatever it learnt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from steward.errors import ModelError
from steward.models.formats import TensorType
from steward.models.gguf import Header, TensorInfo, Value

WINDOWED_LAYERS = {
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "gpt-oss": 2,
    "cohere2": 4,
    "olmo2": 4,
    "exaone4": 4,
}
"""Every so-manieth layer of an architecture attends to the whole context, the others to a window
(llama.cpp's `set_swa_pattern`, https://github.com/ggml-org/llama.cpp/blob/master/src)."""
_LARGEST = 1 << 32
_HINT = "name the file of a language model that llama.cpp can run"


@dataclass(frozen=True)
class Tensor:
    """`shape` begins with the length of a row; `bytes` as it is packed by `type`."""

    name: str
    shape: tuple[int, ...]
    type: TensorType
    bytes: int

    @property
    def parameters(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    @property
    def expert(self) -> bool:
        """Tell whether a token needs only the part of those experts that it is sent to."""
        return "_exps." in self.name

    @property
    def looked_up(self) -> bool:
        """Tell whether it is the table of the vocabulary, of which a token needs one row."""
        return self.name.startswith(("token_embd.", "per_layer_token_embd."))


@dataclass(frozen=True)
class Attention:
    """What one layer keeps of each token: `kv_heads` keys and values of these widths.

    `window` is how many tokens back it looks, None for the whole context.
    """

    kv_heads: int
    key_width: int
    value_width: int
    window: int | None = None


@dataclass(frozen=True)
class Shape:
    """A language model without its values.

    `parameters` counts each weight once; `active` those that one token is multiplied with.
    `context` is in tokens, `feed_forward` the width of one expert where there are any.
    `attention` has an entry for each layer that attends, so it may be shorter than `layers`; what
    convolutions and state spaces keep (a few MiB, whatever the context) is not in it. `tied`: the
    table of the vocabulary is also the last matrix.
    """

    name: str
    architecture: str
    parameters: int
    active: int
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_width: int
    feed_forward: int
    vocabulary: int
    context: int
    experts: int
    experts_used: int
    tied: bool
    attention: tuple[Attention, ...]
    tensors: tuple[Tensor, ...]

    @property
    def bytes(self) -> int:
        """Bytes of all weights."""
        return sum(tensor.bytes for tensor in self.tensors)

    @property
    def window(self) -> int | None:
        """The sliding window in tokens, where some layers have one."""
        return next((layer.window for layer in self.attention if layer.window), None)

    @property
    def bytes_a_token(self) -> int:
        """Bytes of weights that are read to make one token: not the unused experts, and of a table
        that is only looked up one row."""
        return round(sum(tensor.bytes * self.share(tensor) for tensor in self.tensors))

    def share(self, tensor: Tensor) -> float:
        """Return the part of a tensor that one token needs, 0 to 1."""
        if tensor.expert and self.experts:
            return self.experts_used / self.experts
        if tensor.looked_up and not (self.tied and tensor.name.startswith("token_embd.")):
            return 1 / self.vocabulary
        return 1.0

    def cached_values(self, context: int) -> int:
        """Return how many numbers the keys and values of `context` tokens are."""
        return sum(
            layer.kv_heads
            * (layer.key_width + layer.value_width)
            * min(context, layer.window or context)
            for layer in self.attention
        )


def build(
    *,
    name: str,
    architecture: str,
    width: int,
    heads: int,
    feed_forward: int,
    context: int,
    experts: int,
    experts_used: int,
    layers: int,
    attention: Iterable[Attention],
    tensors: Sequence[Tensor],
) -> Shape:
    """Make a Shape, with what follows from its tensors."""
    layered = tuple(attention)
    if experts_used > experts:
        raise ModelError(f"{name} cannot use {experts_used} of {experts} experts", hint=_HINT)
    table = next((t for t in tensors if t.name == "token_embd.weight"), None)
    if table is None or len(table.shape) != 2 or table.shape[0] != width:
        raise ModelError(
            f"{name} has no table of a vocabulary, so it is no language model", hint=_HINT
        )
    kept = max(layered, key=lambda layer: layer.kv_heads, default=Attention(0, 0, 0))
    shape = Shape(
        name=name,
        architecture=architecture,
        parameters=sum(tensor.parameters for tensor in tensors),
        active=0,
        layers=layers,
        width=width,
        heads=heads,
        kv_heads=kept.kv_heads,
        head_width=kept.key_width,
        feed_forward=feed_forward,
        vocabulary=table.shape[1],
        context=context,
        experts=experts,
        experts_used=experts_used,
        tied=not any(tensor.name == "output.weight" for tensor in tensors),
        attention=layered,
        tensors=tuple(tensors),
    )
    active = sum(tensor.parameters * shape.share(tensor) for tensor in tensors)
    return Shape(**{**vars(shape), "active": round(active)})


def shape_of(name: str, headers: Sequence[Header]) -> Shape:
    """Return the shape of the model in a GGUF file, or in all files of a split one.

    Raises:
        ModelError: it is no language model, or parts of a split one are missing.
    """
    entries = _Entries(name, headers[0])
    parts = entries.number("split.count", default=1)
    if parts > 1 and parts != len(headers):
        raise ModelError(
            f"{name} is one of {parts} files of a model", hint="name the first one, beside the rest"
        )
    architecture = entries.text("general.architecture")
    tensors = tuple(_tensor(info) for header in headers for info in header.tensors)
    layers = entries.own("block_count")
    if not 0 < layers <= len(tensors):
        raise ModelError(f"{name} cannot have {layers} layers", hint=_HINT)
    width = entries.own("embedding_length")
    heads = entries.layered("attention.head_count", layers)
    return build(
        name=name,
        architecture=architecture,
        width=width,
        heads=max(heads),
        feed_forward=entries.own("expert_feed_forward_length", default=0)
        or max(entries.layered("feed_forward_length", layers)),
        context=entries.own("context_length"),
        experts=(experts := entries.own("expert_count", default=0)),
        experts_used=entries.own("expert_used_count", default=0) if experts else 0,
        layers=layers,
        attention=_attention(entries, architecture, layers, width, heads),
        tensors=tensors,
    )


def windowed(layer: int, every: int) -> bool:
    """Tell whether a layer looks only at a window, where every `every`-th sees everything."""
    return every > 0 and layer % every < every - 1


def _attention(
    entries: _Entries, architecture: str, layers: int, width: int, heads: Sequence[int]
) -> Iterable[Attention]:
    kv_heads = entries.layered("attention.head_count_kv", layers, default=heads)
    usual = width // max(heads) if max(heads) else 0
    key = entries.own("attention.key_length", default=usual)
    value = entries.own("attention.value_length", default=usual)
    window = entries.own("attention.sliding_window", default=0) or None
    every = WINDOWED_LAYERS.get(architecture, 0)
    for layer, count in enumerate(kv_heads):
        if count:
            yield Attention(count, key, value, window if windowed(layer, every) else None)


def _tensor(info: TensorInfo) -> Tensor:
    return Tensor(info.name, info.shape, info.type, info.bytes)


class _Entries:
    """The metadata of a file, asked for by what it must be."""

    def __init__(self, name: str, header: Header) -> None:
        self.name = name
        self._all = header.metadata

    def text(self, key: str) -> str:
        value = self._all.get(key)
        if not isinstance(value, str) or not value:
            raise self._wrong(key, value)
        return value

    def number(self, key: str, *, default: int | None = None) -> int:
        return self._checked(key, self._all.get(key, default))

    def own(self, key: str, *, default: int | None = None) -> int:
        """Return an entry of the architecture."""
        return self.number(f"{self.text('general.architecture')}.{key}", default=default)

    def layered(
        self, key: str, layers: int, *, default: Sequence[int] | None = None
    ) -> Sequence[int]:
        """Return an entry that may be one number for all layers, or one for each."""
        full = f"{self.text('general.architecture')}.{key}"
        value = self._all.get(full, default)
        if isinstance(value, Sequence) and not isinstance(value, str):
            if len(value) != layers or not layers:
                raise self._wrong(full, value)
            return [self._checked(full, item) for item in value]
        return [self._checked(full, value)] * layers

    def _checked(self, key: str, value: Value | None) -> int:
        if type(value) is not int or not 0 <= value < _LARGEST:
            raise self._wrong(key, value)
        return value

    def _wrong(self, key: str, value: object) -> ModelError:
        said = "has no" if value is None else f"says {value!r:.40} for"
        return ModelError(f"{self.name} {said} {key}, so it is no language model", hint=_HINT)
