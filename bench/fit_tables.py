"""Predictions of decode speed against the published tables, for devices that were not fitted to.

    python bench/fit_tables.py

The constants are fitted on a random half of the devices and tested on the other half, 200 times.
Source of the tables: llama.cpp's discussion 4167 (https://github.com/ggml-org/llama.cpp), and
users' reports collected by llmfit (https://github.com/AlexsJones/llmfit, MIT).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fit_model import Floats, fitted, group, predicted
from fit_reports import Point, apple, reports
from results import publish, table
from steward.lab.fit.device import ANY

SPLITS = 200
_MIDDLE = "median_of_a_split"
GENERIC = np.array([1.25, 1.25, 1.25, 1.25, 30.0, 3.0])
"""What is thought of any device before there are measurements: four fifths of the bandwidth."""
_LIGHT, _POOL, _CLASS = 0.01, 4.0, 12.0
_PICTURE = Path(__file__).parent.parent / "docs" / "images" / "fit_tables.png"
_NAMES = {"Q4_K_M": "Q4_K"}


def main() -> None:
    """Fit, test, draw, and write the results."""
    chips, (users, left) = apple(), reports()
    of_chips = split(chips, lambda fit, test: predicted(test, fitted(fit, GENERIC, _LIGHT)))
    of_users = split(users, by_class)
    now = {"apple": errors(chips, shipped(chips)), "users": errors(users, shipped(users))}
    data = {
        "apple": {
            "points": len(chips),
            "devices": len(devices(chips)),
            **of_chips,
            "prefill": prefill(chips),
        },
        "users": {
            "points": len(users),
            "devices": len(devices(users)),
            "left_out": left,
            **of_users,
            "noise": noise(users),
            "with_impossible_ones": split(reports(possible=False)[0], by_class),
        },
        "with_the_constants_in_the_code": {name: rates(e) for name, e in now.items()},
    }
    draw(chips, users)
    publish("fit_tables", "Decode speed of devices that are not at hand", data, words(data))


def devices(points: Sequence[Point]) -> list[str]:
    """Return the names of the devices, sorted."""
    return sorted({p.device.name for p in points})


def split(
    points: Sequence[Point],
    predict: Callable[[list[Point], list[Point]], Floats],
    times: int = SPLITS,
) -> dict[str, object]:
    """Fit on half of the devices and test on the others; errors over many random halves."""
    names, rng = devices(points), np.random.default_rng(0)
    medians, every = [], []
    for _ in range(times):
        half = set(rng.permutation(names)[: len(names) // 2])
        fit = [p for p in points if p.device.name in half]
        test = [p for p in points if p.device.name not in half]
        found = errors(test, predict(fit, test))
        medians.append(float(np.median(found)))
        every.extend(found)
    low, middle, high = np.quantile(medians, [0.1, 0.5, 0.9])
    return {
        _MIDDLE: round(float(middle), 4),
        "best_tenth": round(float(low), 4),
        "worst_tenth": round(float(high), 4),
        "splits_below_10%": round(float(np.mean(np.array(medians) < 0.10)), 3),
        "splits_below_25%": round(float(np.mean(np.array(medians) < 0.25)), 3),
        **rates(every),
    }


def prefill(points: Sequence[Point]) -> dict[str, float]:
    """Predict prompts of 512 tokens from the peak arithmetic, a share for each packing.

    Only of M1 and M2: the peaks of later chips are not published.
    """
    known = [p for p in points if p.device.name.startswith(("Apple M1", "Apple M2"))]
    names, rng = devices(known), np.random.default_rng(0)
    found: list[float] = []
    for _ in range(SPLITS):
        half = set(rng.permutation(names)[: len(names) // 2])
        for one in {p.kind for p in known}:
            shares = [
                (p.device.name in half, p.prefill / p.device.arithmetic())
                for p in known
                if p.kind == one
            ]
            middle = float(np.median([share for fit, share in shares if fit]))
            found += [abs(middle / share - 1) for fit, share in shares if not fit]
    return rates(found)


def by_class(fit: list[Point], test: list[Point]) -> Floats:
    """Predict each class from its own fitted devices, where there are any, and from all others."""
    pool = fitted(fit, GENERIC, _POOL)
    said = np.zeros(len(test))
    kinds = np.array([kind(p) for p in test])
    for one in set(kinds):
        found = fitted([p for p in fit if kind(p) == one], pool, _CLASS)
        chosen = [p for p in test if kind(p) == one]
        said[kinds == one] = predicted(chosen, found)
    return said


def kind(point: Point) -> str:
    """Return the class of a device: its kind, and whose drivers run it."""
    return f"{point.device.kind} {point.device.name.split()[0]}".replace("T4", "RTX")


def shipped(points: Sequence[Point]) -> Floats:
    """Predict with the constants in the code."""
    seconds = []
    for p in points:
        known, load = p.device.efficiency, p.load
        first = {"k": "Q4_K", "low": "Q2_K"}.get(group(p.kind), ANY)
        share = known.decode.get(_NAMES.get(p.kind, p.kind), known.decode[first])
        seconds.append(
            load.bytes / (share * p.device.bandwidth)
            + load.cache / (known.cache * p.device.bandwidth)
            + load.layers * known.layer
            + load.vocabulary * known.word
            + known.token
        )
    return np.asarray(1 / np.array(seconds))


def errors(points: Sequence[Point], said: Floats) -> list[float]:
    """Return the relative errors."""
    return [abs(float(s) / p.decode - 1) for p, s in zip(points, said, strict=True)]


def rates(found: Sequence[float]) -> dict[str, float]:
    """Return median and ninth decile."""
    middle, ninth = np.quantile(found, [0.5, 0.9])
    return {"median": round(float(middle), 4), "p90": round(float(ninth), 4)}


def noise(points: Sequence[Point]) -> dict[str, float]:
    """Return how far reports of the same device, model and packing lie from their own median."""
    same = defaultdict(list)
    for p in points:
        same[(p.device.name, p.model, p.kind)].append(p.decode)
    many = [speeds for speeds in same.values() if len(speeds) > 1]
    spread = [max(speeds) / min(speeds) - 1 for speeds in many]
    off = [abs(s / float(np.median(speeds)) - 1) for speeds in many for s in speeds]
    return {
        "reported_more_than_once": len(many),
        "fastest_above_slowest_median": round(float(np.median(spread)), 3),
        "fastest_above_slowest_p90": round(float(np.quantile(spread, 0.9)), 3),
        "off_their_median_p90": round(float(np.quantile(off, 0.9)), 3),
    }


def draw(chips: Sequence[Point], users: Sequence[Point]) -> None:
    """Draw predictions of the constants in the code against what was reported."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, plots = pyplot.subplots(1, 2, figsize=(11, 5))
    for plot, points, title in zip(
        plots, (chips, users), ("Apple silicon, Llama 2 7B", "Users' reports"), strict=True
    ):
        names = [kind(p) for p in points]
        said, told = shipped(points), np.array([p.decode for p in points])
        for name in sorted(set(names)):
            chosen = np.array(names) == name
            plot.loglog(told[chosen], said[chosen], ".", alpha=0.6, label=name)
        ends = np.array([told.min() * 0.8, told.max() * 1.2])
        plot.loglog(ends, ends, color="grey", linewidth=1)
        plot.fill_between(ends, ends / 1.25, ends * 1.25, color="grey", alpha=0.15)
        plot.set(xlabel="tokens/s, reported", ylabel="tokens/s, predicted", title=title)
        plot.legend(fontsize=8)
    figure.tight_layout()
    _PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(_PICTURE, dpi=90)


def words(data: dict[str, Any]) -> str:
    """Return the results in words."""
    chips, users = data["apple"], data["users"]
    now = data["with_the_constants_in_the_code"]
    rows = []
    for name, found, key in (
        ("Apple silicon", chips, "apple"),
        ("users' reports", users, "users"),
    ):
        shown = [found[x] for x in (_MIDDLE, "worst_tenth", "median", "p90")]
        rows.append(
            [
                name,
                found["points"],
                found["devices"],
                *(f"{100 * x:.1f}%" for x in shown),
                f"{100 * now[key]['median']:.1f}%",
            ]
        )
    heads = ["table", "points", "devices", "median error (middle split)", "(worst tenth of splits)"]
    heads += ["of all points: median", "p90", "constants in the code: median"]
    left = "; ".join(f"{count} {why}" for why, count in users["left_out"].items())
    noisy = users["noise"]
    return (
        f"Fitted on a random half of the devices, tested on the other half, {SPLITS} times.\n\n"
        + table(heads, rows)
        + f"\n\nPrompts of 512 tokens on M1 and M2, from the peak arithmetic: median error "
        f"{100 * chips['prefill']['median']:.1f}%, p90 {100 * chips['prefill']['p90']:.1f}%.\n\n"
        f"Below 25% were {100 * users['splits_below_25%']:.0f}% of the splits of the users' "
        "reports (of 26 others, 25 have the RTX 3090 among the tested, and all the RTX 3060 among "
        "the fitted: the 3090 needs longer for a layer). With the reports that cannot be true, the "
        f"median error of the middle split is {100 * users['with_impossible_ones'][_MIDDLE]:.1f}%. "
        f"Of all reports, {sum(users['left_out'].values())} were left "
        f"out: {left}. Where the same device, model and packing were reported more than once "
        f"({noisy['reported_more_than_once']} times), the fastest report lies "
        f"{100 * noisy['fastest_above_slowest_median']:.0f}% above the slowest in the middle, "
        f"{100 * noisy['fastest_above_slowest_p90']:.0f}% at the ninth decile: reports hold "
        "prompts of different length, and machines that do other things. The constants in the code "
        "were fitted to all devices, so their errors are not those of unseen ones.\n\n"
        "![Predicted and reported speeds](../docs/images/fit_tables.png)"
    )


if __name__ == "__main__":
    main()
