"""A persona: how the butler sounds, how he words things, and what his face is like.

It is a TOML file. Those that come with Steward lie in `personas/`, and are named by what the file
is called; any other is named by its path.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from steward.config.section import Section
from steward.errors import ConfigError
from steward.plan.reply.manner import Manner

SHIPPED = Path(__file__).with_name("personas")
MAX_BYTES = 64 * 1024
"""A longer file is no persona."""

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class VoiceOf(Section):
    """`[voice]`: who speaks."""

    size: Annotated[float, Field(ge=0.8, le=1.25)] = 1.0
    """Length of the throat: above 1 a larger body, whose voice is deeper, below 1 a smaller one."""
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    """How fast he speaks; 1 is the voice's own pace."""
    chinese: Literal["zm_yunxi", "zf_xiaoxiao"] = "zm_yunxi"
    """Kokoro's voice for Chinese, a man's or a woman's; English is always spoken by hibari."""


class Face(Section):
    """`[face]`: what the page draws."""

    outline: Colour | None = None
    """Colour of the outline and of what he wears; None is the page's own."""
    hair: Literal["none", "parted", "curls", "sides"] = "none"
    wears: frozenset[Literal["moustache", "monocle", "glasses"]] = frozenset()
    neck: Literal["bow", "tie", "scarf", "none"] = "bow"


class Persona(Section):
    """A whole persona; `about` says in a line who that is."""

    name: Annotated[str, Field(pattern=r"^[\w .'-]{1,40}$")]
    about: Annotated[str, Field(min_length=1, max_length=200)]
    voice: VoiceOf = VoiceOf()
    face: Face = Face()
    manner: Mapping[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], Manner] = Field(
        default_factory=dict
    )


def shipped() -> tuple[str, ...]:
    """Return the names of the personas that come with Steward, sorted."""
    return tuple(sorted(file.stem for file in SHIPPED.glob("*.toml")))


def load_persona(named: str) -> Persona:
    """Read the persona that is called so, or that lies at this path.

    Raises:
        ConfigError: there is none, or its file is no persona; the message says what is wrong.
    """
    file = SHIPPED / f"{named}.toml" if named in shipped() else Path(named).expanduser()
    if file.suffix != ".toml":
        raise ConfigError(
            f"there is no persona {named!r}",
            hint=f"one of {', '.join(shipped())}, or the path of a file that ends in .toml",
        )
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"cannot read the persona {file}: {error.strerror}",
            hint=f"name a file that is there, or one of {', '.join(shipped())}",
        ) from error
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{file} is too long for a persona", hint="is it another file?")
    try:
        return Persona.model_validate(tomllib.loads(raw.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}", hint="mend that line") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{file}: {where}: {first['msg']}",
            hint="mend that value; the keys are explained in docs/guides/voice.md",
        ) from error
