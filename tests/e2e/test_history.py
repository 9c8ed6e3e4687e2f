"""What was done, for whom and why, on the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsers import launch
from playwright.sync_api import ViewportSize, expect, sync_playwright

SAID = {
    "turn on the living room light": "room light is on",
    "turn on the kitchen light": "kitchen light is on",
}
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture(scope="module")
def running(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    made = server(tmp_path_factory.mktemp("history"))
    made.start()
    yield made
    made.stop()


def test_what_was_done_can_be_searched(running: Any, tmp_path: Any) -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport=PHONE, locale="en-GB")
        page.goto(running.url)
        for number, (text, says) in enumerate(SAID.items()):
            page.get_by_label("Your message").fill(text)
            page.keyboard.press("Enter")
            answer = page.locator(".turn .his").nth(number)
            expect(answer).to_contain_text(says, timeout=60_000)
        page.get_by_role("button", name="What was done").click()
        acts = page.locator(".history li")
        expect(acts).to_have_count(2)
        expect(acts.first).to_contain_text("turn on the kitchen light")
        expect(acts.last).to_contain_text("done")
        expect(acts.last).to_contain_text("light.turn_on")
        page.screenshot(path=tmp_path / "history.png")
        page.get_by_role("searchbox").fill("living")
        expect(acts).to_have_count(1)
        expect(acts.first).to_contain_text("turn on the living room light")
        page.get_by_role("searchbox").fill("cellar")
        expect(page.locator(".history")).to_contain_text("Nothing")
        browser.close()
