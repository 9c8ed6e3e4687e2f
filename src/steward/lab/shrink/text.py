"""The owner's texts, in tokens: what a model is measured and adjusted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from steward.errors import UserError
from steward.models.ahead.network import Network

Window: TypeAlias = tuple[int, ...]
SUFFIXES = (".txt", ".md")
HELD = 5
"""Every so-manieth window is held back from the search, for the report."""
_SHORTEST = 16


@dataclass(frozen=True)
class Texts:
    """Windows of tokens: those to `search` with, and those `held` back to measure the result."""

    search: tuple[Window, ...]
    held: tuple[Window, ...]


def read_texts(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the texts of files, and of the .txt and .md files in folders, in their order.

    Raises:
        UserError: one cannot be read, or there are none.
    """
    files = [
        file
        for path in paths
        for file in (
            sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES) if path.is_dir() else [path]
        )
    ]
    found = []
    for file in files:
        try:
            found.append(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(
                f"cannot read the text {file}: {error}", hint="name UTF-8 text files, or a folder"
            ) from error
    if not any(text.strip() for text in found):
        raise UserError("there is no text", hint="name .txt or .md files, or a folder of them")
    return tuple(found)


def windows(network: Network, texts: Sequence[str], length: int) -> tuple[Window, ...]:
    """Return the texts in windows of at most `length` tokens; what is too short is left out."""
    # What the model wants every text to begin with: without it, Gemma understands nothing.
    begin = tuple(network.tokenize(b"", special=True))[:1]
    step = length - len(begin)
    found = []
    for text in texts:
        tokens = network.tokenize(text.encode())
        parts = (tuple(tokens[at : at + step]) for at in range(0, len(tokens), step))
        found += [begin + part for part in parts if len(part) >= _SHORTEST]
    return tuple(found)


def divide(all_windows: Sequence[Window], most: int) -> Texts:
    """Return the windows parted in two, at most so many to search with, evenly taken.

    Raises:
        UserError: there are too few to hold any back.
    """
    held = tuple(all_windows[HELD - 1 :: HELD])
    search = [window for at, window in enumerate(all_windows) if at % HELD != HELD - 1]
    if not held:
        raise UserError(
            f"the texts are too short: {len(all_windows)} windows",
            hint=f"give at least {HELD} times as much, as the owner's texts are",
        )
    return Texts(spread(search, most), spread(held, most))


def spread(all_windows: Sequence[Window], most: int) -> tuple[Window, ...]:
    """Return at most so many of the windows, evenly taken from all of them."""
    count = min(most, len(all_windows))
    return tuple(all_windows[at * len(all_windows) // count] for at in range(count))
