"""What it takes to train a model: memory, arithmetic, accelerators, days and money.

N is parameters, D tokens, s the length of a sequence, b the sequences computed at once, h the
width, a the attention heads, L the layers, t the accelerators that share each matrix (tensor
parallelism), p the stages that the layers are parted into (pipeline parallelism).

Sources: 6ND and 2ND: Kaplan et al. 2020 (arXiv 2001.08361); twenty tokens a parameter: Hoffmann et
al. 2022 (2203.15556); bytes a parameter and the sums of them: EleutherAI, Transformer Math 101
(2023); activations: Korthikanti et al. 2022 (2205.05198); what is shared among replicas:
Rajbhandari et al. 2020 (ZeRO, 1910.02054); LoRA: Hu et al. 2021 (2106.09685).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, prod
from typing import TYPE_CHECKING

from steward.errors import UserError

if TYPE_CHECKING:
    from steward.models.shape import Shape

DAY = 86_400
PFLOP_DAY = 1e15 * DAY
TOKENS_A_PARAMETER = 20
"""Tokens that make the best model for the arithmetic (Hoffmann et al. 2022)."""
NODE = 8
"""Accelerators in one server: tensor parallelism goes no further."""
ALL_IN_BYTES = 20
"""A rule of thumb for all states together: weights and gradients in 2 and in 4 bytes, and Adam's
two moments in 4 each (Smith et al. 2022, arXiv 2201.11990)."""


class Method(StrEnum):
    """What is learnt: a model from nothing, all of one, an adapter to one, or from a teacher."""

    PRETRAIN = "pretrain"
    FINETUNE = "finetune"
    LORA = "lora"
    DISTIL = "distil"


class Optimizer(StrEnum):
    """Who changes the weights."""

    ADAMW = "adamw"
    ADAMW_8BIT = "adamw-8bit"
    SGD = "sgd"


class Recomputation(StrEnum):
    """Which activations are computed again for the way back: none, attention's, or all."""

    NONE = "none"
    SELECTIVE = "selective"
    FULL = "full"


STATE_BYTES = {Optimizer.ADAMW: 12, Optimizer.ADAMW_8BIT: 6, Optimizer.SGD: 8}
"""Bytes a parameter: a copy of the weight in 4, and the moments (two of 4, two of 1, one of 4)."""


@dataclass(frozen=True)
class Network:
    """What of a model its training depends on.

    `parameters` are all, `active` those that a token passes through: fewer in a mixture of experts,
    otherwise the same, which 0 says. `layers`, `width` and `heads` are 0 where they are not known.
    """

    parameters: float
    active: float = 0
    layers: int = 0
    width: int = 0
    heads: int = 0

    @property
    def used(self) -> float:
        """Parameters that compute for each token."""
        return self.active or self.parameters


@dataclass(frozen=True)
class Job:
    """One training: of what, how, on how much.

    `adapter` is the parameters that LoRA learns, `teacher` those of the model that a distillation
    learns from. `sequence` is s and `batch` is b, of one replica. A weight takes `weight_bytes`
    (0.5 where LoRA keeps it in 4 bits), a gradient `gradient_bytes`: 2, or 4 where many are summed.
    """

    network: Network
    tokens: float
    method: Method = Method.FINETUNE
    adapter: float = 0
    teacher: float = 0
    sequence: int = 2048
    batch: int = 1
    optimizer: Optimizer = Optimizer.ADAMW
    recomputation: Recomputation = Recomputation.SELECTIVE
    weight_bytes: float = 2
    gradient_bytes: int = 2

    @property
    def learnt(self) -> float:
        """Parameters that change."""
        return self.adapter if self.method is Method.LORA else self.network.parameters


@dataclass(frozen=True)
class Layout:
    """How a training is spread: `tensor` is t, `pipeline` is p, `data` the number of replicas.

    With `zero` 1, 2 and 3 the replicas share optimiser states, gradients too, weights too.
    """

    tensor: int = 1
    pipeline: int = 1
    data: int = 1
    zero: int = 1

    @property
    def accelerators(self) -> int:
        """All of them."""
        return self.tensor * self.pipeline * self.data


@dataclass(frozen=True)
class Memory:
    """Bytes on one accelerator; `activations` is None where the network's layers are not known."""

    weights: float
    gradients: float
    optimizer: float
    activations: float | None

    @property
    def total(self) -> float:
        """All that is known."""
        return self.weights + self.gradients + self.optimizer + (self.activations or 0)


@dataclass(frozen=True)
class Accelerator:
    """A card that trains at `effective` FLOP/s; `memory` in bytes and `power` in W may be unknown.

    What is effective is a third or so of the highest figure: memory, cables and waiting take the
    rest.
    """

    name: str
    effective: float
    memory: float | None = None
    power: float | None = None


@dataclass(frozen=True)
class Schedule:
    """`count` accelerators for `days`, each at `effective` FLOP/s; `exact` is what is needed."""

    flops: float
    effective: float
    exact: float
    count: int
    days: float

    @property
    def servers(self) -> int:
        """Machines of eight."""
        return ceil(self.count / NODE)

    @property
    def hours(self) -> float:
        """Hours of one accelerator."""
        return self.count * self.days * 24


@dataclass(frozen=True)
class Plan:
    """A schedule, how the model is spread over it, and what each accelerator holds.

    Without the accelerator's memory the layout is not known, and `memory` is that of a single one.
    """

    schedule: Schedule
    layout: Layout | None
    memory: Memory


@dataclass(frozen=True)
class Bill:
    """What a schedule costs: `rent` and `electricity` in USD, `energy` in kWh; None is unknown."""

    rent: float | None
    energy: float | None
    electricity: float | None


def network(shape: Shape) -> Network:
    """Return what of a model's shape its training depends on."""
    return Network(
        shape.parameters,
        active=shape.active,
        layers=shape.layers,
        width=shape.width,
        heads=shape.heads,
    )


def adapter(shape: Shape, rank: int) -> int:
    """Return the parameters of a LoRA adapter beside each matrix of each layer."""
    matrices = (t for t in shape.tensors if t.name.startswith("blk.") and len(t.shape) > 1)
    return sum(rank * (t.shape[0] + t.shape[1]) * prod(t.shape[2:]) for t in matrices)


def arithmetic(job: Job) -> float:
    """Return the FLOPs of the job.

    6ND: 2 forward, 2 back to the activations, 2 back to the weights, which a frozen one does not
    need. Full recomputation is one more way forward, a teacher another one through his own
    parameters. Attention over the sequence itself is left out, and so is computing it again: a few
    per cent while s is well below 6h.
    """
    used = job.network.used
    each = 6 * used
    if job.method is Method.LORA:
        each = 4 * used + 6 * job.adapter
    elif job.method is Method.DISTIL:
        each += 2 * job.teacher
    if job.recomputation is Recomputation.FULL:
        each += 2 * used
    return each * job.tokens


def inference(parameters: float, tokens: float) -> float:
    """Return the FLOPs of one way forward: 2ND."""
    return 2 * parameters * tokens


def activations(job: Job, tensor: int = 1) -> float | None:
    """Return the bytes of activations on one accelerator; None where the layers are not known.

    sbhL(10 + 24/t + 5as/(ht)), without its last part when attention is computed again, and 2sbhL
    when all is. Pipeline stages do not lessen it: the first has as many batches under way as there
    are stages.
    """
    net = job.network
    if not (net.layers and net.width and net.heads):
        return None
    unit = float(job.sequence * job.batch * net.width * net.layers)
    if job.recomputation is Recomputation.FULL:
        return 2 * unit
    kept = 10 + 24 / tensor
    if job.recomputation is Recomputation.NONE:
        kept += 5 * net.heads * job.sequence / (net.width * tensor)
    return unit * kept


def memory(job: Job, layout: Layout = Layout()) -> Memory:
    """Return what each accelerator of the layout holds."""
    cut = layout.tensor * layout.pipeline

    def shared(size: float, stage: int) -> float:
        return size / cut / (layout.data if layout.zero >= stage else 1)

    frozen = job.adapter * 2 if job.method is Method.LORA else 0.0
    weights = job.network.parameters * job.weight_bytes + frozen
    teacher = job.teacher * 2 if job.method is Method.DISTIL else 0.0
    return Memory(
        weights=shared(weights + teacher, 3),
        gradients=shared(job.learnt * job.gradient_bytes, 2),
        optimizer=shared(job.learnt * STATE_BYTES[job.optimizer], 1),
        activations=activations(job, layout.tensor),
    )


def spread(job: Job, room: float, count: int = 1, zero: int = 1) -> Layout:
    """Return the layout with the least cutting whose parts fit in `room` bytes each.

    Replicas fill up `count` accelerators; more than `count` are taken where the model needs them.

    Raises:
        UserError: no cutting makes it fit.
    """
    cuts = ((t, p) for t in (1, 2, 4, 8) for p in range(1, max(job.network.layers, 1) + 1))
    for tensor, pipeline in sorted(cuts, key=lambda cut: (cut[0] * cut[1], cut[1])):
        layout = Layout(tensor, pipeline, max(1, count // (tensor * pipeline)), zero)
        if memory(job, layout).total <= room:
            return layout
    raise UserError(
        f"on accelerators of {room / 1e9:.0f} GB this does not fit, however it is cut",
        hint="shorten --sequence or --batch, compute again (--recompute full), or train an adapter",
    )


def schedule(
    flops: float, effective: float, *, days: float | None = None, count: int | None = None
) -> Schedule:
    """Return how many accelerators `days` take, or how many days `count` of them take.

    Raises:
        UserError: neither or both are given, or one is not positive.
    """
    given = [each for each in (days, count) if each is not None]
    if len(given) != 1 or min(*given, effective) <= 0:
        raise UserError(
            "either the days or the accelerators must be given", hint="--days 30, or --count 8"
        )
    exact = flops / (effective * DAY * days) if days is not None else float(given[0])
    whole = ceil(exact)
    return Schedule(flops, effective, exact, whole, flops / (effective * whole * DAY))


def plan(
    job: Job,
    accelerator: Accelerator,
    *,
    days: float | None = None,
    count: int | None = None,
    zero: int = 1,
) -> Plan:
    """Return how `job` is done in so many `days`, or by `count` accelerators; see `Layout.zero`.

    There are as many accelerators as replicas of the model fill, so more than `count` where one
    replica needs more.

    Raises:
        UserError: neither days nor accelerators are given, or the model fits in no way.
    """
    flops = arithmetic(job)
    wanted = schedule(flops, accelerator.effective, days=days, count=count)
    if accelerator.memory is None:
        return Plan(wanted, None, memory(job, Layout(zero=0)))
    layout = spread(job, accelerator.memory, wanted.count, zero)
    cut = layout.tensor * layout.pipeline
    replicas = layout.data if count is not None else max(1, ceil(wanted.exact / cut))
    layout = Layout(layout.tensor, layout.pipeline, replicas, zero)
    filled = schedule(flops, accelerator.effective, count=layout.accelerators)
    return Plan(replace(filled, exact=wanted.exact), layout, memory(job, layout))


def bill(
    done: Schedule, *, hourly: float | None, power: float | None, electricity: float = 0.30
) -> Bill:
    """Return the cost at `hourly` USD rent and `power` W an accelerator, `electricity` USD/kWh."""
    energy = None if power is None else done.hours * power / 1000
    return Bill(
        rent=None if hourly is None else done.hours * hourly,
        energy=energy,
        electricity=None if energy is None else energy * electricity,
    )
