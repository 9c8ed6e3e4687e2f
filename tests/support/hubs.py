"""A hub's door and its guests, each with a state folder of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from wyoming.event import Event

from steward.pairing.address import Address
from steward.pairing.identity import Identity, identity
from steward.pairing.pairings import Pairings


@dataclass
class Machine:
    """A machine with its key and its pairings; `now` is its clock."""

    state: Path
    now: float = 1000.0
    own: Identity = field(init=False)
    pairings: Pairings = field(init=False)

    def __post_init__(self) -> None:
        self.own = identity(self.state)
        self.pairings = Pairings(self.state, lambda: self.now)


@dataclass
class Served:
    """A hub that serves: who came as a satellite, and to whom tokens were given."""

    machine: Machine
    address: Address = field(default_factory=lambda: Address("127.0.0.1", 0))
    satellites: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


class Echo:
    """Sends an event back."""

    def __init__(self, event: Event) -> None:
        self._event = event

    def event(self) -> Event:
        return self._event
