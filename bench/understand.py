"""How often the butler is right on homes that nobody built with.

Beside it, in the same run: how many of the same sentences plain `hassil` recognises at all, with
the packaged templates and this home's names.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from hassil.intents import Intents, SlotList, TextSlotList
from hassil.recognize import recognize
from home_assistant_intents import get_intents

from results import percentiles, publish, table
from steward.config import Config
from steward.lab.evaluate.cases import Case, read_sets
from steward.lab.evaluate.report import report
from steward.lab.evaluate.run import run
from steward.types import Json, World

HELD_OUT = Path(__file__).parents[1] / "tests" / "golden" / "homes" / "heldout"
LANGUAGES = {"en": "en", "zh": "zh-CN"}
COUNTS = ("total", "passed", "wrong", "declined", "unanswered")


def upper_bound(hits: int, trials: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided upper bound of a share (Clopper and Pearson, 1934)."""
    low, high = hits / trials, 1.0
    for _ in range(60):
        share = (low + high) / 2
        log = [math.log(share), math.log1p(-share)] if 0 < share < 1 else [-math.inf, -math.inf]
        cdf = math.fsum(
            math.exp(
                math.lgamma(trials + 1)
                - math.lgamma(k + 1)
                - math.lgamma(trials - k + 1)
                + k * log[0]
                + (trials - k) * log[1]
            )
            for k in range(hits + 1)
        )
        low, high = (share, high) if cdf > 1 - confidence else (low, share)
    return high


@cache
def packaged(language: str) -> Intents:
    """Return the packaged templates of a language."""
    return Intents.from_dict(get_intents(LANGUAGES[language]) or {})


def names(world: World) -> dict[str, SlotList]:
    """Return the names of a home as hassil takes them."""
    return {
        "name": TextSlotList.from_tuples(
            (name, entity.id, {"domain": entity.domain})
            for entity in world.entities
            for name in (entity.name, *entity.aliases)
        ),
        "area": TextSlotList.from_tuples(
            (name, area.id, {}) for area in world.areas for name in (area.name, *area.aliases)
        ),
        "floor": TextSlotList.from_tuples(
            (name, floor.id, {}) for floor in world.floors for name in (floor.name, *floor.aliases)
        ),
    }


def peer(cases: Sequence[Case]) -> dict[str, Json]:
    """Return how many of `cases` plain hassil recognises, and how fast."""
    recognised, times = 0, []
    for case in cases:
        lists = names(case.world)
        began = time.perf_counter()
        found = recognize(case.sentence, packaged(case.language), slot_lists=lists)
        times.append((time.perf_counter() - began) * 1000)
        recognised += found is not None
    return {"total": len(cases), "recognised": recognised, **percentiles(times)}


def row(name: str, counts: Json) -> tuple[object, ...]:
    """Return a row of the table."""
    assert isinstance(counts, dict)
    total, passed, wrong, declined, unanswered = (int(str(counts[key])) for key in COUNTS)
    return (name, total, f"{100 * passed / total:.1f}", wrong, declined, unanswered)


def main() -> None:
    """Run the held-out homes and the peer, and write the results."""
    cases = read_sets([HELD_OUT])
    found = report(asyncio.run(run(Config(), cases, lambda _: None)))
    by = found["by"]
    assert isinstance(by, dict)
    wrong, total = int(str(found["wrong"])), int(str(found["total"]))
    bound = upper_bound(wrong, total)
    beside = peer(cases)
    # Whoever read the failures of the held-out homes would no longer hold them out.
    shown = {key: value for key, value in found.items() if key != "failures"}
    data = {**shown, "wrong_upper_bound_95": round(bound, 4), "peer_hassil": beside}
    rows = [row("**all**", found)]
    for part in ("language", "home", "category", "stage"):
        groups = by[part]
        assert isinstance(groups, dict)
        rows += [row(f"{part}: {key}", counts) for key, counts in groups.items()]
    body = [
        table(("", "sentences", "right %", "wrong", "declined", "answered amiss"), rows),
        "",
        f"- wrong acts: {wrong} of {total}, at most {100 * bound:.2f}% with 95% confidence",
        f"- p50 {found['p50_ms']} ms, p90 {found['p90_ms']} ms, p99 {found['p99_ms']} ms",
        f"- plain hassil recognises {beside['recognised']} of {total}, p50 {beside['p50']} ms",
    ]
    publish("understand", "Understanding of held-out homes", data, "\n".join(body))


if __name__ == "__main__":
    main()
