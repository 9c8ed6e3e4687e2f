"""How fast a machine makes many answers at once: their tokens share one reading of the weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil

from steward.lab.fit.device import Device
from steward.lab.fit.memory import attended
from steward.lab.fit.predict import predict
from steward.lab.fit.serving import Pace, Population
from steward.lab.fit.settings import Settings
from steward.models.formats import BY_NAME
from steward.models.shape import Shape


def paced(shape: Shape, device: Device, asked: Population) -> Callable[[int], Pace | None]:
    """Return how fast `device` is with so many answers at once, None where they do not fit.

    A step makes one token of each answer. It takes as long as reading the weights or as computing
    the tokens, whichever is longer, and reads the cache of each answer.
    """
    one = Settings(
        prompt=max(1, ceil(asked.prompt)),
        answer=ceil(asked.answer),
        context=max(1, ceil(asked.prompt)) + ceil(asked.answer),
    )
    alone = predict(shape, device, one)
    depth = one.prompt + one.answer / 2
    cache = attended(shape, depth) * BY_NAME[one.cache].bits / 8
    cache_seconds = cache / (device.bandwidth * device.efficiency.cache)
    weight_seconds = max(0.0, 1 / alone.decode.likely - cache_seconds)

    def pace(at_once: int) -> Pace | None:
        together = replace(one, parallel=at_once, context=at_once * one.context)
        if not predict(shape, device, together).fits:
            return None
        read = weight_seconds * _more_experts(shape, at_once)
        step = max(read, at_once / alone.prefill.likely) + at_once * cache_seconds
        return Pace(at_once, alone.prefill.likely, 1 / step)

    return pace


def _more_experts(shape: Shape, tokens: int) -> float:
    """Return how many times the weights of one token are read for `tokens` of different answers.

    Each token asks its own experts, as if they were drawn by chance.
    """
    experts = sum(tensor.bytes for tensor in shape.tensors if tensor.expert)
    if not experts:
        return 1.0
    share = shape.experts_used / shape.experts
    other = shape.bytes_a_token - experts * share
    return (other + experts * (1 - (1 - share) ** tokens)) / shape.bytes_a_token
