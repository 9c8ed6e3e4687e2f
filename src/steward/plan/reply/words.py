"""The phrases of each language, which are data: one file a language in `phrases/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steward.plan.language.tables import table

FALLBACK = "en"
"""The language of a phrase that there is in no other."""


def has_phrases(language: str) -> bool:
    """Tell whether we have phrases of our own in `language`."""
    return bool(_phrases(language.partition("-")[0]))


def phrase(language: str, table: str, key: str) -> str:
    """Return the phrase `key` of `table`; in English where `language` lacks it.

    A key that is in neither file is a word that came from the home (a state, a kind of device), and
    is returned as words.
    """
    for source in (language.partition("-")[0], FALLBACK):
        found = _phrases(source).get(table, {}).get(key)
        if isinstance(found, str):
            return found
    return key.replace("_", " ")


def table_of(language: str, table: str) -> Mapping[str, Any]:
    """Return a whole table of phrases, empty when `language` has none."""
    return dict(_phrases(language.partition("-")[0]).get(table, {}))


def _phrases(language: str) -> dict[str, Any]:
    return table("steward.plan.reply", "phrases", language)
