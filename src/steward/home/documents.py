"""YAML text into plain JSON values, strictly: nothing is guessed, repeated or without end."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from pathlib import Path
from typing import cast

import yaml

from steward.errors import FixturesError
from steward.types import Json

MAX_BYTES = 2_000_000
"""Largest text read, in bytes; a home of a thousand entities is a tenth of it."""

MAX_NODES = 100_000
"""Most values that a text may stand for once its anchors are followed."""

MAX_DEPTH = 40
"""Deepest nesting of lists and mappings."""


class _Loader(yaml.SafeLoader):
    """The YAML 1.2 core schema: `on` is a word, `12:30` is text, and a key stands once."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Read one value, refusing to go too deep: PyYAML itself recurses without end."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            mark = parent.start_mark if parent else None
            raise yaml.composer.ComposerError(None, None, "nested too deeply", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        """Build a mapping, refusing a key that stands twice."""
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(
                    None, None, "a list or mapping cannot be a key", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    # YAML 1.2.2, chapter 10.3.2 (core schema), without octal and hexadecimal numbers.
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]{1,18}$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$", list("-+0123456789.")),
    ("merge", r"^<<$", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def read(path: Path, kind: str) -> str:
    """Return the text of `path`, which should be a `kind` ("fixtures") file.

    Raises:
        FixturesError: it is missing, unreadable, too long, or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise FixturesError(
            f"cannot read {path}: {error.strerror}", hint=f"name a {kind} file that exists"
        ) from error
    except UnicodeDecodeError as error:
        raise FixturesError(
            f"{path}: not UTF-8 text (byte {error.start})", hint="save the file as UTF-8"
        ) from error
    if len(raw) > MAX_BYTES:
        raise FixturesError(
            f"{path}: larger than {MAX_BYTES} bytes", hint=f"is this a {kind} file?"
        )
    return text


def parse(text: str, origin: str) -> Json:
    """Return the one YAML document in `text` as JSON values; `origin` names it in errors.

    Raises:
        FixturesError: the text is not YAML, repeats a key, or is too big or too deep.
    """
    try:
        # _Loader is a SafeLoader: no tag of it makes an arbitrary object.
        loaded: object = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise FixturesError(
            f"{origin}{place}: not valid YAML: {error.problem or error.context}",
            hint="mend that line; indentation and quotes are the usual reasons",
        ) from error
    except yaml.YAMLError as error:
        raise FixturesError(
            f"{origin}: not valid YAML: {error}", hint="save the file as plain UTF-8 text"
        ) from error
    except (RecursionError, ValueError) as error:
        raise FixturesError(
            f"{origin}: not valid YAML: {error}", hint="write plain values, without tags (!!…)"
        ) from error
    return plain(loaded, origin)


def plain(value: object, origin: str) -> Json:
    """Return a copy of `value` that is certainly JSON: finite, without cycles, keys all text.

    Raises:
        FixturesError: it is not, naming the place.
    """
    left = [MAX_NODES]
    return _plain(value, f"{origin}: ", 0, left)


def _plain(value: object, place: str, depth: int, left: list[int]) -> Json:
    left[0] -= 1
    if depth > MAX_DEPTH or left[0] < 0:
        raise FixturesError(
            f"{place[:200]}: nested too deeply or too large",
            hint=f"at most {MAX_DEPTH} levels and {MAX_NODES} values; look for anchors in a circle",
        )
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list | tuple):
        items = cast("list[object]", value)
        return [_plain(item, f"{place}[{i}]", depth + 1, left) for i, item in enumerate(items)]
    if isinstance(value, dict):
        result: dict[str, Json] = {}
        for key, item in cast("dict[object, object]", value).items():
            if not isinstance(key, str):
                raise FixturesError(
                    f"{place}: the key {key!r} is not text", hint=f'write it in quotes: "{key}"'
                )
            result[key] = _plain(item, f"{place}{'.' if depth else ''}{key}", depth + 1, left)
        return result
    raise FixturesError(
        f"{place}: {value!r:.60} is not a value that JSON can hold",
        hint="use text, a finite number, true, false, null, a list or a mapping",
    )
