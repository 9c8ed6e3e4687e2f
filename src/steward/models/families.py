"""The open families of language models, by name: `families.toml`."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from steward.errors import UserError
from steward.models.configured import shape_of_config
from steward.models.shape import Shape

_NEAR = 4
_OPTIONAL = ("instruct", "chat", "it")
"""What people leave out of a name."""


@dataclass(frozen=True)
class Member:
    """A model of a family.

    `parameters` are those published, `config` what its config.json says, as far as its shape goes.
    `repository` and `gguf` are names on Hugging Face. `mmlu` is the published figure in %, from
    `mmlu_source`; None where none is known for certain. Figures of different families were not
    taken in the same way.
    """

    name: str
    family: str
    maker: str
    licence: str
    languages: str
    parameters: int
    repository: str
    gguf: str
    config: Mapping[str, object]
    mmlu: float | None = None
    mmlu_source: str = ""


@cache
def members() -> tuple[Member, ...]:
    """Return every model, family by family, the smallest of each first."""
    text = resources.files(__package__).joinpath("families.toml").read_text(encoding="utf-8")
    return tuple(
        _member(family, entry)
        for family in tomllib.loads(text)["family"]
        for entry in sorted(family["members"], key=lambda entry: int(entry["parameters"]))
    )


def _member(family: Mapping[str, Any], entry: Mapping[str, Any]) -> Member:
    return Member(
        name=entry["name"],
        family=family["name"],
        maker=family["maker"],
        licence=entry.get("licence", family["licence"]),
        languages=family["languages"],
        parameters=entry["parameters"],
        repository=entry["repository"],
        gguf=entry["gguf"],
        config=family["config"] | entry["config"],
        mmlu=entry.get("mmlu"),
        mmlu_source=family.get("mmlu_source", "") if "mmlu" in entry else "",
    )


def ladder(family: str) -> tuple[Member, ...]:
    """Return the models of a family ("Qwen3"), the smallest first; none where it is not known."""
    return tuple(member for member in members() if member.family == family)


def shape(member: Member) -> Shape:
    """Return the shape of a model, with all matrices at 16 bits (`quantised` packs them)."""
    return shape_of_config(
        _Told(member.name, json.dumps(dict(member.config)).encode()), member.name
    )


@dataclass(frozen=True)
class _Told:
    """A config.json that is in the list instead of in a file."""

    name: str
    said: bytes

    @property
    def size(self) -> int:
        return len(self.said)

    def read(self, offset: int, count: int) -> bytes:
        return self.said[offset : offset + count]


def find(name: str) -> Member:
    """Return the model that somebody means by `name`: "qwen3 0.6b", "Qwen/Qwen3-0.6B".

    Raises:
        UserError: there is none of that name.
    """
    known = _names()
    key = _key(name)
    if key in known:
        return known[key]
    near = difflib.get_close_matches(key, known, n=_NEAR, cutoff=0.5)
    names = ", ".join(dict.fromkeys(known[other].name for other in near))
    raise UserError(
        f"no model of an open family is known as {name!r:.80}",
        hint=(f"did you mean {names}? Or " if names else "")
        + "name a file of it, or its config.json",
    )


@cache
def _names() -> Mapping[str, Member]:
    names: dict[str, Member] = {}
    for member in members():
        for name in (member.name, member.repository, member.repository.partition("/")[2]):
            names[_key(name)] = member
        names[_key(member.gguf)] = member
    return names


def _key(name: str) -> str:
    words = re.sub(r"[^a-z0-9.]+", " ", name.casefold()).split()
    return "".join(word for word in words if word not in _OPTIONAL)
