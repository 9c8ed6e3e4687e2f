"""Takes the pictures of the page in docs/images, of a fresh demo home and real turns.

    .venv/bin/python docs/screenshots.py

Needs Chromium (CHROMIUM names another than /usr/bin/chromium).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

from steward.butler import Butler
from steward.cli.named import shape_named
from steward.config import Config, Paths, Server
from steward.lab.fit.carries import candidate
from steward.lab.fit.catalogue import find
from steward.lab.fit.page import render
from steward.lab.fit.settings import Settings
from steward.persona import shipped
from steward.serve.run import serve
from steward.wiring import assemble

IMAGES = Path(__file__).parent / "images"
SAID = {
    "desktop": ("turn on the kitchen light",),
    "phone": ("is the front door locked?", "turn on the living room light"),
}
FITTED = ("qwen3 0.6b", "qwen3 1.7b")
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


async def _moods(browser: Browser, url: str) -> list[bytes]:
    """Return pictures of him listening, thinking, speaking and unsure, on a phone."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 560}, locale="en-GB", color_scheme="light"
    )
    page = await context.new_page()
    await page.goto(url)
    await page.get_by_role("button", name="hold to talk").click()
    await page.locator(".portrait.listening").wait_for()
    await page.wait_for_timeout(500)
    pictures = [await page.screenshot()]
    await page.get_by_role("button", name="hold to talk").click()
    for text, mood in (
        ("Why is the sky blue?", ".thinking"),
        ("what can you do?", ".speaking[data-mouth=open]"),
        ("open the flurb", ".unsure"),
    ):
        await page.get_by_label("Your message").fill(text)
        await page.keyboard.press("Enter")
        await page.locator(f".portrait{mood}").wait_for(timeout=60_000)
        if mood == ".thinking":
            # What was asked fades in.
            await page.wait_for_timeout(300)
        pictures.append(await page.screenshot())
        await expect(page.locator(".turn").last.locator("summary")).to_be_visible(timeout=60_000)
        await page.locator(".portrait:not(.speaking)").wait_for(timeout=60_000)
    await context.close()
    return pictures


async def _face(browser: Browser, url: str) -> bytes:
    page = await browser.new_page(color_scheme="light", device_scale_factor=2)
    await page.goto(url)
    await page.locator(".portrait.idle").wait_for()
    await page.wait_for_timeout(1000)
    picture = await page.locator(".portrait").screenshot()
    await page.close()
    return picture


async def _fit(browser: Browser) -> None:
    """Picture what a Raspberry Pi does with two models."""
    device, settings = find("pi 5 8gb"), Settings()
    models = [candidate(shape_named(name), device, settings) for name in FITTED]
    page = await browser.new_page(viewport={"width": 900, "height": 600}, color_scheme="light")
    await page.set_content(render(device, models, settings))
    await page.screenshot(path=IMAGES / "fit-page.png", full_page=True)
    await page.close()


async def _row(browser: Browser, pictures: Sequence[bytes], width: int, name: str) -> None:
    """Put `pictures` side by side, each so wide."""
    page = await browser.new_page(viewport={"width": 100, "height": 100})
    images = "".join(
        f'<img width={width} src="data:image/png;base64,{b64encode(picture).decode()}">'
        for picture in pictures
    )
    await page.set_content(f'<div style="display:inline-flex;gap:12px">{images}</div>')
    await page.locator("div").screenshot(path=IMAGES / f"{name}.png")
    await page.close()


@asynccontextmanager
async def _served(persona: str = "steward") -> AsyncIterator[str]:
    """Serve a fresh demo home; give the address of its page."""
    with tempfile.TemporaryDirectory() as state:
        config = Config(server=Server(port=0), paths=Paths(state=Path(state)), persona=persona)
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        butler = Butler(assemble(config))
        await butler.warm()
        serving = asyncio.create_task(serve(butler, config, ready.set_result))
        yield await ready
        serving.cancel()
        await asyncio.wait({serving})


async def main() -> None:
    """Picture the page at both sizes, what he is at, and every persona's face."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=[
                *("--no-sandbox", "--disable-background-networking"),
                *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
                "--use-file-for-fake-audio-capture=/dev/null",
            ],
        )
        async with _served() as url:
            for name in SIZES:
                await _picture(browser, url, name)
            await _row(browser, await _moods(browser, url), 260, "moods")
        await _fit(browser)
        faces = []
        for name in shipped():
            async with _served(name) as url:
                faces.append(await _face(browser, url))
        await _row(browser, faces, 160, "personas")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
