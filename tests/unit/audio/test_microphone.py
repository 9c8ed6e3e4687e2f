"""The machine that runs this may or may not have sound; both ways must end well."""

from __future__ import annotations

import sys

import pytest

from steward.audio.microphone import devices, listen
from steward.errors import DeviceError


def test_without_the_optional_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="not installed") as caught:
        devices()
    assert "make extra-microphone" in caught.value.hint


async def test_listening_without_the_optional_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="not installed"):
        await anext(listen())
