"""The threshold of confidence: how many acts are wrong above each, and how many there are.

    python bench/risk.py                                   the held-out homes
    python bench/risk.py tests/golden/homes/dev --every 4  others: printed, not published

An act is a plan that changes something, whether he asked for leave first or not; it is wrong when
anything but what was wanted changed. Thresholds are tried from the strictest down, and the first
that fails ends the search, so that the confidence of 95% holds for the one that is chosen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt

from results import publish, table
from sets import asked
from steward.config import Config
from steward.home.services.table import capabilities
from steward.lab.evaluate.run import Result, run
from steward.lab.tiers.certify import upper
from steward.types import Calls, Question, Risk

LIMIT = 0.01
"""The share of wrong acts that is borne, at most, with 95% confidence."""
STEPS = tuple(percent / 100 for percent in range(95, 45, -5))
"""The thresholds that are tried; fixed before any data, so that none is chosen for its luck."""
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "risk_coverage.png"
READS = {each.name for each in capabilities() if each.risk is Risk.READ} | {
    *("clock.time", "clock.date", "timers.status", "schedule.list"),
}


@dataclass(frozen=True)
class Level:
    """What a threshold leaves: `acts`, the `wrong` ones of them, and the bound of their share."""

    threshold: float
    acts: int
    wrong: int

    @property
    def bound(self) -> float:
        """The share of wrong acts is below this with 95% confidence."""
        return upper(self.wrong, self.acts)


def acts(results: Sequence[Result]) -> list[tuple[float, bool]]:
    """Return the confidence of every act, and whether it was wrong."""
    return [
        (result.plan.confidence, result.judgement.verdict == "wrong")
        for result in results
        if isinstance(result.plan.body, Calls | Question)
        and any(call.capability not in READS for call in result.plan.body.calls)
    ]


def levels(found: Sequence[tuple[float, bool]], thresholds: Sequence[float]) -> list[Level]:
    """Return what each of `thresholds` leaves."""
    return [
        Level(
            threshold,
            sum(sure >= threshold for sure, _ in found),
            sum(wrong for sure, wrong in found if sure >= threshold),
        )
        for threshold in thresholds
    ]


def choose(tried: Sequence[Level]) -> Level | None:
    """Return the last of `tried`, from the strictest on, before the first that fails the limit."""
    chosen = None
    for level in tried:
        if level.bound > LIMIT:
            break
        chosen = level
    return chosen


def picture(curve: Sequence[Level], chosen: Level | None, total: int, path: Path) -> None:
    """Draw risk against coverage into `path`."""
    figure, axes = plt.subplots(figsize=(7.2, 4.2), dpi=160)
    shares = [100 * level.acts / total for level in curve]
    bounds = [100 * level.bound for level in curve]
    axes.fill_between(shares, bounds, color="#3b6ea5", alpha=0.15, linewidth=0)
    axes.plot(shares, bounds, color="#3b6ea5", linewidth=1, alpha=0.6, label="95% bound")
    risks = [100 * level.wrong / level.acts for level in curve]
    axes.plot(shares, risks, color="#1d3f66", marker="o", markersize=3, label="measured")
    axes.axhline(100 * LIMIT, color="#b03a2e", linestyle=(0, (5, 4)), linewidth=1)
    axes.annotate(
        "limit", (0.5, 100 * LIMIT), xytext=(0, 3), textcoords="offset points", c="#b03a2e"
    )
    if chosen is not None:
        axes.plot(100 * chosen.acts / total, 100 * chosen.bound, "o", color="#b03a2e", markersize=7)
        axes.annotate(
            f"confidence ≥ {chosen.threshold:.2f}",
            (100 * chosen.acts / total, 100 * chosen.bound),
            xytext=(-8, -14),
            textcoords="offset points",
            ha="right",
        )
    axes.set(xlabel="acted on, % of all sentences", ylabel="wrong, % of acts", xlim=(0, None))
    axes.set_ylim(0, 3 * 100 * LIMIT)
    axes.set_title("Risk against coverage", loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25, linewidth=0.6)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, 0.97))
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def main() -> None:
    """Run a set, choose the threshold, and print or publish."""
    cases, published = asked(__doc__)
    results = asyncio.run(run(Config(), cases, lambda _: None))
    found = acts(results)
    tried = levels(found, STEPS)
    chosen = choose(tried)
    curve = levels(found, sorted({sure for sure, _ in found}, reverse=True))
    rows = [
        (
            f"{level.threshold:.2f}",
            level.acts,
            f"{100 * level.acts / len(cases):.1f}",
            level.wrong,
            f"{100 * level.bound:.2f}",
        )
        for level in tried
    ]
    heads = ("confidence from", "acts", "% of sentences", "wrong", "wrong %, at most (95%)")
    kept = (
        f"Wrong acts stay below {100 * LIMIT:.0f}% from a confidence of {chosen.threshold:.2f} on."
        if chosen
        else f"No threshold keeps wrong acts below {100 * LIMIT:.0f}%."
    )
    body = f"{table(heads, rows)}\n\n{kept}"
    if not published:
        print(body)
        picture(curve, chosen, len(cases), Path("/tmp/risk_coverage.png"))
        return
    picture(curve, chosen, len(cases), PICTURE)
    data = {
        "sentences": len(cases),
        "threshold": chosen.threshold if chosen else None,
        "levels": [(level.threshold, level.acts, level.wrong, level.bound) for level in curve],
    }
    image = "![Risk against coverage](../docs/images/risk_coverage.png)"
    publish("risk", "The threshold of confidence", data, f"{body}\n\n{image}")


if __name__ == "__main__":
    main()
