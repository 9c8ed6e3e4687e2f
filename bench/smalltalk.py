"""How well the small-talk gate tells small talk from the rest, on the labelled set.

    python bench/smalltalk.py            print a table and the JSON, held-out half included
    python bench/smalltalk.py --fit      fit the curves and the floors on the calibration half alone

A sentence's half follows from the SHA-256 of its text, so that nobody chose it. A "bluff" is any
reply to a sentence that is not small talk. Bounds are the exact one-sided 95% upper bounds of a
binomial share (Clopper and Pearson, Biometrika 26, 1934).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import yaml

from steward.config import Config
from steward.lab.tiers.certify import upper
from steward.lazy import Lazy
from steward.models.open import open_model
from steward.models.store import Store
from steward.models.stream import PLAIN
from steward.plan.talk import smalltalk
from steward.thinking import Generation, LanguageModel, Message, Token
from steward.types import Utterance, Words

LABELLED = Path(__file__).parents[1] / "tests" / "golden" / "smalltalk.yaml"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A labelled sentence: `friendly` is small talk, `held` is in the held-out half."""

    text: str
    language: str
    category: str
    friendly: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What the gate made of a sentence, in `ms`."""

    sentence: Sentence
    odds: float
    replied: bool
    confidence: float
    ms: float

    @property
    def right(self) -> bool:
        """Whether the reply, if there is one, is of the wanted kind."""
        kind = smalltalk.kind_of(smalltalk.normal(self.sentence.text), self.sentence.language)
        return kind == self.sentence.category

    @property
    def asked(self) -> bool:
        """Whether the stage puts the sentence to the model at all."""
        return smalltalk.may_be(smalltalk.normal(self.sentence.text), self.sentence.language)


def labelled() -> list[Sentence]:
    """Read the labelled set."""
    data = yaml.safe_load(LABELLED.read_text(encoding="utf-8"))
    return [
        Sentence(text, language, category, kind == "smalltalk", half(text))
        for kind, languages in data.items()
        for language, categories in languages.items()
        for category, texts in categories.items()
        for text in texts
    ]


def half(text: str) -> bool:
    """Tell whether `text` is in the held-out half."""
    return hashlib.sha256(text.encode()).digest()[-1] % 2 == 1


class Recorder:
    """The model, remembering the last answer, so that one generation gives plan and odds both."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self.last: list[Token] = []

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Answer from the model, or again what it answered last."""
        if not self.last:
            self.last = [token async for token in self.model.generate(messages, options)]
        for token in self.last:
            yield token


async def measure(sentences: Sequence[Sentence], model: LanguageModel) -> list[Measured]:
    """Put every sentence through the stage, those of one language together: it caches the prompt.

    Odds are asked for even where the stage does not ask the model.
    """
    found = []
    for item in sorted(sentences, key=lambda one: one.language):
        begin = time.perf_counter()
        said, ready = Utterance(item.text, item.language), Lazy(partial(Recorder, model))
        plan = await smalltalk.smalltalk(said, ready.get)
        ms = (time.perf_counter() - begin) * 1000
        odds = await smalltalk.ask(smalltalk.normal(item.text), item.language, await ready.get())
        found.append(Measured(item, odds, isinstance(plan.body, Words), plan.confidence, ms))
    return found


def area(odds: np.ndarray, friendly: np.ndarray) -> float:
    """Return the area under the ROC curve: how often small talk scores above the rest."""
    yes, no = odds[friendly][:, None], odds[~friendly][None]
    return float((yes > no).mean() + 0.5 * (yes == no).mean())


def fit(features: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Fit a logistic curve by Newton's method, with Platt's smoothed targets (Platt, 1999).

    `features` has a row a sentence; the weights come back with the bias last. A ridge of 0.01 keeps
    the curve finite where the halves of a feature do not overlap.
    """
    yes, no = target.sum(), (~target).sum()
    smooth = np.where(target, (yes + 1) / (yes + 2), 1 / (no + 2))
    design = np.column_stack([features, np.ones(len(features))])
    weights = np.zeros(design.shape[1])
    ridge = 0.01 * np.eye(len(weights))
    for _ in range(100):
        share = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (share - smooth) + ridge @ weights
        bend = (design * (share * (1 - share))[:, None]).T @ design + ridge
        weights = weights - np.linalg.solve(bend, slope)
    return weights


def fitted(measured: Sequence[Measured]) -> dict[str, dict[str, float]]:
    """Fit each language's curve on the calibration half, and choose its threshold there.

    The threshold is halfway, in log-odds, between the most probable sentence that is no small talk
    and the next sentence above it: the lowest that leaves no bluff, with some air.
    """
    found = {}
    for language in ("en", "zh"):
        chosen = [one for one in measured if one.sentence.language == language and one.asked]
        rows = np.array([[one.odds] for one in chosen], dtype=float)
        friendly = np.array([one.sentence.friendly for one in chosen])
        weights = fit(rows, friendly)
        score = rows @ weights[:-1] + weights[-1]
        worst = score[~friendly].max()
        middle = (worst + score[friendly & (score > worst)].min()) / 2
        found[language] = {
            "slope": float(weights[0]),
            "bias": float(weights[1]),
            "threshold": float(1 / (1 + np.exp(-middle))),
            "coverage": float((score[friendly] > middle).mean()),
        }
    return found


def figures(measured: Sequence[Measured]) -> dict[str, float | int]:
    """Count coverage, wrong kinds and bluffs of some sentences."""
    friendly = [one for one in measured if one.sentence.friendly]
    rest = [one for one in measured if not one.sentence.friendly]
    answered = [one for one in friendly if one.replied]
    fitting = sum(one.right for one in answered)
    bluffs = sum(one.replied for one in rest)
    odds = np.array([one.odds for one in measured])
    confident = [one.confidence for one in measured if one.replied]
    return {
        "small_talk": len(friendly),
        "answered": len(answered),
        "coverage": len(answered) / len(friendly),
        "fitting": fitting,
        "asked": sum(one.asked for one in measured),
        "rest": len(rest),
        "bluffs": bluffs,
        "bluff_bound_95": upper(bluffs, len(rest)),
        "mean_confidence": sum(confident) / max(1, len(confident)),
        "area_under_roc": area(odds, np.array([one.sentence.friendly for one in measured])),
        "ms_p50": float(np.percentile([one.ms for one in measured], 50)),
        "ms_p90": float(np.percentile([one.ms for one in measured], 90)),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit on the calibration half")
    parser.add_argument("--threads", type=int, default=0, help="0 means the physical cores")
    options = parser.parse_args()
    config = Config()
    settings = config.model.model_copy(update={"threads": options.threads})
    model = open_model(settings, Store(config.paths.cache))
    sentences = [one for one in labelled() if not (options.fit and one.held)]
    measured = asyncio.run(measure(sentences, model))
    if options.fit:
        json.dump(fitted(measured), sys.stdout, indent=2)
        return
    report = {}
    for name, held in (("calibration", False), ("held_out", True)):
        for language in ("en", "zh"):
            chosen = [
                one
                for one in measured
                if one.sentence.held == held and one.sentence.language == language
            ]
            report[f"{name}_{language}"] = figures(chosen)
        report[name] = figures([one for one in measured if one.sentence.held == held])
    print("| part | small talk | answered | fitting | asked | rest | bluffs | bound | p50 ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, row in report.items():
        print(
            f"| {name} | {row['small_talk']} | {row['answered']} | {row['fitting']} |"
            f" {row['asked']} | {row['rest']} | {row['bluffs']} | {row['bluff_bound_95']:.1%} |"
            f" {row['ms_p50']:.0f} |"
        )
    missed = [one.sentence.text for one in measured if one.sentence.friendly and not one.replied]
    bluffs = [one.sentence.text for one in measured if one.replied and not one.sentence.friendly]
    whole = {"figures": report, "declined_small_talk": missed, "bluffs": bluffs}
    print(json.dumps(whole, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
