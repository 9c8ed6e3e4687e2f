"""How often the butler is right on homes that nobody built with, how fast, and in how much memory.

    python bench/understand.py                                   the held-out homes
    python bench/understand.py tests/golden/homes/dev --every 8  others: printed, not published

Beside him, in the same run and by the same judge: plain `hassil`, and the language model alone with
the whole home in its prompt. The model is slow, so it gets a fixed sample of the sentences.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt

from peers import hassil, whole_home
from results import percentiles, publish, table
from sets import asked, sample
from steward.config import Config
from steward.lab.evaluate.report import report
from steward.lab.evaluate.run import Result, run
from steward.lab.tiers.certify import upper
from steward.models.store import Store
from steward.types import Json

SAMPLE = 24
"""Sentences that the language model alone gets: a new home takes it most of a minute."""
COUNTS = ("total", "passed", "wrong", "declined", "unanswered")
COLORS = {"passed": "#3b6ea5", "declined": "#c9d3dd", "unanswered": "#e3c26b", "wrong": "#b03a2e"}
LEGEND = {"passed": "right", "unanswered": "answered amiss"}
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "understand.png"
HEADS = ("", "sentences", "right %", "wrong", "declined", "answered amiss")


def row(name: str, counts: Json) -> tuple[object, ...]:
    """Return a row of the table."""
    assert isinstance(counts, dict)
    total, passed, wrong, declined, unanswered = (int(str(counts[key])) for key in COUNTS)
    return (name, total, f"{100 * passed / total:.1f}", wrong, declined, unanswered)


def shares(results: Sequence[Result]) -> dict[str, float]:
    """Return how many ended in which way, and how long it took."""
    verdicts = Counter[str](result.judgement.verdict for result in results)
    counts = {verdict: float(verdicts[verdict]) for verdict in COLORS}
    return {"total": float(len(results)), **counts, **percentiles([each.ms for each in results])}


def compared(systems: Mapping[str, Mapping[str, float]]) -> str:
    """Return the table of the systems side by side."""
    rows = [
        (
            name,
            f"{found['total']:.0f}",
            f"{100 * found['passed'] / found['total']:.1f}",
            f"{100 * found['wrong'] / found['total']:.1f}",
            *(found[key] for key in ("p50", "p90", "p99")),
        )
        for name, found in systems.items()
    ]
    return table(("", "sentences", "right %", "wrong %", "p50 ms", "p90 ms", "p99 ms"), rows)


def picture(systems: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """Draw what became of the sentences, and how long they took, into `path`."""
    names = list(systems)[::-1]
    figure, (bars, times) = plt.subplots(
        1, 2, figsize=(9.6, 0.55 * len(names) + 1.6), dpi=160, width_ratios=(3, 2), sharey=True
    )
    left = dict.fromkeys(names, 0.0)
    for verdict, color in COLORS.items():
        widths = [100 * systems[name][verdict] / systems[name]["total"] for name in names]
        label = LEGEND.get(verdict, verdict)
        bars.barh(names, widths, left=list(left.values()), color=color, label=label, height=0.55)
        left = {name: left[name] + width for name, width in zip(names, widths, strict=True)}
    for place, name in enumerate(names):
        share = 100 * systems[name]["passed"] / systems[name]["total"]
        inside = share > 12
        bars.text(
            share - 1.5 if inside else share + 1.0,
            place,
            f"{share:.1f}%",
            ha="right" if inside else "left",
            va="center",
            color="white" if inside else "#222222",
            fontsize=9,
        )
        p50, p99 = systems[name]["p50"], systems[name]["p99"]
        times.plot([p50, p99], [place, place], color="#3b6ea5", linewidth=2)
        times.plot(p50, place, "o", color="#3b6ea5")
        times.plot(p99, place, "|", color="#3b6ea5", markersize=10, markeredgewidth=2)
    bars.set(xlim=(0, 100), xlabel="% of the sentences")
    bars.legend(frameon=False, ncols=4, loc="lower left", bbox_to_anchor=(-0.01, 1.0), fontsize=8)
    times.set(xscale="log", xlabel="ms a sentence: median ● to 99th percentile |")
    times.grid(axis="x", alpha=0.25, linewidth=0.6)
    for axes in (bars, times):
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def main() -> None:
    """Run the set and the peers, and print or publish."""
    cases, published = asked(__doc__)
    config = Config()
    results = asyncio.run(run(config, cases, lambda _: None))
    fewer = sample(cases, SAMPLE)
    alone = whole_home(config.model, Store(config.paths.cache))
    chosen = {id(case) for case in fewer}
    systems = {
        "Steward": shares(results),
        "plain hassil": shares(asyncio.run(run(config, cases, lambda _: None, [hassil]))),
        "model alone": shares(asyncio.run(run(config, fewer, lambda _: None, [alone]))),
        "Steward, same sample": shares([each for each in results if id(each.case) in chosen]),
    }
    found = report(results)
    by = found["by"]
    assert isinstance(by, dict)
    rows = [row("**all**", found)]
    for part in ("language", "home", "category", "stage"):
        groups = by[part]
        assert isinstance(groups, dict)
        rows += [row(f"{part}: {key}", counts) for key, counts in groups.items()]
    wrong, total = int(str(found["wrong"])), int(str(found["total"]))
    bound = upper(wrong, total)
    lines = [
        f"- wrong acts: {wrong} of {total}, at most {100 * bound:.2f}% with 95% confidence",
        f"- the model alone ({config.model.source}, the whole home in its prompt, held to what "
        f"the home can do) got {len(fewer)} of the sentences, evenly spread",
    ]
    body = "\n".join([compared(systems), "", *lines, "", table(HEADS, rows)])
    if not published:
        print(body)
        picture(systems, Path("/tmp/understand.png"))
        return
    picture(systems, PICTURE)
    # Whoever read the failures of the held-out homes would no longer hold them out.
    shown = {key: value for key, value in found.items() if key != "failures"}
    data = {**shown, "wrong_upper_bound_95": round(bound, 4), "systems": systems}
    image = "![Right, wrong and fast](../docs/images/understand.png)\n\n"
    publish("understand", "Understanding of held-out homes", data, image + body)


if __name__ == "__main__":
    main()
