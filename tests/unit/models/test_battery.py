"""How full the battery is, as the system tells it."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from steward.models.battery import battery


@pytest.mark.parametrize(
    ("told", "share"),
    [
        (None, None),
        (SimpleNamespace(percent=80.0, power_plugged=True), None),
        (SimpleNamespace(percent=80.0, power_plugged=False), 0.8),
        (SimpleNamespace(percent=15.0, power_plugged=None), 0.15),
    ],
)
def test_a_battery_counts_only_where_nothing_charges_it(
    monkeypatch: pytest.MonkeyPatch, told: object, share: float | None
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: told)
    assert battery() == share
