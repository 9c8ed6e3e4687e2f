"""A voice is learnt and forgotten on the page, in a real browser that hears recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from browsers import launch
from playwright.sync_api import Playwright, expect

from steward.audio.files import read_audio
from steward.audio.pcm import RATE, to_samples

SPEECH = Path(__file__).parents[1] / "data" / "speech" / "people"


def test_a_voice_is_learnt_and_forgotten(
    running: Any, tmp_path: Path, playwright: Playwright
) -> None:
    sentences = [to_samples(read_audio(f)) for f in sorted(SPEECH.glob("1998-*"))[:2]]
    soundfile.write(tmp_path / "microphone.wav", np.concatenate(sentences), RATE, "PCM_16")
    browser = launch(playwright, hears=tmp_path / "microphone.wav")
    page = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844}).new_page()
    page.goto(running.url)
    page.get_by_role("button", name="People I know by voice").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("everybody is a guest")
    dialog.get_by_label("Name").fill("Bo")

    def read_aloud(milliseconds: int) -> None:
        dialog.get_by_role("button", name="Learn the voice").click()
        expect(dialog.get_by_role("button", name="I have read it")).to_be_visible()
        page.wait_for_timeout(milliseconds)
        dialog.get_by_role("button", name="I have read it").click()

    read_aloud(2000)
    expect(dialog.get_by_role("alert")).to_contain_text("say three whole sentences", timeout=10_000)
    read_aloud(7500)
    expect(dialog.locator("li")).to_contain_text("Bo since", timeout=10_000)
    dialog.get_by_role("button", name="Forget Bo").click()
    expect(dialog).to_contain_text("everybody is a guest")
    browser.close()
