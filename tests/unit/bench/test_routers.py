"""The figures of routing, and what is read of RouteLLM's published files."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest
from scipy.stats import mannwhitneyu  # type: ignore[import-untyped]

from routers import STRONG, WEAK, auroc, compact, routed, splits
from steward.lab.tiers.rows import Row


def test_auroc_is_the_share_of_pairs_that_stand_right() -> None:
    draw = random.Random(2)
    values = [draw.randint(0, 20) / 20 for _ in range(200)]
    good = [draw.random() < 0.3 for _ in values]
    right = [v for v, is_good in zip(values, good, strict=True) if is_good]
    wrong = [v for v, is_good in zip(values, good, strict=True) if not is_good]
    expected = mannwhitneyu(right, wrong).statistic / (len(right) * len(wrong))
    assert auroc(values, good) == pytest.approx(expected)


def test_what_is_certified_on_a_half_is_looked_at_on_the_other() -> None:
    draw = random.Random(3)
    scores = [draw.random() for _ in range(600)]
    rows = [Row("en", at, float(draw.random() < at**0.2), 1.0) for at in scores]
    found = splits(rows)["0.2"]
    assert found["certified"] > 90
    assert found["held"] >= 95
    assert 0 < found["worse"] < 0.2
    assert found["kept"] > 0.3


def test_routellms_files_become_lines_without_what_it_was_trained_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, prompts in (
        ("mmlu/responses/mmlu_law.csv", "abc"),
        ("gsm8k/gsm8k_responses.csv", "d"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["prompt", STRONG, WEAK])
            writer.writerows([prompt, "True", str(prompt in "ad")] for prompt in prompts)
    lines(tmp_path / "mmlu/contaminated_prompts.jsonl", [{"eval_prompt": "c"}])
    lines(tmp_path / "mt_bench/question.jsonl", [{"question_id": 81, "turns": ["x", "y"]}])
    marks = [(WEAK, 4), (WEAK, 6), (STRONG, 9)]
    judged = [{"question_id": 81, "model": name, "score": mark} for name, mark in marks]
    lines(tmp_path / "mt_bench/judgements.jsonl", judged)
    compact(tmp_path, tmp_path / "out.jsonl")
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(each["task"], each["local"], each["big"]) for each in found] == [
        ("mmlu", 1.0, 1.0),
        ("mmlu", 0.0, 1.0),
        ("gsm8k", 1.0, 1.0),
        ("mt-bench", 5.0, 9.0),
    ]
    assert "mmlu: 2 questions, weak 0.500, strong 1.000" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="none of RouteLLM"):
        compact(tmp_path / "mmlu", None)


def test_a_guess_recovers_half_on_average() -> None:
    draw = random.Random(4)
    rows = [Row("en", draw.random(), float(draw.random() < 0.4), 1.0) for _ in range(5000)]
    assert routed(rows)["apgr"] == pytest.approx(0.5, abs=0.03)


def lines(path: Path, rows: list[dict[str, object]]) -> None:
    """Write `rows` as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
