"""The tables of words that packages keep, one TOML file a language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def table(package: str, folder: str, language: str) -> dict[str, Any]:
    """Return the table of `language` in the `folder` of `package`, empty where there is none."""
    file = resources.files(package) / folder / f"{language.partition('-')[0]}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
