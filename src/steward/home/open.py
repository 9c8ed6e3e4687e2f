"""Which homes a configuration names, and the one Home that they make."""

from __future__ import annotations

from steward.config import Config
from steward.events import Emit
from steward.home.joined import JoinedHome
from steward.home.local import LocalHome
from steward.types import Home


def open_home(config: Config, emit: Emit) -> Home:
    """Return the home of `config`, which emits its changes.

    It is the one on this device where `config` names no other, and several are joined.

    Raises:
        StateError: the state of the home on this device cannot be read or written.
    """
    homes: list[Home] = []
    if not homes:
        homes.append(LocalHome(config.paths.state / "home.db", emit))
    return homes[0] if len(homes) == 1 else JoinedHome(homes)
