"""The prediction: bytes to be moved and operations to be done, against what a device can.

A token of an answer reads every weight that it uses and the cache of all tokens before it; a
prompt multiplies every weight with many tokens at once. Either takes as long as the device's
bandwidth or arithmetic lets it, each tensor type at the share of it that its kernel reaches, and
something beside for every layer and token (`Efficiency`).
"""

from __future__ import annotations

from collections.abc import Mapping

from steward.lab.fit.device import ANY, Device
from steward.lab.fit.memory import attended, memory
from steward.lab.fit.prediction import Prediction, Range
from steward.lab.fit.settings import VOICE, Settings
from steward.models.formats import BY_NAME
from steward.models.shape import Shape, Tensor

_DISK = 1e9
"""Bytes a second from a good disk: what does not fit into memory is read anew for every token."""
_HOST = 40e9
"""Bytes a second of the memory beside a graphics card, where it is not known: two of DDR4."""
_HOST_SHARE = 0.7
_F16 = 2
"""Bytes of a number in the cache. What reading one takes hardly depends on its type."""
_ANSWERS = 1000
_HOUR = 3600.0
_KILO = 1000.0
_YEAR_HOURS = 8766.0


def predict(shape: Shape, device: Device, settings: Settings) -> Prediction:
    """Say how much memory `shape` takes on `device`, and how fast it answers."""
    parts = memory(shape, settings, repacking=device.kind == "cpu")
    needed = memory(shape, settings).total
    efficiency = device.efficiency
    decode = _range(1 / _token(shape, device, settings), efficiency.decode_spread)
    tokens = settings.prompt / prefill_seconds(shape, device, settings)
    prefill = _range(tokens, efficiency.prefill_spread)
    spoken = _seconds(prefill, settings.prompt, decode, settings.clause)
    busy = settings.prompt / prefill.likely + settings.answer / decode.likely
    joules = None if device.power is None else device.power * busy * _ANSWERS
    return Prediction(
        memory=parts,
        needed=needed,
        room=device.room,
        fits=needed <= device.room,
        decode=decode,
        prefill=prefill,
        first_token=_seconds(prefill, settings.prompt, decode, 1),
        spoken=Range(spoken.likely + VOICE, spoken.low + VOICE, spoken.high + VOICE),
        joules=joules,
        cost=_cost(device, settings, joules, busy),
        battery=device.battery / device.power if device.battery and device.power else None,
    )


def decode_seconds(shape: Shape, device: Device, settings: Settings) -> float:
    """Return seconds for one token of an answer without a draft, halfway through the answer."""
    known = device.efficiency
    seconds = sum(
        _used(shape, tensor) / (device.bandwidth * _share(known.decode, tensor))
        for tensor in shape.tensors
    )
    seconds = _split(seconds, shape.bytes_a_token, shape, device, settings)
    seconds /= _working(device, settings)
    depth = settings.prompt + settings.answer / 2
    read = _F16 * attended(shape, depth) * (known.packed_cache if _packed(settings) else 1)
    seconds += read / (device.bandwidth * known.cache)
    return seconds + shape.layers * known.layer + shape.vocabulary * known.word + known.token


def prefill_seconds(shape: Shape, device: Device, settings: Settings) -> float:
    """Return seconds to read the prompt."""
    known, peak = device.efficiency, device.arithmetic()
    tokens, batches = settings.prompt, -(-settings.prompt // settings.batch)
    seconds = 0.0
    for tensor in (each for each in shape.tensors if len(each.shape) > 1):
        # Only after the last token of a prompt is asked which comes next.
        last = tensor.name == "output.weight" or tensor.looked_up
        times = 1 if last else tokens
        work = 2 * tensor.parameters * shape.share(tensor) * times
        # Between them, the tokens of a batch ask most of the experts.
        moved = _used(shape, tensor) if last else batches * tensor.bytes
        seconds += max(
            work / (peak * _share(known.prefill, tensor)),
            moved / (device.bandwidth * _share(known.decode, tensor)),
        )
    seconds = _split(seconds, batches * shape.bytes, shape, device, settings)
    grouped = shape.heads / max(shape.kv_heads, 1)
    pairs = 2 * tokens * attended(shape, tokens / 2) * grouped
    pairs *= known.packed_attention if _packed(settings) else 1
    seconds = (seconds + pairs / (peak * known.attention)) / _working(device, settings)
    return seconds + batches * shape.layers * known.batch_layer


def _working(device: Device, settings: Settings) -> float:
    """Return the share of a processor's cores that work: what they compute goes with it."""
    return min(1.0, settings.threads / device.cores) if settings.threads else 1.0


def _packed(settings: Settings) -> bool:
    return BY_NAME[settings.cache].block > 1


def _range(likely: float, spread: float) -> Range:
    return Range(likely, likely / (1 + spread), likely * (1 + spread))


def _seconds(prefill: Range, prompt: int, decode: Range, tokens: int) -> Range:
    """Return the seconds for a prompt and `tokens` of the answer; the low end is the fastest."""
    return Range(
        prompt / prefill.likely + tokens / decode.likely,
        prompt / prefill.high + tokens / decode.high,
        prompt / prefill.low + tokens / decode.low,
    )


def _cost(device: Device, settings: Settings, joules: float | None, busy: float) -> float | None:
    """Return USD for a thousand answers: the electricity, and the device's share of wear."""
    if joules is None or device.price is None:
        return None
    wear = device.price / (settings.years * _YEAR_HOURS) * busy * _ANSWERS / _HOUR
    return joules / _HOUR / _KILO * settings.electricity + wear


def _token(shape: Shape, device: Device, settings: Settings) -> float:
    """Return seconds for one token of an answer; with a draft, on average."""
    alone = decode_seconds(shape, device, settings)
    if settings.draft is None:
        return alone
    # Leviathan et al. 2023, "Fast inference from transformers via speculative decoding".
    right, tried = settings.accepted, settings.proposed
    gained = sum(right**n for n in range(tried + 1))
    return (tried * decode_seconds(settings.draft, device, settings) + alone) / gained


def _used(shape: Shape, tensor: Tensor) -> float:
    return tensor.bytes * shape.share(tensor)


def _share(table: Mapping[str, float], tensor: Tensor) -> float:
    return table.get(tensor.type.name, table[ANY])


def _over(shape: Shape, device: Device, settings: Settings) -> int:
    """Return the bytes that are too many."""
    return memory(shape, settings).total - device.room


def _split(seconds: float, moved: float, shape: Shape, device: Device, settings: Settings) -> float:
    """Return what `seconds` become where the weights, `moved` bytes of them, are in two places.

    Beside a graphics card the rest is in the machine's own memory; without one, on its disk.
    """
    inside = 1 - min(1.0, max(0.0, _over(shape, device, settings) / shape.bytes))
    if device.kind != "gpu":
        return seconds if inside == 1 else seconds + moved / _DISK
    if settings.gpu is not None:
        inside = min(inside, settings.gpu)
    return seconds * inside + moved * (1 - inside) / ((device.host or _HOST) * _HOST_SHARE)
