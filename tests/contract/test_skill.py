"""What every Skill must do. A new one joins by adding its maker to `SKILLS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from steward.events import Event
from steward.home.local import LocalHome
from steward.skills.clock import Clock
from steward.skills.schedule import Schedule
from steward.skills.speaking import Speaking
from steward.skills.timers import Timers
from steward.types import Call, Done, Failed, Json, Meaning, Outcome, Skill

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
Made = tuple[Skill, Callable[[], None], tuple[str, Mapping[str, Json]]]


def clock(folder: Path) -> Made:
    return Clock(lambda: NOW), lambda: None, ("clock.time", {})


def timers(folder: Path) -> Made:
    ignored: list[Event] = []
    made = Timers(folder / "timers.db", ignored.append, lambda: NOW)
    return made, made.close, ("timers.start", {"seconds": 60, "language": "en"})


def schedule(folder: Path) -> Made:
    ignored: list[Event] = []

    async def perform(call: Call) -> Outcome:
        return Done(call.id)

    made = Schedule(folder / "schedule.db", ignored.append, lambda: NOW, perform)
    reminder: dict[str, Json] = {"when": {"after": 60}, "text": "call home", "language": "en"}
    return made, made.close, ("schedule.add", reminder)


def speaking(folder: Path) -> Made:
    return (
        Speaking(folder / "voice.json", lambda: NOW),
        lambda: None,
        (
            "voice.set",
            {"change": "slower"},
        ),
    )


def home(folder: Path) -> Made:
    ignored: list[Event] = []
    made = LocalHome(folder / "home.db", ignored.append)
    return made, made.close, ("light.turn_on", {"entity_id": ["light.kitchen_light"]})


# Each makes a Skill in a folder, what closes it, and a Call that it can carry out.
SKILLS: dict[str, Callable[[Path], Made]] = {
    "clock": clock,
    "timers": timers,
    "schedule": schedule,
    "speaking": speaking,
    "home": home,
}


@pytest.fixture(params=SKILLS)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Made]:
    skill, close, works = SKILLS[request.param](tmp_path)
    yield skill, close, works
    close()


def call(capability: str, arguments: Mapping[str, Json]) -> Call:
    return Call("c9", capability, Meaning("Test"), arguments)


async def test_it_is_a_skill_with_unique_capabilities(made: Made) -> None:
    skill = made[0]
    assert isinstance(skill, Skill)
    names = [capability.name for capability in skill.capabilities]
    assert names
    assert len(names) == len(set(names))
    assert all(capability.schema["type"] == "object" for capability in skill.capabilities)


async def test_what_works_is_done(made: Made) -> None:
    skill, _, (capability, arguments) = made
    outcome = await skill.perform(call(capability, arguments))
    assert isinstance(outcome, Done), outcome
    assert outcome.call == "c9"
    assert isinstance(outcome.value, dict)


async def test_what_it_cannot_do_is_unsupported(made: Made) -> None:
    outcome = await made[0].perform(call("no.such_thing", {}))
    assert isinstance(outcome, Failed)
    assert (outcome.call, outcome.reason) == ("c9", "unsupported")
    assert outcome.message


async def test_arguments_that_no_capability_takes_are_invalid(made: Made) -> None:
    skill = made[0]
    for capability in skill.capabilities:
        outcome = await skill.perform(call(capability.name, {"no_such_argument": 1}))
        assert isinstance(outcome, Failed)
        assert outcome.reason == "invalid"
        assert outcome.message
