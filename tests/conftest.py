"""What all tests share."""

from __future__ import annotations

import pytest

from steward.config import Config
from steward.models.store import Store


@pytest.fixture(scope="session")
def store() -> Store:
    """The weights in the user's cache, as `make setup` leaves them."""
    return Store(Config().paths.cache)
