"""The token that lets Steward into Home Assistant: a file that only its owner may read."""

from __future__ import annotations

import os
from pathlib import Path

from steward.errors import ConfigError, StateError
from steward.home.homeassistant.link import MAKE_ONE

FILE = "home-assistant.token"
"""Its name in the state folder."""


def read_token(state: Path) -> str:
    """Return the token that is kept in the folder `state`.

    Raises:
        ConfigError: there is none.
    """
    try:
        token = (state / FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the token of Home Assistant cannot be read from {state / FILE}", hint=MAKE_ONE
        ) from error
    if not token:
        raise ConfigError(f"{state / FILE} is empty", hint=MAKE_ONE)
    return token


def write_token(state: Path, token: str) -> None:
    """Keep `token` in the folder `state`, in the place of an older one.

    Raises:
        StateError: the file cannot be written.
    """
    new = state / f"{FILE}.new"
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token + "\n")
        new.replace(state / FILE)
    except OSError as error:
        raise StateError(
            f"cannot keep the token in {state / FILE}: {error.strerror}",
            hint="choose another folder with [paths] state, or mend its permissions",
        ) from error
