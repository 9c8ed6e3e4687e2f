"""The devices that are known by name: `devices.toml`, and what the classes of them are like."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from steward.errors import UserError
from steward.lab.fit.device import Device
from steward.lab.fit.efficiency import EFFICIENCIES, reaching

_GB = 10**9
_TERA = 1e12
_KINDS = {
    "arm": "cpu",
    "x86": "cpu",
    "server": "cpu",
    "apple": "unified",
    "igpu": "unified",
    "jetson": "unified",
    "cuda": "gpu",
    "hbm": "gpu",
    "amd": "gpu",
    "arc": "gpu",
    "npu": "npu",
}
_NUMBERS = ("fp32", "fp16", "bf16", "int8")
_NOISE = re.compile(
    r"\((?:r|tm)\)|macbook (?:pro|air)|mac (?:studio|mini|pro)|\b(?:nvidia|geforce|apple|amd|"
    r"radeon|intel|qualcomm|mediatek|raspberry|google|tesla|the|gpu|cpu|core|processor|chip|with)\b"
)
_FIXED = re.compile(r"(\d+) ?(?:gpu )?(?:-core|cores?)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(?:gb|gib|g)\b")
_NEAR = 3
_LONGEST = 100


def devices() -> tuple[Device, ...]:
    """Return every device, each with the largest memory that it is sold with."""
    return tuple(device for device, _ in _catalogue())


def find(name: str) -> Device:
    """Return the device that somebody means by `name`: "rtx 3060", "M2 Max", "pi 5 8GB".

    A size at the end chooses among the memories that it is sold with; the largest otherwise.

    Raises:
        UserError: there is none of that name, or none with that much memory.
    """
    known = _names()
    key = _key(name)
    if key in known:
        return known[key][0]
    size = None
    if asked := list(_SIZE.finditer(name.casefold())):
        size = float(asked[-1][1])
        key = _key(_SIZE.sub(" ", name.casefold()))
    if size is None or key not in known:
        near = difflib.get_close_matches(key, known, n=_NEAR, cutoff=0.5)
        names = ", ".join(dict.fromkeys(known[other][0].name for other in near))
        raise UserError(
            f"no device is known as {name!r:.60}",
            hint=(f"did you mean {names}? Or " if names else "")
            + "say what it has: --bandwidth 68GB/s --memory 8GB",
        )
    device, sizes = known[key]
    if size not in sizes:
        sold = ", ".join(f"{other:g} GB" for other in sizes)
        raise UserError(
            f"{device.name} is not known with {size:g} GB",
            hint=f"it has {sold}; or say what yours has: --bandwidth … --memory {size:g}GB",
        )
    return replace(device, memory=round(size * _GB))


@cache
def _names() -> Mapping[str, tuple[Device, tuple[float, ...]]]:
    names = {}
    for device, sizes in _catalogue():
        # The chip with all its cores has none in its name, but people say it with them.
        whole = f"{device.name} {device.cores}-core"
        for name in (device.name, whole, *device.aliases):
            names[_key(name)] = device, sizes
    return names


def _key(name: str) -> str:
    """Return a name without its maker, its punctuation, and the spaces in "RTX 3060" or "pi5"."""
    folded = _FIXED.sub(r" \1cores ", name.casefold()[:_LONGEST])
    return re.sub(r"[^a-z0-9+.]", "", _NOISE.sub(" ", folded))


@cache
def _catalogue() -> tuple[tuple[Device, tuple[float, ...]], ...]:
    text = resources.files(__package__).joinpath("devices.toml").read_text(encoding="utf-8")
    return tuple(_read(tomllib.loads(text)["group"]))


def _read(groups: list[dict[str, Any]]) -> Iterator[tuple[Device, tuple[float, ...]]]:
    for group in groups:
        usual = EFFICIENCIES[group["class"]]
        for entry in group["devices"]:
            sizes = tuple(entry["memory"])
            reached = entry.get("share")
            yield (
                Device(
                    name=entry["name"],
                    kind=_KINDS[group["class"]],
                    bandwidth=entry["bandwidth"] * _GB,
                    memory=round(max(sizes) * _GB),
                    flops={kind: entry[kind] * _TERA for kind in _NUMBERS if kind in entry},
                    source=group["source"],
                    efficiency=usual if reached is None else reaching(usual, reached),
                    cores=entry.get("cores", 1),
                    power=entry.get("watts"),
                    price=entry.get("price"),
                    aliases=tuple(entry.get("aliases", ())),
                ),
                sizes,
            )
