"""A question that goes to a machine beyond, on the page."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from browsers import launch
from clouds import Cloud, cloud, saying
from playwright.sync_api import expect, sync_playwright

PATIENCE = 60_000


def test_the_page_tells_whom_he_asks_and_who_answered(server: Any, tmp_path: Path) -> None:
    seen = threading.Event()

    def when_seen(serving: Cloud, handler: BaseHTTPRequestHandler) -> None:
        seen.wait(60)
        saying("It is Lima.")(serving, handler)

    with cloud(when_seen) as far, sync_playwright() as playwright:
        running = server(tmp_path, tiers={"seconds": 60, "cloud": {"url": far.url, "seconds": 60}})
        running.start()
        browser = launch(playwright)
        try:
            page = browser.new_page(locale="en-GB")
            page.goto(running.url)
            page.get_by_placeholder("Say it or type it").fill("what is the capital of peru")
            page.keyboard.press("Enter")
            turn = page.locator("article.turn")
            expect(turn).to_contain_text("Asking cloud…", timeout=PATIENCE)
            seen.set()
            expect(turn).to_contain_text("It is Lima.", timeout=PATIENCE)
            expect(turn).to_contain_text("Answered by cloud")
            expect(turn).not_to_contain_text("Asking")
            expect(turn).to_contain_text("What was sent")
        finally:
            seen.set()
            browser.close()
            running.stop()
