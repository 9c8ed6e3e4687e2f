"""The face on the page: what he does shows, and his mouth moves with the sound."""

from __future__ import annotations

from pathlib import Path
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


def test_the_persona_has_a_face_and_a_manner(
    server: Any, tmp_path: Path, playwright: Playwright
) -> None:
    running = server(tmp_path, persona="butler")
    running.start()
    browser = launch(playwright)
    page = browser.new_page(locale="en-GB")
    page.goto(running.url)
    face = page.locator(".portrait")
    expect(face.locator(".hair")).to_have_count(2)
    expect(face.locator(".worn")).to_have_count(1)
    expect(face.locator(".head")).to_have_css("stroke", "rgb(85, 105, 154)")
    page.get_by_label("Your message").fill("turn on the kitchen light")
    page.keyboard.press("Enter")
    said = page.locator(".turn").last
    expect(said).to_contain_text("Very good. The kitchen light is on.", timeout=60_000)
    browser.close()
    running.stop()
