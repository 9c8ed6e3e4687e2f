"""A turn on its way through a page's session."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from steward.events import Ended, Event, Heard


@dataclass(frozen=True)
class Ask:
    """A turn that waits to be run on; of what was spoken the words have been heard.

    `withheld` is what may turn out to be nobody's turn: it is shown when there is a plan for it.
    """

    turn: str
    events: AsyncGenerator[Event, None]
    aloud: bool
    withheld: Heard | None = None


def cancelled(turn: str) -> Ended:
    """Return the end of a turn that was not run to its own."""
    return Ended(turn, time.time(), "cancelled")
