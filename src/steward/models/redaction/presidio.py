"""Presidio's recognisers with spaCy's small English network, for those who have the extra `redact`.

Source: https://github.com/microsoft/presidio (MIT); en_core_web_sm 3.8.0 by Explosion (MIT). Of
Presidio only those recognisers are used that ask nobody: the ones for e-mail and web addresses
fetch a list from the network, and ours find both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from steward.errors import DeviceError, ModelError
from steward.models.redaction import lexicon
from steward.models.redaction.spans import Kind, Span

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

WEIGHTS = "en-core-web-sm"
"""The set of the weights store that holds the network."""
_KINDS = {
    "PERSON": Kind.PERSON,
    "LOCATION": Kind.PLACE,
    "ORGANIZATION": Kind.ORGANIZATION,
    "NRP": Kind.GROUP,
    "DATE_TIME": Kind.DATE,
    "PHONE_NUMBER": Kind.PHONE,
    "IBAN_CODE": Kind.IBAN,
    "CREDIT_CARD": Kind.CARD,
    "IP_ADDRESS": Kind.IP,
    "US_SSN": Kind.SSN,
}
_REGIONS = (
    "US",
    "GB",
    "CA",
    "AU",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "SE",
    "DK",
    "NO",
    "FI",
    "CH",
    "IN",
)
_DATED = re.compile(
    r"\d{4}|\d[-/.]\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:19|20)?\d0s\b",
    re.IGNORECASE,
)
_HAN = re.compile("[\u3400-\u9fff]")
_ABBREVIATIONS = frozenset(
    (
        "ssn",
        "atm",
        "pin",
        "iban",
        "zip",
        "url",
        "ip",
        "tv",
        "dvd",
        "cd",
        "id",
        "cvv",
        "faq",
        "pdf",
        "sms",
        "usb",
    )
)
_NETWORK = 0.45
"""How sure the network's own finds are beside ours: it gives no probability, and errs often."""


class Presidio:
    """Presidio, loaded; finding is safe from several threads."""

    def __init__(self, analyzer: AnalyzerEngine) -> None:
        self._analyzer = analyzer

    def find(self, text: str) -> Iterator[Span]:
        """Yield what Presidio finds in `text`; nothing in Chinese, which it cannot read."""
        if len(_HAN.findall(text)) > len(text) / 10:
            return
        words = lexicon.read()
        for found in self._analyzer.analyze(text, language="en", entities=sorted(_KINDS)):
            kind = _KINDS[found.entity_type]
            # The network's own spans run on over the ends of lines; no name does.
            said = text[found.start : found.end].split("\n")[0].rstrip()
            plain = [part.casefold() for part in re.findall(r"[^\W\d_]+", said)]
            if kind is Kind.DATE and not _DATED.search(said):
                continue
            if kind in {Kind.PERSON, Kind.PLACE, Kind.ORGANIZATION} and all(
                (words.common(word, 4_000) and word not in words.given) or word in _ABBREVIATIONS
                for word in plain
            ):
                continue
            if kind is Kind.PHONE and sum(map(str.isdigit, said)) < 7:
                continue
            score = _NETWORK if kind in _OF_NETWORK else min(found.score, 0.8)
            yield Span(found.start, found.start + len(said), kind, score)


_OF_NETWORK = frozenset({Kind.PERSON, Kind.PLACE, Kind.ORGANIZATION, Kind.GROUP, Kind.DATE})


def load(folder: Path) -> Presidio:
    """Load Presidio with the network in `folder`.

    Raises:
        DeviceError: the extra `redact` is not installed.
        ModelError: the folder does not hold the network, or spaCy cannot use it.
    """
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import (
            CreditCardRecognizer,
            IbanRecognizer,
            IpRecognizer,
            PhoneRecognizer,
            SpacyRecognizer,
            UsSsnRecognizer,
        )
    except ImportError as error:
        raise DeviceError(
            f"Presidio is not installed: {error.name} is missing",
            hint="pip install 'steward-edge[redact]'",
        ) from error
    engine = SpacyNlpEngine(
        models=[{"lang_code": "en", "model_name": str(folder)}],
        ner_model_configuration=NerModelConfiguration(labels_to_ignore=[]),
    )
    try:
        network = spacy.load(folder)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder} does not hold a network that spaCy can use: {error}",
            hint=f"run: steward setup --with {WEIGHTS}",
        ) from error
    setattr(engine, "nlp", {"en": network})  # noqa: B010 - declared as always None
    registry = RecognizerRegistry(
        [
            SpacyRecognizer(),
            PhoneRecognizer(supported_regions=_REGIONS),
            CreditCardRecognizer(),
            IbanRecognizer(),
            IpRecognizer(),
            UsSsnRecognizer(),
        ]
    )
    return Presidio(
        AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    )
