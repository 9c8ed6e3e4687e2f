"""The page in a real browser, on a real server with the real butler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from browsers import launch
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

SPEECH = Path(__file__).parents[1] / "data" / "speech" / "living_room_light_en.wav"
LIGHT = '.home-pane [data-entity="light.living_room_light"]'


@pytest.fixture(scope="module")
def browser(playwright: Playwright, tmp_path_factory: Any) -> Iterator[Browser]:
    """A browser whose microphone hears the recording once each time it is opened."""
    sound, rate = soundfile.read(SPEECH, dtype="int16")
    wav = tmp_path_factory.mktemp("microphone") / "speech.wav"
    soundfile.write(wav, sound, rate)
    made = launch(playwright, hears=f"{wav}%noloop")
    yield made
    made.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    yield made
    made.close()


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(url)
    expect(page.locator(LIGHT)).to_have_attribute("data-state", "off")
    assert errors == []
    return page


def seconds() -> float:
    found = soundfile.info(SPEECH)
    return float(found.frames / found.samplerate)


@pytest.mark.parametrize("hand", ["pointer", "space bar"])
def test_hold_to_talk_turns_the_light_on(running: Any, context: BrowserContext, hand: str) -> None:
    page = opened(context, running.url)
    button = page.get_by_role("button", name="Hold to talk")
    if hand == "pointer":
        button.hover()
        page.mouse.down()
    else:
        page.keyboard.down("Space")
    expect(page.locator(".dock.held")).to_be_visible()
    page.wait_for_timeout(seconds() * 1000 + 300)
    if hand == "pointer":
        page.mouse.up()
    else:
        page.keyboard.up("Space")
    expect(page.locator(LIGHT)).to_have_attribute("data-state", "on", timeout=90_000)
    turn = page.locator(".turn")
    expect(turn.locator(".mine")).to_contain_text("living room light")
    expect(turn.locator('.shown [data-entity="light.living_room_light"]')).to_be_visible()
    turn.locator("summary").click()
    trace = turn.locator(".trace")
    expect(trace).to_contain_text("light.turn_on")
    expect(trace).to_contain_text("First sound", timeout=60_000)
    expect(trace.locator(".ms").first).to_contain_text("ms")


def test_typing_works(running: Any, context: BrowserContext) -> None:
    page = opened(context, running.url)
    page.get_by_label("Your message").fill("turn on the living room light")
    page.keyboard.press("Enter")
    expect(page.locator(LIGHT)).to_have_attribute("data-state", "on", timeout=20_000)
    expect(page.locator(".turn .mine")).to_have_text("turn on the living room light")
    expect(page.locator(".turn .his p").first).to_contain_text("light", ignore_case=True)


def test_a_tap_shows_on_every_page(running: Any, context: BrowserContext) -> None:
    one, other = opened(context, running.url), opened(context, running.url)
    one.locator(LIGHT).get_by_role("switch").click()
    expect(one.locator(LIGHT)).to_have_attribute("data-state", "on")
    expect(other.locator(LIGHT)).to_have_attribute("data-state", "on")
    slider = other.locator(LIGHT).get_by_role("slider")
    slider.fill("30")
    expect(one.locator(LIGHT)).to_contain_text("30 %")
    other.reload()
    expect(other.locator(LIGHT)).to_contain_text("30 %")


def test_unlocking_asks_first(running: Any, context: BrowserContext) -> None:
    page = opened(context, running.url)
    lock = page.locator('.home-pane [data-entity="lock.front_door"]')
    lock.get_by_role("switch").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(lock).to_have_attribute("data-state", "locked")
    lock.get_by_role("switch").click()
    page.get_by_role("dialog").get_by_role("button", name="Unlock").click()
    expect(lock).to_have_attribute("data-state", "unlocked")


def test_what_is_said_and_risky_is_answered_by_a_button(
    running: Any, context: BrowserContext
) -> None:
    page = opened(context, running.url)
    lock = page.locator('.home-pane [data-entity="lock.front_door"]')
    for answer, state in (("No", "locked"), ("Yes", "unlocked")):
        page.get_by_label("Your message").fill("unlock the front door")
        page.keyboard.press("Enter")
        page.get_by_role("button", name=answer, exact=True).click()
        expect(page.get_by_role("button", name=answer, exact=True)).to_have_count(0)
        expect(lock).to_have_attribute("data-state", state)


def test_all_that_the_page_offers_the_home_can_do(running: Any, context: BrowserContext) -> None:
    page = opened(context, running.url)
    offered = page.evaluate(
        """async () => {
          const { describe } = await import("/static/devices.js");
          const { WORDS } = await import("/static/words.js");
          const { entities } = await (await fetch("/api/world")).json();
          const calls = [];
          const states = ["on", "off", "open", "closed", "locked", "unlocked", "playing", "docked"];
          for (const entity of entities) {
            for (const state of [entity.state, ...states]) {
              const shown = describe({ ...entity, state }, WORDS.en);
              if (shown.tap) calls.push(shown.tap);
              for (const control of shown.controls) {
                calls.push(control.act(control.value ?? control.options?.[0]?.[0]));
              }
            }
          }
          return calls.map(({ capability, confirm }) => [capability, Boolean(confirm)]);
        }"""
    )
    risks = running.risks
    assert {name for name, _ in offered} - set(risks) == set()
    assert len({name for name, _ in offered}) > 15
    for name, confirmed in offered:
        assert confirmed or risks[name] != "guarded", f"{name} must ask first"


def test_the_page_in_chinese(running: Any, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    page = opened(context, running.url)
    expect(page.get_by_role("button", name="按住说话")).to_be_visible()
    expect(page.get_by_role("heading", name="客厅")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_label("消息").fill("打开客厅灯")
    page.keyboard.press("Enter")
    expect(page.locator(LIGHT)).to_have_attribute("data-state", "on", timeout=20_000)
    page.get_by_role("button", name="Switch to English").click()
    expect(page.get_by_role("heading", name="Living Room")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Living Room")).to_be_visible()
    context.close()


def test_nothing_is_asked_of_anybody_else(running: Any, context: BrowserContext) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    opened(context, running.url)
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((running.url, "data:"))] == []


def test_a_refused_microphone_is_explained(running: Any, playwright: Playwright) -> None:
    refusing = ("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    browser = launch(playwright, *refusing)
    page = opened(browser.new_context(locale="en-GB"), running.url)
    page.get_by_role("button", name="Hold to talk").hover()
    page.mouse.down()
    expect(page.get_by_role("alert")).to_contain_text("microphone was refused")
    page.mouse.up()
    expect(page.get_by_label("Your message")).to_be_visible()
    browser.close()


def test_a_lost_server_is_said_and_found_again(
    server: Any, tmp_path: Path, context: BrowserContext
) -> None:
    first = server(tmp_path / "state")
    page = opened(context, first.start())
    port = int(first.url.rstrip("/").rpartition(":")[2])
    first.stop()
    expect(page.locator(".connection")).to_contain_text("Not connected")
    again = server(tmp_path / "state", port)
    again.start()
    expect(page.locator(".connection")).to_be_hidden(timeout=20_000)
    page.locator(LIGHT).get_by_role("switch").click()
    expect(page.locator(LIGHT)).to_have_attribute("data-state", "on")
    again.stop()


def test_a_phone_shows_talk_and_home_in_turn(running: Any, browser: Browser) -> None:
    context = browser.new_context(
        locale="en-GB", viewport={"width": 390, "height": 844}, has_touch=True
    )
    page = context.new_page()
    page.goto(running.url)
    expect(page.locator(LIGHT)).to_be_hidden()
    page.get_by_role("tab", name="Home").tap()
    page.locator(LIGHT).get_by_role("switch").tap()
    expect(page.locator(LIGHT)).to_have_attribute("data-state", "on")
    expect(page.get_by_role("button", name="Hold to talk")).to_be_in_viewport()
    for wide in (390, 360):
        page.set_viewport_size({"width": wide, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
    context.close()
