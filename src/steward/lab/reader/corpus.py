"""The corpus: labelled templates of what people say, one file a group.

`## label` starts a label, each line after it is a template of it, `#` starts a comment. Words in
braces are slots that are filled from a home.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from steward.errors import UserError

NONE = "none"
"""The label of what asks nothing of the home."""

COMPOUND = "compound"
"""The label of what holds more than one command for now: several, later, conditions."""

_SLOT = re.compile(r"\{(\w+)\}")
_VALUES = ("n", "deg", "step", "color", "white", "mode", "day", "item", "event")
_THINGS = (
    *("thing", "light", "switch", "fan", "cover", "lock", "media", "climate", "humidifier"),
    *("vacuum", "mower", "valve", "scene", "sensor", "opening", "list", "calendar", "person"),
)
SLOTS = frozenset((*_VALUES, *_THINGS, "area", "floor", "but"))
"""What may stand in braces."""


@dataclass(frozen=True)
class Template:
    """`pieces` are literal texts and slots in turn, beginning and ending with a text."""

    label: str
    language: str
    pieces: tuple[str, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots in the order in which they are said."""
        return self.pieces[1::2]


def template(label: str, language: str, text: str) -> Template:
    """Read one template.

    Raises:
        UserError: `text` has a slot that nobody can fill.
    """
    pieces = tuple(_SLOT.split(text))
    for slot in pieces[1::2]:
        if slot not in SLOTS:
            raise UserError(
                f"the template {text!r} has an unknown slot {{{slot}}}",
                hint=f"the slots are {', '.join(sorted(SLOTS))}",
            )
    return Template(label, language, pieces)


def read_corpus(folder: Path) -> tuple[Template, ...]:
    """Return all templates under `folder`; a file's name begins with its language ("en_list.txt").

    Raises:
        UserError: a line stands before any label, or has an unknown slot.
    """
    found: dict[tuple[str, str], Template] = {}
    for file in sorted(folder.glob("*.txt")):
        language, label = file.name[:2], ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            text = line.strip()
            if text.startswith("##"):
                label = text[2:].strip()
            elif text and not text.startswith("#"):
                if not label:
                    raise UserError(
                        f"{file}:{number} stands before any label",
                        hint="begin the file with a line '## label'",
                    )
                found.setdefault((text, label), template(label, language, text))
    return tuple(found.values())


def labels(templates: Sequence[Template]) -> tuple[str, ...]:
    """Return all labels in a fixed order, those that mean no single command first."""
    return (NONE, COMPOUND, *sorted({t.label for t in templates} - {NONE, COMPOUND}))
