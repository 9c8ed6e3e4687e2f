"""This machine on the page: what runs on it, and what it carries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from browsers import launch
from playwright.sync_api import ViewportSize, expect, sync_playwright

from steward.lab.fit.probe import FILE, Machine, fingerprint

PHONE = ViewportSize(width=360, height=740)


@pytest.fixture(scope="module")
def running(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    state = tmp_path_factory.mktemp("device")
    # As if it had been measured before, which takes half a minute.
    known = Machine(
        fingerprint=fingerprint(),
        name="A small box",
        cores=2,
        memory=4 * 10**9,
        bandwidth=12e9,
        one_core=50e9,
        all_cores=90e9,
        runs=(("Q4_1", 150.0, 45.0), ("Q4_0", 250.0, 60.0)),
        busy=0.0,
    )
    (state / FILE).write_text(json.dumps(asdict(known)))
    made = server(state)
    made.start()
    yield made
    made.stop()


def test_my_device_shows_what_runs_and_what_it_carries(running: Any, tmp_path: Path) -> None:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport=PHONE, locale="en-GB")
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(running.url)
        page.get_by_role("button", name="My device").click()
        shown = page.locator("dialog.device")
        expect(shown).to_contain_text("smollm2-135m-instruct")
        expect(shown).to_contain_text("Memory used")
        expect(shown).to_contain_text("Roofline", timeout=60_000)
        expect(shown).to_contain_text("A small box")
        expect(shown).to_contain_text("SmolLM2-135M-Instruct")
        assert page.locator(".report svg.roof circle").count() >= 4
        # Its own style has reached it, and nothing is wider than the phone.
        radius = page.locator(".report section").first.evaluate(
            "section => getComputedStyle(section).borderRadius"
        )
        assert radius == "18px"
        assert page.locator("dialog.device").evaluate("it => it.scrollWidth <= it.clientWidth")
        page.screenshot(path=tmp_path / "device.png")
        page.get_by_role("button", name="Close").click()
        expect(shown).not_to_be_visible()
        browser.close()
    assert not complaints
