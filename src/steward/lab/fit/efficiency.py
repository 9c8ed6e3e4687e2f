"""What llama.cpp gets out of devices that are not at hand, by their class in `devices.toml`.

`bench/fit_tables.py` fits these figures: Apple's to llama.cpp's discussion 4167, those of "cuda",
"amd", "igpu" and "x86" to users' reports, with what single reports cannot tell (a share of more
than the whole, five reports of one card) rounded towards their neighbours. Where no table was at
hand ("arm", "arc", "hbm", "jetson", "server", "npu") they are assumed from the class next to them
and from what people state of Llama 2 7B on such devices ("npu": Rockchip of its runtime): their
intervals are wider. A spread is the ninth decile of the errors of devices that were not fitted to
(61% for users' reports), or a guess where there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from steward.lab.fit.device import ANY, Efficiency

_K_QUANTS = ("Q4_K", "Q5_K", "Q6_K", "IQ4_XS", "IQ4_NL")
_LOW = ("Q2_K", "Q3_K", "IQ3_S", "IQ3_XXS", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_S", "IQ1_M")
_APPLE = "llama.cpp's discussion 4167 (Apple silicon); K-quants: users' reports"
_REPORTS = "users' reports collected by llmfit"
_ASSUMED = "assumed, from figures that people state of Llama 2 7B"
_MICRO = 1e-6
_NANO = 1e-9


def _shares(plain: float, k_quants: float, low: float) -> Mapping[str, float]:
    """Return a table of shares: of Q8_0, Q4_0 and floats, of K-quants, of those below four bits."""
    return {
        ANY: plain,
        **dict.fromkeys(_K_QUANTS, k_quants),
        **dict.fromkeys(_LOW, low),
    }


EFFICIENCIES: Mapping[str, Efficiency] = {
    "apple": Efficiency(
        decode=_shares(0.93, 0.75, 0.62),
        prefill={ANY: 0.68, "F16": 0.74},
        source=_APPLE,
        cache=0.75,
        layer=183 * _MICRO,
        word=3 * _NANO,
        decode_spread=0.2,
        prefill_spread=0.3,
    ),
    "cuda": Efficiency(
        decode=_shares(0.90, 0.77, 0.61),
        prefill={ANY: 0.75},
        source=_REPORTS,
        cache=0.95,
        layer=28 * _MICRO,
        word=3 * _NANO,
        decode_spread=0.6,
        prefill_spread=1.0,
    ),
    "hbm": Efficiency(
        decode=_shares(0.65, 0.55, 0.45),
        prefill={ANY: 0.2},
        source=_ASSUMED,
        cache=0.65,
        layer=60 * _MICRO,
        word=3 * _NANO,
        decode_spread=0.6,
        prefill_spread=1.0,
    ),
    "amd": Efficiency(
        decode=_shares(0.80, 0.60, 0.55),
        prefill={ANY: 0.33},
        source=_REPORTS,
        cache=0.8,
        layer=50 * _MICRO,
        word=3 * _NANO,
        decode_spread=0.6,
        prefill_spread=1.0,
    ),
    "arc": Efficiency(
        decode=_shares(0.50, 0.42, 0.35),
        prefill={ANY: 0.15},
        source=_ASSUMED,
        cache=0.5,
        layer=100 * _MICRO,
        word=3 * _NANO,
        decode_spread=0.6,
        prefill_spread=1.5,
    ),
    "igpu": Efficiency(
        decode=_shares(0.85, 0.73, 0.64),
        prefill={ANY: 0.18},
        source=_REPORTS,
        cache=0.8,
        layer=50 * _MICRO,
        word=3 * _NANO,
        decode_spread=0.4,
        prefill_spread=0.6,
    ),
    "jetson": Efficiency(
        decode=_shares(0.82, 0.72, 0.6),
        prefill={ANY: 0.45},
        source=_ASSUMED,
        cache=0.8,
        layer=100 * _MICRO,
        word=5 * _NANO,
        decode_spread=0.5,
        prefill_spread=1.0,
    ),
    "x86": Efficiency(
        decode=_shares(0.67, 0.64, 0.63),
        prefill={ANY: 0.22, "F16": 0.15, "BF16": 0.1, **dict.fromkeys(_LOW, 0.16)},
        source=_REPORTS,
        cache=0.7,
        layer=24 * _MICRO,
        word=3 * _NANO,
        decode_spread=0.6,
        prefill_spread=0.8,
    ),
    "server": Efficiency(
        decode=_shares(0.45, 0.43, 0.4),
        prefill={ANY: 0.15, "F16": 0.1},
        source=_ASSUMED,
        cache=0.4,
        layer=60 * _MICRO,
        word=4 * _NANO,
        decode_spread=0.6,
        prefill_spread=1.0,
    ),
    "arm": Efficiency(
        decode=_shares(0.52, 0.45, 0.4),
        prefill={ANY: 0.25, "F16": 0.15},
        source=_ASSUMED,
        cache=0.4,
        layer=60 * _MICRO,
        word=6 * _NANO,
        decode_spread=0.6,
        prefill_spread=1.5,
    ),
    "npu": Efficiency(
        decode=_shares(0.88, 0.88, 0.88),
        prefill={ANY: 0.2},
        source="assumed, from figures that Rockchip states of its runtime",
        cache=0.5,
        layer=200 * _MICRO,
        word=10 * _NANO,
        decode_spread=0.5,
        prefill_spread=1.0,
    ),
}
"""By class. "hbm": accelerators of data centres, whose memory one answer alone cannot keep busy."""


def reaching(usual: Efficiency, share: float) -> Efficiency:
    """Return `usual` for a processor that reaches only `share` of its memory's bandwidth."""
    factor = share / usual.decode[ANY]
    return replace(
        usual,
        decode={name: value * factor for name, value in usual.decode.items()},
        cache=usual.cache * factor,
    )
