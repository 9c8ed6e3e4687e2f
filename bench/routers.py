"""Quality against the share of answers kept on the device, and whether certificates hold.

    python bench/routers.py [--rows FILE]
    python bench/routers.py --routellm FOLDER --out FILE

The first measures with `bench/data/questions.jsonl` (`bench/questions.py` made it) how well the
score of an answer tells right from wrong, what of the gap between the local model and the bigger
machine is recovered by passing on the least sure answers (APGR and CPT as RouteLLM defines them),
and over 100 random halves whether what was certified on one half holds on the other. `--rows` takes
any file that `steward tiers calibrate` takes, and prints.

The second makes a compact file of RouteLLM's published per-question results: FOLDER is the folder
`routellm/evals` of its repository (Apache-2.0), which its package on PyPI is without. Each line has
the benchmark, a hash of the question, and how good the weak and the strong model were. They come
without anybody's confidence in an answer; `--out` is for whoever has one.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from results import publish, table
from steward.lab.tiers.certify import certify
from steward.lab.tiers.coverage import apgr, cpt, points
from steward.lab.tiers.rows import Row, read
from steward.models.confidence import isotonic, score
from steward.thinking import Token

DATA = Path(__file__).parent / "data" / "questions.jsonl"
SPLITS = 100
ALPHAS = (0.1, 0.2, 0.3, 0.4, 0.5)
WEAK, STRONG = "mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"

Signs = Mapping[str, Callable[[Sequence[Token]], float]]
SIGNS: Signs = {
    "each token against its rival (`score`)": score,
    "probability of the answer": lambda tokens: sum(t.logprob for t in tokens),
    "least likely token": lambda tokens: min(t.logprob for t in tokens),
    "narrowest margin": lambda tokens: min(_margin(t) for t in tokens),
    "mean log-probability": lambda tokens: fmean(t.logprob for t in tokens),
    "fewest tokens": lambda tokens: -len(tokens),
}


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--routellm", type=Path)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    if args.routellm:
        compact(args.routellm, args.out)
    elif args.rows:
        rows = read(args.rows)
        print(json.dumps({"curve": routed(rows), "splits": splits(rows)}, indent=2))
    else:
        measure()


def measure() -> None:
    """Measure with the questions that are kept here, and publish."""
    kept = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    answers = [[Token("", logprob, rival) for logprob, rival in each["tokens"]] for each in kept]
    right = [bool(each["right"]) for each in kept]
    rows = [
        Row("en", score(tokens), float(good), 1.0)
        for tokens, good in zip(answers, right, strict=True)
    ]
    told = [index for index, tokens in enumerate(answers) if tokens]
    signs = {
        name: auroc([sign(answers[i]) for i in told], [right[i] for i in told])
        for name, sign in SIGNS.items()
    }
    twice = [i for i in told if "agrees" in kept[i]]
    same = [bool(kept[i]["agrees"]) for i in twice]
    scores, good = [rows[i].confidence for i in twice], [right[i] for i in twice]
    halved = [s if is_same else s / 2 for s, is_same in zip(scores, same, strict=True)]
    counted = Counter(each["task"] for each in kept)
    tasks = {
        task: {
            "questions": number,
            "right": fmean(each["right"] for each in kept if each["task"] == task),
        }
        for task, number in counted.most_common()
    }
    named = [
        Row(each["task"], row.confidence, row.local, 1.0)
        for each, row in zip(kept, rows, strict=True)
    ]
    data: dict[str, object] = {
        "questions": len(rows),
        "right": fmean(right),
        "auroc": signs,
        "twice": {
            "questions": len(twice),
            "same": fmean(same),
            "auroc": auroc(scores, good),
            "auroc with agreement": auroc(halved, good),
        },
        "score": routed(rows),
        "score by task, learnt on the other half": by_task(named),
        "whoever knows all": routed([Row("en", row.local, row.local, 1.0) for row in rows]),
        "random": routed(shuffled(rows)),
        "splits": splits(rows),
        "tasks": tasks,
    }
    publish("routers", "What is kept on the device", data, body(data))


def auroc(values: Sequence[float], good: Sequence[bool]) -> float:
    """Return how often a right answer has the higher value, ties counting half."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, start = [0.0] * len(values), 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + end + 1) / 2
        start = end
    hits = sum(good)
    total = sum(rank for rank, is_good in zip(ranks, good, strict=True) if is_good)
    return (total - hits * (hits + 1) / 2) / (hits * (len(good) - hits))


def routed(rows: Sequence[Row]) -> dict[str, float | None]:
    """Return RouteLLM's figures for keeping the surest answers, and how it is with half kept."""
    curve = points(rows)
    half = next(point for point in curve if point.share >= 0.5)
    found = {"apgr": apgr(curve), "cpt50": cpt(curve, 0.5), "cpt80": cpt(curve, 0.8)}
    return {**found, "quality with half kept": half.quality, "risk with half kept": half.risk}


def shuffled(rows: Sequence[Row]) -> list[Row]:
    """Return `rows` with confidences that say nothing."""
    draw = random.Random(5)
    return [Row(row.task, draw.random(), row.local, row.big) for row in rows]


def by_task(rows: Sequence[Row]) -> dict[str, float | None]:
    """Return the figures where scores become confidences by a curve of their own task.

    The curves for one half of the questions are learnt on the other.
    """
    mixed = list(rows)
    random.Random(6).shuffle(mixed)
    halves, found = (mixed[::2], mixed[1::2]), list[Row]()
    for learnt, told in (halves, halves[::-1]):
        groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for row in learnt:
            groups[row.task].append((row.confidence, row.local))
        curves = {task: isotonic(pairs) for task, pairs in groups.items()}
        for row in told:
            sure = curves[row.task].at(row.confidence) if row.task in curves else 0.0
            # The score decides between those that the staircase does not tell apart.
            found.append(Row("en", min(1.0, sure + 1e-6 * row.confidence), row.local, row.big))
    return routed(found)


def splits(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Certify on one half and look at the other, many times, for each alpha.

    It held where no more than alpha of what would be kept of the other half is worse, or nothing
    was certified.
    """
    found: dict[str, dict[str, float]] = {}
    for alpha in ALPHAS:
        shares, risks, held, certified = [], [], 0, 0
        for seed in range(SPLITS):
            mixed = list(rows)
            random.Random(seed).shuffle(mixed)
            made = certify(mixed[::2], alpha)
            other = mixed[1::2]
            kept = [
                row
                for row in other
                if made.threshold is not None and made.curve.at(row.confidence) >= made.threshold
            ]
            certified += made.threshold is not None
            shares.append(len(kept) / len(other))
            risk = fmean(row.worse for row in kept) if kept else 0.0
            held += risk <= alpha
            if kept:
                risks.append(risk)
        found[str(alpha)] = {
            "certified": certified,
            "held": held,
            "kept": fmean(shares),
            "worse": fmean(risks) if risks else 0.0,
        }
    return found


def body(data: Mapping[str, Any]) -> str:
    """Return the section of RESULTS.md."""
    signs = table(["sign", "AUROC"], [[n, f"{v:.3f}"] for n, v in data["auroc"].items()])
    names = (
        "score",
        "score by task, learnt on the other half",
        "whoever knows all",
        "random",
    )
    ways = table(
        ["passed on are the answers with the lowest", "APGR", "CPT(50%)", "CPT(80%)"],
        [[n, *(_shown(data[n][key]) for key in ("apgr", "cpt50", "cpt80"))] for n in names],
    )
    halves = table(
        ["alpha", "halves that certify", "held on the other half", "kept", "of these worse"],
        [
            [a, f"{s['certified']} of {SPLITS}", f"{s['held']} of {SPLITS}", f"{s['kept']:.1%}",
             f"{s['worse']:.1%}" if s["certified"] else "-"]
            for a, s in data["splits"].items()
        ],
    )  # fmt: skip
    tasks = table(
        ["task", "questions", "right"],
        [[t, v["questions"], f"{v['right']:.0%}"] for t, v in data["tasks"].items()],
    )
    twice = data["twice"]
    return f"""The local model is SmolLM2-135M-Instruct (Q4_1), shown four answers of the same kind,
and answers {data["right"]:.1%} of {data["questions"]} questions rightly.
**The bigger machine is an answer key**: it is always right, which no cloud is, so that every wrong
local answer counts as worse. The questions are made of public data (countries, elements) and sums.

How well the log-probabilities of an answer tell right from wrong (0.5 for a guess):

{signs}

A second answer to {twice["questions"]} of them, decoded with temperature 0.8, was the same in
{twice["same"]:.0%}; halving the score of the others moves the AUROC from {twice["auroc"]:.3f} to
{twice["auroc with agreement"]:.3f}. It is not worth a second answer, and none is made.

Of the gap between the two, so much is recovered on average (0.5 for a guess), and so many
questions must be passed on for half and for 80% of it:

{ways}

RouteLLM prints for its best routers an APGR of 0.80 on MT Bench, 0.60 on MMLU and 0.62 on GSM8K
(Mixtral 8x7B and GPT-4; arXiv:2406.18665, tables 1 to 3, from memory: it cannot be fetched here).
**These cannot be compared**: other questions, other models, and their routers see only the
question, before anybody answers, where this one has paid for a local answer first. Their results
by question are in no package; `--routellm` reads them from a folder.

Certified on one half, looked at on the other, {SPLITS} random halves; where nothing is certified,
nothing is kept, which holds:

{halves}

The promise is about all halves. Where hardly any half can certify, those that do are the lucky
ones, and held less often: do not believe a lone certificate of a bad model.

{tasks}"""


def compact(folder: Path, out: Path | None) -> None:
    """Write RouteLLM's results as lines of ours, and print what can be said of them alone."""
    lines = [*_correct(folder, "mmlu", "mmlu/responses/mmlu_*.csv"),
             *_correct(folder, "gsm8k", "gsm8k/gsm8k_responses.csv"),
             *_judged(folder)]  # fmt: skip
    if not lines:
        raise SystemExit(f"{folder} has none of RouteLLM's results: name its folder routellm/evals")
    for name in dict.fromkeys(line["task"] for line in lines):
        of = [line for line in lines if line["task"] == name]
        best = [
            Row(name, 1 / (1 + max(0.0, x["big"] - x["local"])), x["local"], x["big"]) for x in of
        ]
        weak, strong = fmean(x["local"] for x in of), fmean(x["big"] for x in of)
        print(f"{name}: {len(of)} questions, weak {weak:.3f}, strong {strong:.3f}, "
              f"APGR of whoever knows all {_shown(apgr(points(best)))}")  # fmt: skip
    if out:
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        out.write_text(text, encoding="utf-8")


def _correct(folder: Path, task: str, pattern: str) -> Iterator[dict[str, Any]]:
    spoilt = _contaminated(folder / task)
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["prompt"] not in spoilt:
                    good = [float(row[name].strip() == "True") for name in (WEAK, STRONG)]
                    yield _line(task, row["prompt"], *good)


def _judged(folder: Path) -> Iterator[dict[str, Any]]:
    marks: dict[tuple[int, str], list[float]] = defaultdict(list)
    for each in _lines(folder / "mt_bench" / "judgements.jsonl"):
        marks[each["question_id"], each["model"]].append(float(each["score"]))
    spoilt = _contaminated(folder / "mt_bench")
    for each in _lines(folder / "mt_bench" / "question.jsonl"):
        pair = [marks.get((each["question_id"], name)) for name in (WEAK, STRONG)]
        if not spoilt.intersection(each["turns"]) and pair[0] and pair[1]:
            yield _line("mt-bench", each["turns"][0], fmean(pair[0]), fmean(pair[1]))


def _contaminated(folder: Path) -> set[str]:
    return {each["eval_prompt"] for each in _lines(folder / "contaminated_prompts.jsonl")}


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _line(task: str, prompt: str, weak: float, strong: float) -> dict[str, Any]:
    known = hashlib.sha256(prompt.encode()).hexdigest()[:12]
    return {"task": task, "question": known, "local": weak, "big": strong}


def _margin(token: Token) -> float:
    return math.inf if token.rival is None else token.logprob - token.rival


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
