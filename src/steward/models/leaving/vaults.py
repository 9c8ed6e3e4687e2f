"""The vaults of conversations: bounded in number, in size and in age."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from steward.models.redact import Vault

MAX_VAULTS = 64
"""Conversations at most; the one that was silent longest makes room."""
MAX_PLACEHOLDERS = 1_000
"""Of one conversation; after that many, it begins anew."""
LASTING_SECONDS = 3_600.0
"""A conversation that was silent for so long has no placeholders any more."""


class Vaults:
    """Gives each conversation its vault. Kept in memory only; safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Vault]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, conversation: str) -> Vault:
        """Return the vault of `conversation`; without a name it is nobody else's."""
        with self._lock:
            return self._of(conversation)

    def _of(self, conversation: str) -> Vault:
        now = self._clock()
        for name in [
            name for name, (last, _) in self._kept.items() if now - last > LASTING_SECONDS
        ]:
            del self._kept[name]
        _, vault = self._kept.pop(conversation, (now, Vault()))
        if len(vault) > MAX_PLACEHOLDERS:
            vault = Vault()
        if conversation:
            self._kept[conversation] = now, vault
        while len(self._kept) > MAX_VAULTS:
            self._kept.popitem(last=False)
        return vault
