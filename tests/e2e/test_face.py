"""The face on the page: what he does shows, and his mouth moves with the sound."""

from __future__ import annotations

from typing import Any

from browsers import launch
from playwright.sync_api import Playwright, expect

WATCH = """() => {
  window.shapes = [];
  const face = document.querySelector(".portrait");
  new MutationObserver(() => {
    const shape = `${face.classList[1]} ${face.dataset.mouth}`;
    if (window.shapes.at(-1) !== shape) window.shapes.push(shape);
  }).observe(face, { attributes: true });
}"""


def test_the_mouth_moves_while_he_speaks_and_rests_after(
    running: Any, playwright: Playwright
) -> None:
    browser = launch(playwright)
    page = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844}).new_page()
    page.goto(running.url)
    face = page.locator(".portrait")
    expect(face).to_have_attribute("aria-label", "Steward is there")
    page.evaluate(WATCH)
    page.get_by_label("Your message").fill("turn on the kitchen light")
    page.keyboard.press("Enter")
    expect(face).to_have_attribute("aria-label", "Steward speaks", timeout=60_000)
    expect(face).to_have_attribute("aria-label", "Steward is there", timeout=60_000)
    shapes = page.evaluate("window.shapes")
    assert {"speaking wide", "speaking open"} <= set(shapes)
    assert len(shapes) > 6
    assert shapes[-1] == "idle rest"
    page.get_by_label("Your message").fill("open the flurb")
    page.keyboard.press("Enter")
    expect(face).to_have_attribute("aria-label", "Steward is not sure", timeout=60_000)
    browser.close()
