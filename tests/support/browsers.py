"""Debian's Chromium, without a window, whose microphone hears a recording."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Playwright

_QUIET = ("--no-sandbox", "--disable-background-networking")
_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def launch(playwright: Playwright, *more: str, hears: Path | str | None = None) -> Browser:
    """Start a browser with `more` arguments.

    `hears` is a WAV that its microphone hears again and again, or once with "%noloop" behind it.
    """
    file = () if hears is None else (*_MICROPHONE, f"--use-file-for-fake-audio-capture={hears}")
    return playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=[*_QUIET, *file, *more]
    )
