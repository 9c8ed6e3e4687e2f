"""The battery of this device."""

from __future__ import annotations

import psutil


def battery() -> float | None:
    """Return how full the battery is, 0 to 1; None on mains, and where there is none."""
    found = psutil.sensors_battery()
    return None if found is None or found.power_plugged else found.percent / 100
