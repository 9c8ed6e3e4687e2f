"""The audit log, of the real butler in a real home."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from steward.audit import HIDDEN, Act, Audit
from steward.butler import Butler
from steward.config import Config, Paths
from steward.events import Ended, Heard, JobDone, Performed, Planned, Replied
from steward.types import Call, Calls, Done, Meaning, Origin, Plan, Utterance
from steward.wiring import assemble

PHONE = Origin("api", "phone")


@pytest.fixture
def butler(tmp_path: Path) -> Butler:
    return Butler(assemble(Config(paths=Paths(state=tmp_path))))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Audit]:
    with closing(Audit(tmp_path, 90)) as audit:
        yield audit


async def ask(butler: Butler, text: str, turn: str | None = None) -> None:
    async for _ in butler.turn(Utterance(text), turn=turn, origin=PHONE):
        pass


def a_turn(text: str, *calls: Call, name: str = "t") -> list[Heard | Planned]:
    plan = Plan(Calls(calls), "en", "templates", 0.9)
    return [Heard(name, 1.0, Utterance(text), 1.0, PHONE), Planned(name, time.time(), plan, 1.0)]


async def test_an_act_says_who_what_why_and_how(butler: Butler, log: Audit) -> None:
    await ask(butler, "turn on the kitchen light", turn="first")
    (act,) = log.search()
    assert (act.door, act.who, act.turn) == ("api", "phone", "first")
    assert (act.said, act.result) == ("turn on the kitchen light", "done")
    assert act.stage
    assert act.confidence > 0.5
    assert "kitchen light" in act.reply.lower()
    assert "light.turn_on" in str(act.calls)
    assert "done" in str(act.outcomes)
    assert log.find(PHONE, "first") == act
    assert log.find(Origin("api", "tablet"), "first") is None


async def test_talk_is_no_act(butler: Butler, log: Audit) -> None:
    await ask(butler, "flurble the wibble")
    assert log.search() == ()


async def test_a_tap_is_an_act(butler: Butler, log: Audit) -> None:
    await butler.perform("light.explode", {}, origin=Origin("page", "tablet"))
    (act,) = log.search(door="page")
    assert (act.who, act.stage, act.result) == ("tablet", "tap", "failed")


async def test_a_turn_that_was_cut_off_is_no_success(butler: Butler, log: Audit) -> None:
    async with aclosing(butler.turn(Utterance("turn on the kitchen light"))) as events:
        async for event in events:
            if isinstance(event, Planned):
                assert log.search()[0].result == "begun"
                break
    assert log.search()[0].result == "cancelled"


async def test_an_act_is_done_though_the_reply_is_cut_off(butler: Butler, log: Audit) -> None:
    async with aclosing(butler.turn(Utterance("turn on the kitchen light"))) as events:
        async for event in events:
            if isinstance(event, Replied):
                break
    assert log.search()[0].result == "done"


async def test_words_find_acts_in_any_language(butler: Butler, log: Audit) -> None:
    await ask(butler, "turn on the kitchen light")
    await ask(butler, "打开厨房的灯")
    await ask(butler, "close the bedroom curtain")
    assert [act.said for act in log.search("厨房")] == ["打开厨房的灯"]
    assert [act.said for act in log.search("CURTAIN close")] == ["close the bedroom curtain"]
    assert log.search("100%") == log.search("a_i") == ()
    newest = log.search(limit=1)[0]
    assert newest.said == "close the bedroom curtain"
    assert log.search(before=newest.id)[0].said == "打开厨房的灯"


def test_a_code_is_nowhere_in_the_file(tmp_path: Path, log: Audit) -> None:
    disarm = Call("c1", "alarm_control_panel.alarm_disarm", Meaning("x"), {"code": "271828"})
    for event in a_turn("disarm the alarm, the code is 271828", disarm):
        log.note(event)
    log.note(Ended("t", 2.0, "done"))
    log.note(Performed(time.time(), PHONE, disarm, Done("tap", {"echo": "271828"}), 1.0))
    for event in a_turn("解除警报，密码是 271828", name="u"):
        log.note(event)
    assert [HIDDEN in str(act) for act in log.search()] == [True] * 3
    log.close()
    for file in tmp_path.iterdir():
        assert b"271828" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0


def test_what_was_planned_is_an_act_of_nobody(log: Audit) -> None:
    log.note(JobDone(time.time(), "turn off the heater", "en", "failed"))
    log.note(JobDone(time.time(), "drink water", "en", "reminder"))
    (act,) = log.search()
    assert (act.door, act.said, act.result) == ("schedule", "turn off the heater", "failed")


def test_entries_go_when_their_time_is_over(tmp_path: Path) -> None:
    now = 0.0

    def act(said: str) -> tuple[Act, ...]:
        kept.note(JobDone(now, said, "en", "done"))
        return kept.search()

    with closing(Audit(tmp_path, 2, lambda: now)) as kept:
        assert len(act("first")) == 1
        now = 86_400.0
        assert len(act("second")) == 2
        now = 2 * 86_400.0 + 1
        assert [one.said for one in act("third")] == ["third", "second"]


def test_a_log_that_cannot_be_written_stops_nothing_and_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "audit.db").write_bytes(b"no database" * 100)
    with caplog.at_level(logging.ERROR):
        Audit(tmp_path, 2).note(JobDone(time.time(), "x", "en", "done"))
    assert "an act is missing in the audit log" in caplog.text


async def test_two_programs_may_write_at_once(tmp_path: Path) -> None:
    config = Config(paths=Paths(state=tmp_path))
    both = [Butler(assemble(config)) for _ in range(2)]
    await asyncio.gather(*(ask(one, "turn on the kitchen light") for one in both for _ in range(5)))
    with closing(Audit(tmp_path, 90)) as log:
        assert [act.result for act in log.search()] == ["done"] * 10
