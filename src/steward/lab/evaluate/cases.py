"""Evaluation sets: folders of homes, each `_fixtures.yaml` beside files of cases.

The format is that of home-assistant-datasets. A case file has a `category` and `tests`; a test has
`sentences`, each run alone from a fresh home, and what must be true afterwards. Ours: `before`, the
sentences that were said earlier in the same home.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from steward.errors import FixturesError
from steward.home import fixtures
from steward.types import World

FIXTURES = "_fixtures.yaml"
_HAN = re.compile(r"[\u4e00-\u9fff]")


def _state(value: object) -> object:
    # A loader of YAML 1.1 reads the bare words on and off as booleans.
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int | float) else value


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


State = Annotated[str, BeforeValidator(_state)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_many)]


class Strict(BaseModel):
    """Base of the tables of a case file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Values(Strict):
    """The state and attributes of an entity, as far as they matter."""

    state: State | None = None
    attributes: Mapping[str, JsonValue] = Field(default_factory=dict)


class Trial(Strict):
    """One expectation and the sentences that must fulfil it."""

    sentences: Texts
    before: Texts = ()
    setup: Mapping[str, Values] = Field(default_factory=dict)
    expect_changes: Mapping[str, Values] | None = None
    ignore_changes: Mapping[str, Literal[True] | tuple[str, ...]] = Field(default_factory=dict)
    expect_response: Texts = ()
    context_device: str | None = None
    context_now: datetime | None = None


class CaseFile(Strict):
    """A file of cases, all of one category."""

    category: str
    tests: tuple[Trial, ...]


@dataclass(frozen=True)
class Case:
    """One sentence in one home. `area` is where it was heard, `language` its script's."""

    set: str
    home: str
    category: str
    sentence: str
    trial: Trial
    world: World
    area: str | None = None

    @property
    def language(self) -> str:
        """Return "zh" for a sentence in Chinese characters, else "en"."""
        return "zh" if _HAN.search(self.sentence) else "en"


def read_sets(folders: Sequence[Path]) -> tuple[Case, ...]:
    """Return all cases of the sets in `folders`.

    A folder with a `_fixtures.yaml` of its own is a set of one home.

    Raises:
        FixturesError: a folder holds no home, or a file is not of the format.
    """
    return tuple(case for folder in folders for case in _read_set(folder))


def _read_set(folder: Path) -> Iterator[Case]:
    homes = sorted(path.parent for path in folder.rglob(FIXTURES))
    if not homes:
        raise FixturesError(
            f"{folder} holds no home: there is no {FIXTURES} in it or below",
            hint="give the folder of a set, whose homes each have that file",
        )
    for home in homes:
        yield from _read_home(folder, home)


def _read_home(folder: Path, home: Path) -> Iterator[Case]:
    world = fixtures.read(home / FIXTURES)
    devices = _devices(home / FIXTURES)
    for file in sorted([*home.glob("*.yaml"), *home.glob("*.yml")]):
        if file.name.startswith("_"):
            continue
        cases = _parse(file)
        for trial in cases.tests:
            area = _area(trial.context_device, world, devices, file)
            set_up = _set_up(world, trial, file)
            for sentence in trial.sentences:
                yield Case(folder.name, home.name, cases.category, sentence, trial, set_up, area)


def _devices(file: Path) -> dict[str, str | None]:
    """Return the areas of the devices of a home that has been read without an error."""
    listed = yaml.safe_load(file.read_text(encoding="utf-8-sig")).get("devices") or ()
    return {device["id"]: device.get("area") for device in listed}


def _parse(file: Path) -> CaseFile:
    try:
        return CaseFile.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FixturesError(f"{file} is not valid YAML: {error}", hint="mend that line") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FixturesError(f"{file}: {where}: {first['msg']}", hint="mend that value") from error


def _area(
    device: str | None, world: World, devices: Mapping[str, str | None], file: Path
) -> str | None:
    if device is None:
        return None
    areas = {**{entity.id: entity.area for entity in world.entities}, **devices}
    if device not in areas:
        raise FixturesError(
            f"{file}: context_device {device} is neither a device nor an entity of the home",
            hint=f"name one that {FIXTURES} lists",
        )
    return areas[device]


def _set_up(world: World, trial: Trial, file: Path) -> World:
    missing = {*trial.setup, *(trial.expect_changes or {})} - {e.id for e in world.entities}
    if missing:
        raise FixturesError(
            f"{file}: no entity {sorted(missing)[0]} in the home",
            hint=f"name one that {FIXTURES} lists",
        )
    entities = tuple(
        replace(
            entity,
            state=values.state if values.state is not None else entity.state,
            attributes={**entity.attributes, **values.attributes},
        )
        if (values := trial.setup.get(entity.id))
        else entity
        for entity in world.entities
    )
    return replace(world, entities=entities)
