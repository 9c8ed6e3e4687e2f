"""A real Home Assistant as the home: connected, spoken to, killed and started again."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistants import HomeAssistant

from steward.events import Event, StateChanged
from steward.home.homeassistant.home import HomeAssistantHome
from steward.types import Call, Done, Failed, Json, Meaning, Outcome

STEWARD = Path(sys.executable).with_name("steward")
SPEECH = Path(__file__).parents[1] / "data" / "speech"
LAMP, ROOM_LAMP = "light.bed_light", "light.living_room_rgbww_lights"


def steward(
    config: Path, *arguments: str | Path, told: str = ""
) -> subprocess.CompletedProcess[str]:
    line = [STEWARD, "--config", config, *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=300, input=told)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "steward.toml"
    file.write_text(f"# Our house.\n[paths]\nstate = {str(tmp_path / 'state')!r}  # here\n")
    return file


@pytest.fixture
def connected(config: Path, home_assistant: HomeAssistant) -> Path:
    arguments = ("connect", "home-assistant", home_assistant.url)
    done = steward(config, *arguments, told=home_assistant.token)
    assert done.returncode == 0, done.stderr
    return config


def test_connecting_shows_what_is_there_and_writes_it_down(
    config: Path, home_assistant: HomeAssistant
) -> None:
    before, file = config.read_text(), config.with_name("token.txt")
    file.write_text(home_assistant.token + "\n")
    arguments = ("connect", "home-assistant", home_assistant.url + "/", "--token-file", file)
    done = steward(config, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Kitchen" in done.stdout
    assert config.read_text() == f'{before}\n[home_assistant]\nurl = "{home_assistant.url}"\n'
    kept = config.with_name("state") / "home-assistant.token"
    assert kept.read_text().strip() == home_assistant.token
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    # Once more, with a new token say, changes nothing else.
    again = steward(config, *arguments, "--json")
    names = {entity["id"] for entity in json.loads(again.stdout)["entities"]}
    assert {LAMP, ROOM_LAMP} <= names
    assert not any(name.startswith("person.") for name in names), "it is not exposed"
    assert config.read_text().count("[home_assistant]") == 1
    for told in (done, again):
        assert home_assistant.token not in told.stdout + told.stderr
    listed = steward(config, "home", "--json")
    assert {entity["id"] for entity in json.loads(listed.stdout)["entities"]} == names
    other = steward(config, "connect", "home-assistant", "http://127.0.0.1:9", told="x")
    assert other.returncode == 2
    assert "already names" in other.stderr
    assert steward(config, "home", "reset").returncode == 2


def test_a_home_that_cannot_be_reached_is_no_empty_home(config: Path) -> None:
    state = config.with_name("state")
    state.mkdir()
    (state / "home-assistant.token").write_text("x")
    with config.open("a") as file:
        file.write('[home_assistant]\nurl = "http://127.0.0.1:1"\n')
    shown = steward(config, "home")
    assert shown.returncode == 0
    assert "cannot be reached since" in " ".join(shown.stdout.split())
    asked = steward(config, "ask", "turn on the kitchen light")
    assert "I can't reach all of the home" in asked.stdout


@pytest.mark.parametrize(
    ("url", "token", "code", "says"),
    [
        ("URL", "wrong", 2, "does not accept the token"),
        ("URL", "two words", 2, "not a token"),
        ("URL", "", 2, "not a token"),
        ("homeassistant.local:8123", "secret", 2, "not the address"),
        ("http://127.0.0.1:1", "secret", 4, "no Home Assistant answers"),
        ("URL/elsewhere", "secret", 4, "no Home Assistant answers"),
    ],
)
def test_what_cannot_be_connected_is_explained_and_nothing_is_written(
    config: Path, home_assistant: HomeAssistant, url: str, token: str, code: int, says: str
) -> None:
    before = config.read_text()
    address = url.replace("URL", home_assistant.url)
    done = steward(config, "connect", "home-assistant", address, told=token)
    assert done.returncode == code
    assert says in " ".join(done.stderr.split())
    assert "hint:" in done.stderr
    assert "secret" not in done.stderr
    assert config.read_text() == before
    assert not (config.with_name("state") / "home-assistant.token").exists()


@pytest.mark.parametrize(
    ("recording", "spoken"),
    [("living_room_light_en.wav", "on"), ("living_room_light_zh.wav", "开")],
)
def test_a_spoken_sentence_turns_on_a_lamp_of_home_assistant(
    connected: Path, home_assistant: HomeAssistant, recording: str, spoken: str
) -> None:
    home_assistant.call("light.turn_off", entity_id="all")
    reply = connected.with_name("reply.wav")
    done = steward(connected, "ask", "--json", "--wav", SPEECH / recording, "--say", reply)
    assert done.returncode == 0, done.stderr
    turn = json.loads(done.stdout)
    assert turn["plan"]["calls"][0]["arguments"]["entity_id"] == [ROOM_LAMP]
    assert spoken in turn["reply"]
    assert reply.stat().st_size > 10_000
    assert home_assistant.state(ROOM_LAMP) == "on"
    assert home_assistant.state(LAMP) == "off"


def call(capability: str, *ids: str, **more: Json) -> Call:
    return Call("c1", capability, Meaning("Test"), {"entity_id": list(ids), **more})


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
async def home(
    home_assistant: HomeAssistant, events: list[Event]
) -> AsyncIterator[HomeAssistantHome]:
    home_assistant.call("light.turn_off", entity_id="all")
    made = HomeAssistantHome(home_assistant.url, home_assistant.token, events.append)
    watching = asyncio.create_task(made.watch())
    assert (await made.world()).as_of is None
    yield made
    watching.cancel()
    await asyncio.wait({watching})


def state(home: HomeAssistantHome, entity: str) -> str:
    return next(each.state for each in home.seen.entities if each.id == entity)


async def until(home: HomeAssistantHome, so: Callable[[], bool]) -> None:
    """Wait until it is so; each look at the home is what a turn begins with."""
    async with asyncio.timeout(60):
        while not so():
            await home.world()
            await asyncio.sleep(0.02)


async def test_what_others_do_is_followed(
    home: HomeAssistantHome, home_assistant: HomeAssistant, events: list[Event]
) -> None:
    await asyncio.to_thread(home_assistant.call, "light.turn_on", entity_id=LAMP)
    await until(home, lambda: state(home, LAMP) == "on")
    assert any(isinstance(each, StateChanged) and each.entity.id == LAMP for each in events)
    # A room gets another name, and a thing moves there, and one more is exposed.
    command, update = home_assistant.command, "config/entity_registry/update"
    made = await asyncio.to_thread(
        command, "config/area_registry/create", name="Loft", aliases=["阁楼", " "]
    )
    where = {"entity_id": LAMP, "area_id": made["area_id"], "aliases": ["Reading Lamp"]}
    await asyncio.to_thread(command, update, **where)
    shown = {"assistants": ["conversation"], "entity_ids": ["siren.siren"], "should_expose": True}
    await asyncio.to_thread(command, "homeassistant/expose_entity", **shown)
    await until(home, lambda: any(each.id == "siren.siren" for each in home.seen.entities))
    lamp = next(each for each in home.seen.entities if each.id == LAMP)
    area = next(each for each in home.seen.areas if each.id == lamp.area)
    assert (area.name, area.aliases, lamp.aliases) == ("Loft", ("阁楼",), ("Reading Lamp",))
    await asyncio.to_thread(command, update, entity_id=LAMP, area_id="bedroom", aliases=list[str]())
    await asyncio.to_thread(command, "config/area_registry/delete", area_id=made["area_id"])
    shown["should_expose"] = False
    await asyncio.to_thread(command, "homeassistant/expose_entity", **shown)
    await until(home, lambda: all(each.id != "siren.siren" for each in home.seen.entities))


def value(outcome: Outcome) -> Any:
    assert isinstance(outcome, Done), outcome
    return outcome.value


async def test_lists_events_and_forecasts(
    home: HomeAssistantHome, home_assistant: HomeAssistant
) -> None:
    def attribute(entity: str, name: str) -> Any:
        return next(e for e in home.seen.entities if e.id == entity).attributes[name]

    def listed() -> dict[str, str]:
        return {each["summary"]: each["status"] for each in attribute(shopping, "items")}

    shopping, weather = "todo.shopping_list", "weather.demo_weather_south"
    value(await home.perform(call("todo.add_item", shopping, item="Oat milk")))
    assert listed() == {"Oat milk": "needs_action"}
    await asyncio.to_thread(home_assistant.call, "shopping_list.add_item", name="Eggs")
    await until(home, lambda: "Eggs" in listed())
    # Home Assistant itself knows an item only as it is written.
    done = call("todo.update_item", shopping, item="oat MILK", status="completed")
    value(await home.perform(done))
    assert listed() == {"Oat milk": "completed", "Eggs": "needs_action"}
    read = value(await home.perform(call("todo.get_items", shopping)))
    assert [item["summary"] for item in read["items"]] == ["Eggs"]
    missing = await home.perform(call("todo.remove_item", shopping, item="Beer"))
    assert isinstance(missing, Failed)
    assert missing.reason == "not_found"
    value(await home.perform(call("todo.remove_item", shopping, item=["oat milk", "eggs"])))
    assert listed() == {}

    events = value(await home.perform(call("calendar.get_events", "calendar.calendar_1")))
    assert [event["summary"] for event in events["events"]] == ["Future Event"]
    days = value(await home.perform(call("weather.get_forecasts", weather)))["forecast"]
    assert {"condition", "temperature"} <= set(days[0])
    assert len(attribute(weather, "forecast")) == len(days)
    refused = await home.perform(call("weather.get_forecasts", weather, type="hourly"))
    assert isinstance(refused, Failed)


async def test_a_jammed_lock_is_not_said_to_be_locked(home: HomeAssistantHome) -> None:
    jammed = await home.perform(call("lock.lock", "lock.poorly_installed_door"))
    assert isinstance(jammed, Failed)
    assert jammed.reason == "unconfirmed"


async def test_while_it_is_gone_old_states_are_told_as_old_and_nothing_is_claimed(
    home: HomeAssistantHome, home_assistant: HomeAssistant
) -> None:
    await home.perform(call("light.turn_on", LAMP))
    await asyncio.to_thread(home_assistant.kill)
    try:
        await until(home, lambda: home.seen.as_of is not None)
        assert state(home, LAMP) == "on"
        read = await home.perform(call("home.get_states", LAMP))
        assert isinstance(read, Done)
        assert isinstance(read.value, dict)
        assert home.seen.as_of is not None
        assert read.value["as_of"] == home.seen.as_of.isoformat()
        refused = await home.perform(call("light.turn_off", LAMP))
        assert isinstance(refused, Failed)
        assert refused.reason == "unavailable"
    finally:
        await asyncio.to_thread(home_assistant.start)
    await until(home, lambda: home.seen.as_of is None)
    # It was started anew: the lamp is off, as the demo begins, and what was refused is not done.
    assert state(home, LAMP) == "off"
    assert isinstance(await home.perform(call("light.turn_on", LAMP)), Done)


async def test_what_was_sent_when_it_died_is_told_and_never_sent_again(
    home: HomeAssistantHome, home_assistant: HomeAssistant
) -> None:
    # It hangs, so that the command is in its socket, unread, when it dies.
    home_assistant.pause()
    asked = asyncio.create_task(home.perform(call("light.turn_on", LAMP)))
    await asyncio.sleep(0.3)
    assert not asked.done()
    await asyncio.to_thread(home_assistant.kill)
    try:
        outcome = await asked
        assert isinstance(outcome, Failed)
        assert outcome.reason == "unconfirmed"
    finally:
        await asyncio.to_thread(home_assistant.start)
    await until(home, lambda: home.seen.as_of is None)
    assert state(home, LAMP) == "off"
    assert await asyncio.to_thread(home_assistant.state, LAMP) == "off"


async def test_what_took_long_is_done_once(
    home: HomeAssistantHome, home_assistant: HomeAssistant, events: list[Event]
) -> None:
    await home.perform(call("light.turn_on", LAMP, brightness=100))
    home_assistant.pause()
    asked = asyncio.create_task(home.perform(call("light.turn_on", LAMP, brightness_step=40)))
    await asyncio.sleep(0.5)
    home_assistant.resume()
    outcome: Outcome = await asked
    assert isinstance(outcome, Done)
    found = await asyncio.to_thread(home_assistant.get, f"states/{LAMP}")
    assert found["attributes"]["brightness"] == 140
