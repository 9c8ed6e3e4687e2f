"""What redaction finds: recall and precision by kind, beside plain Presidio, in one run.

    python bench/redact.py            the held-out halves: published
    python bench/redact.py --built    the halves that the recognisers were built with: printed

Needs the extra `redact` and `steward setup --with en-core-web-sm`. A piece of personal data is
recalled when every letter and digit of it was found as its kind, and hidden when they were found
as anything. A find is right when at least half of its letters and digits are personal data of its
kind.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from corpus.personal import Sample, chinese, public
from results import busy, publish, table
from steward.config import Paths
from steward.models.redact import Recognisers, Restorer, Vault, redact, restore
from steward.models.redaction import lexicon
from steward.models.redaction.presidio import WEIGHTS
from steward.models.store import Store

LOCATION = {"ADDRESS", "PLACE", "LOCATION"}
MEANT: dict[str, set[str]] = {
    "PERSON": {"PERSON"},
    "STREET_ADDRESS": LOCATION,
    "ZIP_CODE": LOCATION,
    "ADDRESS": LOCATION,
    "GPE": LOCATION,
    "ORGANIZATION": {"ORGANIZATION"},
    "COMPANY": {"ORGANIZATION"},
    "CREDIT_CARD": {"CREDIT_CARD", "CARD"},
    "CARD": {"CREDIT_CARD", "CARD"},
    "PHONE_NUMBER": {"PHONE_NUMBER", "PHONE"},
    "PHONE": {"PHONE_NUMBER", "PHONE"},
    "IBAN_CODE": {"IBAN_CODE", "IBAN"},
    "EMAIL_ADDRESS": {"EMAIL_ADDRESS", "EMAIL"},
    "EMAIL": {"EMAIL_ADDRESS", "EMAIL"},
    "DOMAIN_NAME": {"URL"},
    "IP_ADDRESS": {"IP_ADDRESS", "IP"},
    "US_SSN": {"US_SSN", "SSN"},
    "US_DRIVER_LICENSE": {"US_DRIVER_LICENSE", "LICENCE"},
    "DATE_TIME": {"DATE_TIME", "DATE"},
    "BIRTH": {"DATE_TIME", "DATE"},
    "AGE": {"AGE", "DATE_TIME"},
    "NRP": {"NRP", "GROUP"},
    "ID": {"ID"},
    "PASSPORT": {"PASSPORT"},
    "PLATE": {"PLATE"},
    "WECHAT": {"ACCOUNT"},
}
"""Which finds, Presidio's or ours, are right for what the sets call something. A title ("Mrs.",
"Midwife") names nobody: neither Presidio nor we look for any, and none is counted."""
Finder = Callable[[str], list[tuple[int, int, str]]]


@dataclass
class Score:
    """Counts by kind."""

    personal: Counter[str] = field(default_factory=Counter)
    recalled: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    strangers: int = 0
    """People of whose names no word is in the lexicon."""
    met: int = 0
    """Those of them that were recalled."""
    clean: int = 0
    """Sentences with nothing personal in them."""
    altered: int = 0
    milliseconds: float = 0.0


def scored(samples: Sequence[Sample], find: Finder) -> Score:
    """Let `find` look at every sample, and count."""
    score = Score()
    begin = time.perf_counter()
    finds = [find(sample.text) for sample in samples]
    score.milliseconds = 1000 * (time.perf_counter() - begin) / len(samples)
    for sample, found in zip(samples, finds, strict=True):
        _count(score, sample, found)
    return score


def _count(score: Score, sample: Sample, found: list[tuple[int, int, str]]) -> None:
    words = lexicon.read()
    kinds: dict[int, set[str]] = {}
    for start, end, kind in found:
        for at in range(start, end):
            kinds.setdefault(at, set()).add(kind)
    meant: dict[int, set[str]] = {}
    for gold in sample.gold:
        right = MEANT.get(gold.kind)
        places = [at for at in range(gold.start, gold.end) if sample.text[at].isalnum()]
        meant |= dict.fromkeys(places, right or {"TITLE"})
        if right is None:
            continue
        recalled = all(kinds.get(at, set()) & right for at in places)
        score.personal[gold.kind] += 1
        score.recalled[gold.kind] += recalled
        score.hidden[gold.kind] += all(at in kinds for at in places)
        name = re.findall(r"[^\W\d_]{2,}", sample.text[gold.start : gold.end].casefold())
        if gold.kind == "PERSON" and not words.given.union(words.family).intersection(name):
            score.strangers += 1
            score.met += recalled
    for start, end, kind in found:
        places = [at for at in range(start, end) if sample.text[at].isalnum()]
        good = sum(kind in meant.get(at, set()) for at in places)
        score.found[kind] += 1
        score.right[kind] += 2 * good >= len(places)
    if not sample.gold:
        score.clean += 1
        score.altered += bool(found)


def plain_presidio(network: Path) -> Finder:
    """Presidio as it comes, with spaCy's small English network; kept from asking the network."""
    import spacy

    offline = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    for name in ("TLD_EXTRACTOR", "extract"):
        setattr(tldextract.tldextract, name, offline)
    tldextract.__dict__["extract"] = offline
    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": str(network)}])
    setattr(engine, "nlp", {"en": spacy.load(network)})  # noqa: B010 - declared as always None
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return lambda text: [
        (found.start, found.end, found.entity_type)
        for found in analyzer.analyze(text, language="en")
    ]


def ours(recognisers: Recognisers) -> Finder:
    """Steward's recognisers as a finder."""
    return lambda text: [(span.start, span.end, span.kind.value) for span in recognisers.find(text)]


def round_trips(samples: Sequence[Sample], recognisers: Recognisers) -> dict[str, int]:
    """Redact and restore every sample, in conversations of ten, whole and in pieces of seven."""
    sendable = whole = pieces = 0
    vault = Vault()
    for number, sample in enumerate(samples):
        vault = Vault() if number % 10 == 0 else vault
        out = redact(sample.text, vault, recognisers)
        if out.blocked:
            continue
        sent = out.text
        sendable += 1
        whole += restore(sent, vault) == sample.text
        restorer = Restorer(vault)
        parts = [restorer.feed(sent[at : at + 7]) for at in range(0, len(sent), 7)]
        pieces += "".join([*parts, restorer.close()]) == sample.text
    return {
        "samples": len(samples),
        "blocked": len(samples) - sendable,
        "whole": whole,
        "in_pieces": pieces,
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "none"


def _rows(scores: dict[str, Score]) -> list[list[object]]:
    rows: list[list[object]] = []
    for kind, count in next(iter(scores.values())).personal.most_common():
        row: list[object] = [kind, count]
        for score in scores.values():
            found = sum(score.found[each] for each in MEANT[kind])
            right = sum(score.right[each] for each in MEANT[kind])
            row += [
                _share(score.recalled[kind], count),
                _share(score.hidden[kind], count),
                _share(right, found),
            ]
        rows.append(row)
    return rows


def _data(score: Score) -> dict[str, object]:
    return {
        "kinds": {
            kind: {
                "personal": count,
                "recall": round(score.recalled[kind] / count, 4),
                "hidden": round(score.hidden[kind] / count, 4),
            }
            for kind, count in score.personal.items()
        },
        "precision": {
            kind: round(score.right[kind] / count, 4) for kind, count in score.found.items()
        },
        "found": dict(score.found),
        "strangers": {"people": score.strangers, "recalled": score.met},
        "without_personal_data": {"sentences": score.clean, "altered": score.altered},
        "milliseconds_each": round(score.milliseconds, 2),
    }


def main() -> None:
    """Score the three on both sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--built", action="store_true", help="the other halves; nothing is written")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()), metavar="FOLDER")
    chosen = parser.parse_args()
    network = Store(Paths().cache).folder(WEIGHTS)
    full = Recognisers.with_presidio(network)
    finders = {
        "plain Presidio": plain_presidio(network),
        "built in": ours(Recognisers()),
        "with the extra": ours(full),
    }
    sets = {"public": public(chosen.data), "chinese": chinese()}
    data: dict[str, object] = {}
    body: list[str] = []
    for name, every in sets.items():
        samples = [sample for sample in every if sample.held is not chosen.built]
        for find in finders.values():
            find("Anna Smith, 王芳")
        scores = {label: scored(samples, find) for label, find in finders.items()}
        trips = round_trips(samples, full)
        data[name] = {label: _data(score) for label, score in scores.items()} | {"trips": trips}
        headings = [
            "kind",
            "pieces",
            *(f"{label}: {what}" for label in scores for what in ("recall", "hidden", "precision")),
        ]
        lines = [
            f"- {label}: {score.met} of {score.strangers} people with no word of their name in the "
            f"lexicon recalled; {score.altered} of {score.clean} sentences without personal data "
            f"altered; {score.milliseconds:.1f} ms a sentence"
            for label, score in scores.items()
        ]
        body += [
            f"### {name.capitalize()} set, {len(samples)} sentences",
            table(headings, _rows(scores)),
            "\n".join(lines),
            f"Round trips: {trips['whole']} of {trips['samples'] - trips['blocked']} came back as "
            f"they were ({trips['blocked']} were blocked, as if they gave a secret away), "
            f"{trips['in_pieces']} when the text came in pieces of seven characters.",
        ]
    text = "\n\n".join(body) + busy()
    if chosen.built:
        print(text)
    else:
        publish("redact", "Personal data found before a text is sent", data, text)


if __name__ == "__main__":
    main()
