"""What a satellite is told when it starts; it reads no configuration, to stay small."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from ipaddress import ip_network

from steward.satellite.hub import Hub
from steward.wyoming.door import Network


@dataclass(frozen=True)
class Settings:
    """What `steward satellite` was asked for, with every file found.

    `word`, `embedding` and `activity` are the wake word's folder, the speech embedding's network
    and the voice activity's. With a `hub`, which is paired, nobody connects to the satellite: it
    connects to that. `wav` is a recording in the place of the microphone, `say` a file in
    the place of the loudspeaker; both are empty where there is hardware.
    """

    name: str
    area: str
    host: str
    port: int
    allow: tuple[str, ...]
    word: str
    embedding: str
    activity: str
    hub: Hub | None = None
    wav: str = ""
    say: str = ""

    @property
    def allowed(self) -> tuple[Network, ...]:
        """Who may connect, beside this machine itself."""
        return tuple(ip_network(one) for one in self.allow)

    def written(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))


def read(text: str) -> Settings:
    """Read what `Settings.written` wrote."""
    values = json.loads(text)
    hub = Hub(**values["hub"]) if values["hub"] else None
    return Settings(**{**values, "allow": tuple(values["allow"]), "hub": hub})
