"""The ways to run a model that are worth measuring."""

from __future__ import annotations

from dataclasses import replace

from steward.models.profile import Profile
from steward.thinking import CacheType

PLAIN = "llama.cpp's defaults"


def candidates(cores: int, heads: str = "", draft: str = "") -> dict[str, Profile]:
    """Return what to measure on a machine with `cores` physical cores; the first is plain.

    Plain llama.cpp takes all cores and lets its threads wait without sleeping. `heads` and `draft`
    are files of trained heads and of a smaller model, if there are any.
    """
    half = max(1, cores // 2)
    found = {
        PLAIN: Profile(cores, spin=True, batch=512),
        "batches of 128": Profile(cores, spin=True),
        "threads that sleep soon": Profile(cores),
        "n-gram map": Profile(cores, scheme="ngram-map"),
        "n-gram mod": Profile(cores, scheme="ngram-mod"),
        "looking ahead": Profile(cores, ahead=True),
        "looking ahead, repeats of 3": Profile(cores, ahead=True, repeats=3),
    }
    if half < cores:
        found[f"threads: {half}"] = Profile(half)
        found[f"looking ahead, threads: {half}"] = Profile(half, ahead=True)
    ahead = Profile(cores, ahead=True)
    for sure in SURE:
        if heads:
            found[f"heads, {sure:.0%} sure"] = replace(ahead, heads=heads, sure=sure)
        if draft:
            found[f"draft model, {sure:.0%} sure"] = replace(ahead, draft=draft, sure=sure)
    return found


SURE = (0.6, 0.8)
"""The chances of being right from which heads and a draft model guess: a wrong guess costs more on
a machine that computes than on one that waits for its memory."""
CACHES: tuple[CacheType, ...] = ("q8_0", "q4_0")
"""Types of the cache that are measured and never chosen: they save memory and change the words."""
