"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import homeassistants
import pytest

from steward.config import Config
from steward.models.store import Store


@pytest.fixture(scope="session")
def store() -> Store:
    """The weights in the user's cache, as `make setup` leaves them."""
    return Store(Config().paths.cache)


@pytest.fixture(scope="session")
def home_assistant(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[homeassistants.HomeAssistant]:
    """A running Home Assistant for all tests: whoever kills it starts it again."""
    with homeassistants.home_assistant(tmp_path_factory.mktemp("home-assistant")) as peer:
        yield peer
