"""A device and models of any size, to predict with."""

from __future__ import annotations

from steward.lab.fit.device import ANY, Device, Efficiency
from steward.lab.fit.page import Candidate
from steward.lab.fit.predict import predict
from steward.lab.fit.settings import Settings
from steward.models.formats import BY_NAME
from steward.models.shape import Attention, Shape, Tensor, build

DEVICE = Device(
    name="A box",
    kind="cpu",
    bandwidth=12e9,
    memory=4 * 10**9,
    flops={"int8": 400e9, "fp32": 90e9},
    source="made up",
    efficiency=Efficiency({ANY: 0.6, "Q4_0": 0.8}, {ANY: 0.3, "Q4_0": 0.5}, "made up", token=1e-3),
    cores=2,
    power=15,
    price=150,
)
SETTINGS = Settings()
_HEAD = 64


def shape(
    name: str, layers: int, width: int, *, experts: int = 0, used: int = 0, type_: str = "Q4_0"
) -> Shape:
    """Return a model of Llama's kind, with `experts` in place of its feed-forward network."""
    packed, wide = BY_NAME[type_], 4 * width

    def tensor(called: str, *sides: int) -> Tensor:
        return Tensor(called, sides, packed, packed.size(sides))

    tensors = [tensor("token_embd.weight", width, 32_000)]
    many = (experts,) if experts else ()
    kind = "_exps" if experts else ""
    for layer in range(layers):
        tensors += [tensor(f"blk.{layer}.attn_{one}.weight", width, width) for one in "qkvo"]
        tensors += [
            tensor(f"blk.{layer}.ffn_up{kind}.weight", width, wide, *many),
            tensor(f"blk.{layer}.ffn_down{kind}.weight", wide, width, *many),
        ]
    heads = width // _HEAD
    return build(
        name=name,
        architecture="llama",
        width=width,
        heads=heads,
        feed_forward=wide,
        context=8192,
        experts=experts,
        experts_used=used,
        layers=layers,
        attention=[Attention(heads, _HEAD, _HEAD)] * layers,
        tensors=tensors,
    )


def candidate(name: str, layers: int, width: int) -> Candidate:
    """Return such a model with its prediction on `DEVICE`."""
    made = shape(name, layers, width)
    return Candidate(name, made, predict(made, DEVICE, SETTINGS))
