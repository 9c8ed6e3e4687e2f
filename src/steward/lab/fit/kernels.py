"""What llama.cpp's kernels reach on a processor, before it has been calibrated.

Measured on two cores of an AMD EPYC (Zen 4; the wheel's kernels use AVX2): models with one kind of
matrix each, at 30.6 GB/s of memory and 198 GFLOP/s of 32-bit numbers (`python bench/fit.py
--kernels 30.6 198`). Shares above 1 for arithmetic are right: these kernels multiply in 8 bits.
"""

from __future__ import annotations

from steward.lab.fit.device import ANY, Efficiency

_SHARES = {
    "BF16": (1.219, 0.436),
    "F16": (1.141, 0.426),
    "IQ4_NL": (1.178, 0.910),
    "IQ4_XS": (0.602, 1.026),
    "Q2_K": (0.749, 1.182),
    "Q3_K": (0.481, 1.105),
    "Q4_0": (0.959, 0.890),
    "Q4_1": (0.625, 0.469),
    "Q4_K": (1.666, 1.051),
    "Q5_0": (0.517, 0.512),
    "Q5_1": (0.592, 0.359),
    "Q5_K": (0.672, 1.185),
    "Q6_K": (0.924, 1.034),
    "Q8_0": (1.062, 0.751),
    ANY: (0.6, 0.5),
}
"""By tensor type: of the bandwidth that a copy reaches, and of the arithmetic of 32-bit numbers."""
PROCESSOR = Efficiency(
    decode={kind: read for kind, (read, _) in _SHARES.items()},
    prefill={kind: work for kind, (_, work) in _SHARES.items()},
    source="measured on an AMD EPYC with AVX2, scaled by two runs here",
    cache=0.089,
    attention=0.334,
    layer=0.000471,
    word=9.83e-9,
    batch_layer=0.000933,
    packed_cache=1.5,
    packed_attention=5.0,
    decode_spread=0.25,
    prefill_spread=0.3,
)
