"""What a run of the cases comes to: figures by part, and every failure with its trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from pydantic_core import to_jsonable_python

from steward.lab.evaluate.run import Result
from steward.types import Json

PARTS: Mapping[str, Callable[[Result], str]] = {
    "set": lambda result: result.case.set,
    "home": lambda result: result.case.home,
    "category": lambda result: result.case.category,
    "language": lambda result: result.case.language,
    "stage": lambda result: result.plan.stage,
}
"""The ways to part the results."""


def report(results: Sequence[Result]) -> dict[str, Json]:
    """Return the figures of `results`.

    Keys: `total`, `passed`, `wrong` (something changed that should not, or not as it should),
    `declined` (what should have changed did not, and nothing else did), `unanswered` (the home is
    right, the reply is not), `confirmed` (he asked for leave first, and got it), `p50_ms`,
    `p90_ms`, `p99_ms`, `by` (set, home, category, language, stage: the same counts for each
    value), `failures` (the trace of each).
    """
    times = [result.ms for result in results] or [0.0]
    p50, p90, p99 = (round(float(value), 2) for value in np.percentile(times, [50, 90, 99]))
    by: dict[str, Json] = {}
    for part, value_of in PARTS.items():
        groups: dict[str, list[Result]] = {}
        for result in results:
            groups.setdefault(value_of(result), []).append(result)
        by[part] = {name: counts(group) for name, group in sorted(groups.items())}
    failures = [failure(r) for r in results if r.judgement.verdict != "passed"]
    return {
        **counts(results),
        "p50_ms": p50,
        "p90_ms": p90,
        "p99_ms": p99,
        "by": by,
        "failures": failures,
    }


def counts(results: Sequence[Result]) -> dict[str, Json]:
    """Return how many of `results` ended in which way."""
    verdicts = Counter(result.judgement.verdict for result in results)
    return {
        "total": len(results),
        **{name: verdicts[name] for name in ("passed", "wrong", "declined", "unanswered")},
        "confirmed": sum(result.confirmed for result in results),
    }


def failure(result: Result) -> dict[str, Json]:
    """Return the trace of a case that did not pass."""
    case = result.case
    return {
        "home": case.home,
        "category": case.category,
        "sentence": case.sentence,
        "before": list(case.trial.before),
        "verdict": result.judgement.verdict,
        "stage": result.plan.stage,
        "confidence": result.plan.confidence,
        "plan": to_jsonable_python(result.plan.body),
        "reply": result.reply,
        "expected": result.judgement.expected,
        "actual": result.judgement.actual,
        "expected_response": list(case.trial.expect_response),
    }
