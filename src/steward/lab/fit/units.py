"""Numbers with SI prefixes: read as people type them, written as people read them."""

from __future__ import annotations

import re

from steward.errors import UserError

_STEPS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_NUMBER = re.compile(r"(\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?)\s*([kKmMgGbBtTpPeE]?)", re.ASCII)
_LARGEST = 1e30
_PREFIXES = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")


def number(text: str) -> float:
    """Return the positive number in "175e9", "175B", "3.5 M" or "20k"; B are billions.

    Raises:
        UserError: it is none, or beyond 1e30.
    """
    found = _NUMBER.fullmatch(text.strip().replace(",", ""))
    prefix = found and (found[2].lower() if found[2] in "kK" else found[2].upper())
    value = float(found[1]) * _STEPS[prefix or ""] if found else 0.0
    if not 0 < value <= _LARGEST:
        raise UserError(f"{text!r} is no such number", hint="write it as 175e9 or as 175B, say")
    return value


def written(value: float, unit: str = "", digits: int = 3) -> str:
    """Return `value` as text, "1.23 GB" or "45.6 TFLOP/s", to so many significant digits."""
    step = 0
    while step < len(_PREFIXES) - 1 and float(f"{abs(value):.{digits}g}") >= 1000:
        value, step = value / 1000, step + 1
    shown = f"{value:.{digits}g}"
    return f"{shown} {_PREFIXES[step]}{unit}".rstrip()


def rounded(value: float) -> str:
    """Return a figure of which two digits are known: "3.4", "27", "412"."""
    return f"{value:.2g}" if value < 99.5 else f"{value:.0f}"


def parameters(count: float) -> str:
    """Return a number of parameters as the names of models have it: "135M", "1.71B"."""
    return written(count).replace(" ", "").replace("G", "B")
