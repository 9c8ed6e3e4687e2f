"""A device and a model whose figures can be worked out by hand."""

from steward.lab.fit.device import ANY, Device, Efficiency
from steward.lab.fit.settings import Settings
from steward.models.formats import BY_NAME
from steward.models.shape import Attention, Shape, Tensor, build

SETTINGS = Settings(context=1024, prompt=100, answer=20, batch=50)
PERFECT = Efficiency(decode={ANY: 1.0}, prefill={ANY: 1.0}, source="made up", cache=1, attention=1)
DEVICE = Device(
    name="test",
    kind="cpu",
    bandwidth=1e9,
    memory=8 << 30,
    flops={"fp32": 1e12},
    source="made up",
    efficiency=PERFECT,
    power=10.0,
    price=100.0,
    battery=20.0,
)


def tensor(name: str, rows: int, columns: int, kind: str) -> Tensor:
    packed = BY_NAME[kind]
    return Tensor(name, (columns, rows), packed, packed.size((columns, rows)))


def shape(kind: str = "Q8_0", *, window: int | None = None, experts: int = 0) -> Shape:
    name = "ffn_up_exps" if experts else "ffn_up"
    return build(
        name="test",
        architecture="llama",
        width=256,
        heads=4,
        feed_forward=1024,
        context=4096,
        experts=experts,
        experts_used=experts // 4,
        layers=2,
        attention=[Attention(2, 64, 64, window)] * 2,
        tensors=[
            tensor("token_embd.weight", 32000, 256, kind),
            *[tensor(f"blk.{n}.{name}.weight", 1024 * max(experts, 1), 256, kind) for n in (0, 1)],
        ],
    )
