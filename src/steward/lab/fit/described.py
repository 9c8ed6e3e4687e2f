"""A device that is in no list, by what its owner knows of it."""

from __future__ import annotations

from steward.errors import UserError
from steward.lab.fit.device import ANY, Device, Efficiency

_OPERATIONS = 15.0
"""Operations a second for each byte a second: six of a small ARM board to forty of a laptop."""
_UNKNOWN = Efficiency(
    decode={ANY: 0.75},
    prefill={ANY: 0.4},
    source="a guess from the bandwidth alone",
    cache=0.4,
    decode_spread=0.5,
    prefill_spread=2.0,
)


def described(name: str, bandwidth: float, memory: float | None) -> Device:
    """Return a device of so many bytes/s and bytes.

    Its arithmetic is guessed from the bandwidth, so how fast it reads a prompt is known roughly.

    Raises:
        UserError: `memory` is missing.
    """
    if memory is None:
        raise UserError("a device needs a memory", hint="say --memory 8GB beside --bandwidth")
    return Device(
        name=name or "the device described",
        kind="unified",
        bandwidth=bandwidth,
        memory=round(memory),
        flops={"fp16": bandwidth * _OPERATIONS},
        source="as described",
        efficiency=_UNKNOWN,
    )
