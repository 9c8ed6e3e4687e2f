"""The shape of a model from its Hugging Face config.json alone, without any weights.

The tensors are those that llama.cpp's conversion makes (its names), in the type of the config.
Source: the models' code in https://github.com/huggingface/transformers, and their configs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import AliasChoices, BaseModel, Field, ValidationError

from steward.errors import ModelError
from steward.models.formats import BY_NAME, TensorType
from steward.models.shape import WINDOWED_LAYERS, Attention, Shape, Tensor, build, windowed
from steward.models.source import Source

CONFIG_BYTES = 1 << 20
"""The longest config.json that is read."""
_TYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
_Count = Annotated[int, Field(gt=0, lt=1 << 31)]
_Layers = Annotated[int, Field(gt=0, le=1024)]
_None = Annotated[int, Field(ge=0, lt=1 << 31)]


@dataclass(frozen=True)
class Family:
    """How a kind of models differs from Llama.

    `name` is llama.cpp's. `head_norms`: queries and keys are normalised, each head ("head") or all
    of them together ("full"). `norms` are per layer, `biases` are on the projections that are
    listed by their letters (q, k, v, o, m: the feed-forward network, n: the norms, h: the head).
    `gated`: the feed-forward network has a gate. `sinks`: each head has one more logit.
    """

    name: str
    biases: str = ""
    head_norms: str = ""
    norms: int = 2
    gated: bool = True
    sinks: bool = False
    tied: bool = False


FAMILIES = {
    "llama": Family("llama"),
    "mistral": Family("llama"),
    "ministral": Family("llama"),
    "ministral3": Family("mistral3"),
    "mixtral": Family("llama"),
    "smollm3": Family("smollm3", tied=True),
    "minicpm": Family("minicpm", tied=True),
    "granite": Family("granite"),
    "granitemoe": Family("granitemoe"),
    "mimo": Family("mimo", biases="qkv"),
    "phi": Family("phi2", biases="qkvomnh", norms=1, gated=False),
    "phi3": Family("phi3"),
    "qwen2": Family("qwen2", biases="qkv"),
    "qwen2_moe": Family("qwen2moe", biases="qkv"),
    "qwen3": Family("qwen3", head_norms="head"),
    "qwen3_moe": Family("qwen3moe", head_norms="head"),
    "gemma": Family("gemma", tied=True),
    "gemma2": Family("gemma2", norms=4, tied=True),
    "gemma3_text": Family("gemma3", head_norms="head", norms=4, tied=True),
    "lfm2": Family("lfm2", head_norms="head", tied=True),
    "lfm2_moe": Family("lfm2moe", head_norms="head", tied=True),
    "olmo2": Family("olmo2", head_norms="full"),
    "glm4": Family("glm4", biases="qkv", norms=4),
    "gpt_oss": Family("gpt-oss", biases="qkvom", sinks=True),
}
"""By `model_type` of the config."""


def _either(*names: str) -> AliasChoices:
    return AliasChoices(*names)


class Config(BaseModel):
    """What a config.json says, by the names that the families use for the same thing."""

    model_type: str
    width: _Count = Field(validation_alias="hidden_size")
    layers: _Layers = Field(validation_alias="num_hidden_layers")
    heads: _Count = Field(validation_alias="num_attention_heads")
    kv_heads: _Count | None = Field(None, validation_alias="num_key_value_heads")
    head_width: _Count | None = Field(None, validation_alias="head_dim")
    feed_forward: _Count | None = Field(
        None, validation_alias=_either("intermediate_size", "block_ff_dim")
    )
    vocabulary: _Count = Field(validation_alias="vocab_size")
    context: _Count = Field(2048, validation_alias="max_position_embeddings")
    tied: bool | None = Field(None, validation_alias="tie_word_embeddings")
    type: str | None = Field(None, validation_alias=_either("torch_dtype", "dtype"))
    attention_bias: bool = False
    mlp_bias: bool = False
    experts: _None = Field(
        0, validation_alias=_either("num_experts", "num_local_experts", "n_routed_experts")
    )
    experts_used: _None = Field(
        0, validation_alias=_either("num_experts_per_tok", "experts_per_token")
    )
    expert_width: _Count | None = Field(None, validation_alias="moe_intermediate_size")
    dense_layers: _None = Field(0, validation_alias="num_dense_layers")
    shared_width: _None = Field(0, validation_alias="shared_expert_intermediate_size")
    window: _Count | None = Field(None, validation_alias="sliding_window")
    layer_types: list[str] | None = None
    full_attention: list[_None] | None = Field(None, validation_alias="full_attn_idxs")
    convolution: _None = Field(0, validation_alias="conv_L_cache")
    adjusted: bool = Field(False, validation_alias="block_auto_adjust_ff_dim")
    multiple: _Count = Field(256, validation_alias="block_multiple_of")
    further_layers: _None = Field(0, validation_alias="num_nextn_predict_layers")

    @property
    def family(self) -> Family:
        """How it differs from Llama."""
        return FAMILIES[self.model_type]

    @property
    def head(self) -> int:
        """Width of a head."""
        return self.head_width or self.width // self.heads

    @property
    def key_heads(self) -> int:
        """Heads of keys and values."""
        return self.kv_heads or self.heads

    @property
    def inner(self) -> int:
        """Width of the feed-forward network, or of one expert."""
        width = (self.expert_width if self.experts else None) or self.feed_forward or 4 * self.width
        # LFM2 states what it would be without a gate.
        return -(-(2 * width // 3) // self.multiple) * self.multiple if self.adjusted else width

    def attends(self, layer: int) -> bool:
        """Tell whether a layer attends; those of LFM2 that do not are convolutions."""
        if self.family.name not in ("lfm2", "lfm2moe"):
            return True
        if self.layer_types is not None:
            return self.layer_types[layer : layer + 1] == ["full_attention"]
        return self.full_attention is None or layer in self.full_attention

    def looks_back(self, layer: int) -> int | None:
        """Return the window of a layer in tokens, None for the whole context."""
        every = WINDOWED_LAYERS.get(self.family.name, 0)
        return self.window if windowed(layer, every) else None


def shape_of_config(source: Source, name: str) -> Shape:
    """Return the shape of the model that a config.json describes.

    Raises:
        ModelError: it is no config of a language model, or of one that is not known here.
    """
    config = read_config(source)
    packing = BY_NAME[_TYPES.get((config.type or "bfloat16").removeprefix("torch."), "BF16")]
    return build(
        name=name,
        architecture=config.family.name,
        width=config.width,
        heads=config.heads,
        feed_forward=config.inner,
        context=config.context,
        experts=config.experts,
        experts_used=config.experts_used if config.experts else 0,
        layers=config.layers,
        attention=(
            Attention(config.key_heads, config.head, config.head, config.looks_back(layer))
            for layer in range(config.layers)
            if config.attends(layer)
        ),
        tensors=[_tensor(tensor, shape, packing) for tensor, shape in _tensors(config)],
    )


def read_config(source: Source) -> Config:
    """Read a config.json.

    Raises:
        ModelError: it is too long, no JSON, or no config of a model that is known here.
    """
    hint = "name the config.json of a language model, or a .gguf file"
    if source.size > CONFIG_BYTES:
        raise ModelError(f"{source.name} is too long for a config.json", hint=hint)
    try:
        said = json.loads(source.read(0, source.size))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{source.name} is no JSON: {error}", hint=hint) from error
    if isinstance(said, dict) and isinstance(said.get("text_config"), dict):
        # A model that also sees or hears: its language model is described inside.
        said = {"torch_dtype": said.get("torch_dtype"), **said["text_config"]}
    kind = said.get("model_type") if isinstance(said, dict) else None
    if not isinstance(kind, str) or kind not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise ModelError(
            f"{source.name} is of the unknown model_type {kind!r:.60}",
            hint=f"known are {known}; a .gguf file of any language model can be read",
        )
    try:
        return Config.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{source.name}: {where}: {first['msg']}", hint=hint) from error


def _tensor(name: str, shape: tuple[int, ...], packing: TensorType) -> Tensor:
    # As llama.cpp's conversion does: vectors, and the small matrices that route, stay exact.
    kept = BY_NAME["F32"] if len(shape) == 1 or "ffn_gate_inp" in name else packing
    return Tensor(name, shape, kept, kept.size(shape))


def _tensors(config: Config) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the name and the dimensions of each tensor, rows first."""
    family, width = config.family, config.width
    yield "token_embd.weight", (width, config.vocabulary)
    for layer in range(config.layers):
        for name, shape in _layer(config, layer):
            yield f"blk.{layer}.{name}", shape
    for layer in range(config.layers, config.layers + config.further_layers):
        yield f"blk.{layer}.nextn.eh_proj.weight", (2 * width, width)
        for norm in ("enorm", "hnorm", "shared_head_norm"):
            yield f"blk.{layer}.nextn.{norm}.weight", (width,)
        for name, shape in _layer(config, layer):
            yield f"blk.{layer}.{name}", shape
    yield "output_norm.weight", (width,)
    if "n" in family.biases:
        yield "output_norm.bias", (width,)
    if not (family.tied if config.tied is None else config.tied):
        yield "output.weight", (width, config.vocabulary)
        if "h" in family.biases:
            yield "output.bias", (config.vocabulary,)


_NORMS = ("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm")


def _layer(config: Config, layer: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    family, width = config.family, config.width
    for norm in _NORMS[: family.norms]:
        yield f"{norm}.weight", (width,)
        if "n" in family.biases:
            yield f"{norm}.bias", (width,)
    if config.attends(layer):
        yield from _attention(config)
    else:
        yield "shortconv.in_proj.weight", (width, 3 * width)
        yield "shortconv.conv.weight", (config.convolution, width)
        yield "shortconv.out_proj.weight", (width, width)
    if config.experts and layer >= config.dense_layers:
        yield from _experts(config)
    else:
        yield from _feed_forward(config)


def _attention(config: Config) -> Iterator[tuple[str, tuple[int, ...]]]:
    family, width = config.family, config.width
    queries, keys = config.heads * config.head, config.key_heads * config.head
    outputs = {"q": queries, "k": keys, "v": keys}
    biases = family.biases + ("qkvo" if config.attention_bias and not family.biases else "")
    for letter, output in outputs.items():
        yield f"attn_{letter}.weight", (width, output)
        if letter in biases:
            yield f"attn_{letter}.bias", (output,)
    yield "attn_output.weight", (queries, width)
    if "o" in biases:
        yield "attn_output.bias", (width,)
    if family.head_norms:
        whole = family.head_norms == "full"
        yield "attn_q_norm.weight", (queries if whole else config.head,)
        yield "attn_k_norm.weight", (keys if whole else config.head,)
    if family.sinks:
        yield "attn_sinks.weight", (config.heads,)


def _feed_forward(config: Config) -> Iterator[tuple[str, tuple[int, ...]]]:
    biased = config.mlp_bias or "m" in config.family.biases
    inner = config.feed_forward if config.experts and config.feed_forward else config.inner
    for name in ("ffn_gate", "ffn_up")[0 if config.family.gated else 1 :]:
        yield f"{name}.weight", (config.width, inner)
        if biased:
            yield f"{name}.bias", (inner,)
    yield "ffn_down.weight", (inner, config.width)
    if biased:
        yield "ffn_down.bias", (config.width,)


def _experts(config: Config) -> Iterator[tuple[str, tuple[int, ...]]]:
    count, width, inner = config.experts, config.width, config.inner
    biased = "m" in config.family.biases
    yield "ffn_gate_inp.weight", (width, count)
    if biased:
        yield "ffn_gate_inp.bias", (count,)
    if config.family.name == "lfm2moe":
        yield "exp_probs_b.bias", (count,)
    for name, row, rows in (
        ("ffn_gate", width, inner),
        ("ffn_up", width, inner),
        ("ffn_down", inner, width),
    ):
        yield f"{name}_exps.weight", (row, rows, count)
        if biased:
            yield f"{name}_exps.bias", (rows, count)
    if config.shared_width:
        yield "ffn_gate_shexp.weight", (width, config.shared_width)
        yield "ffn_up_shexp.weight", (width, config.shared_width)
        yield "ffn_down_shexp.weight", (config.shared_width, width)
        yield "ffn_gate_inp_shexp.weight", (width,)
