"""Takes the pictures of the page in docs/images, of a fresh demo home and real turns.

    .venv/bin/python docs/screenshots.py

Needs Chromium (CHROMIUM names another than /usr/bin/chromium).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

from steward.butler import Butler
from steward.config import Config, Paths, Server
from steward.serve.run import serve
from steward.wiring import assemble

IMAGES = Path(__file__).parent / "images"
SAID = {
    "desktop": ("turn on the kitchen light",),
    "phone": ("is the front door locked?", "turn on the living room light"),
}
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


async def _picture(browser: Browser, url: str, name: str) -> None:
    width, height = SIZES[name]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", color_scheme="light"
    )
    page = await context.new_page()
    await page.goto(url)
    for number, text in enumerate(SAID[name]):
        await page.get_by_label("Your message").fill(text)
        await page.keyboard.press("Enter")
        answer = page.locator(".turn").nth(number).locator("summary")
        await expect(answer).to_be_visible(timeout=30_000)
    await page.locator(".turn summary").last.click()
    await page.wait_for_timeout(1500)
    await page.locator(".turn .trace").last.scroll_into_view_if_needed()
    await page.locator(".end").scroll_into_view_if_needed()
    await page.screenshot(path=IMAGES / f"page-{name}.png")
    await context.close()


async def main() -> None:
    """Serve a fresh demo home and picture it at both sizes."""
    with tempfile.TemporaryDirectory() as state:
        config = Config(server=Server(port=0), paths=Paths(state=Path(state)))
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        butler = Butler(assemble(config))
        await butler.warm()
        serving = asyncio.create_task(serve(butler, config, ready.set_result))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                args=["--no-sandbox", "--disable-background-networking"],
            )
            url = await ready
            for name in SIZES:
                await _picture(browser, url, name)
            await browser.close()
        serving.cancel()
        await asyncio.wait({serving})


if __name__ == "__main__":
    asyncio.run(main())
