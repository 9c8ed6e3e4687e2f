"""Questions that wait: three simulated days, a process that is killed, several that share them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from clouds import cloud, saying, silent
from waiting import eventually

from steward.errors import StateError
from steward.events import Brought, Event
from steward.models.openai import UnreachableError
from steward.models.scripted import Scripted
from steward.models.scripted import saying as scripted
from steward.models.tiers.accounts import FILE as ACCOUNTS
from steward.models.tiers.accounts import Accounts
from steward.models.tiers.here import Here
from steward.models.tiers.ladder import Ladder, Rung
from steward.models.tiers.questions import FILE, MAX_WAITING, Questions
from steward.models.tiers.request import Prepared, whole
from steward.models.tiers.waiting import Waiting
from steward.thinking import (
    Answer,
    Completion,
    Generation,
    Inquiry,
    LanguageModel,
    Message,
    Resolved,
    Token,
)

START = datetime(2026, 5, 4, tzinfo=UTC)


class Line:
    """A tier at the end of a line that goes up and down, with a clock of its own."""

    name = "cloud"

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = START
        self.up = True
        self.changes = START
        self.answered: Counter[str] = Counter()

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        while self.changes <= self.now:
            self.up = not self.up
            self.changes += timedelta(seconds=self.rng.expovariate(1 / 1800))

    async def complete(
        self, messages: Sequence[Message], _: Generation, leaving: Callable[[bytes], None]
    ) -> Completion:
        text = messages[-1].content
        if not self.up:
            raise UnreachableError("the line is cut", hint="wait")
        leaving(text.encode())
        if self.rng.random() < 0.1:
            raise UnreachableError("the line was cut in between", hint="wait")
        self.answered[text] += 1
        return Completion(f"answer to {text}", (), 10, 10)


async def whole_of(inquiry: Inquiry, _: str, __: str) -> Prepared:
    return whole(inquiry)


def judged(_: str, __: str, ___: Sequence[Token]) -> tuple[float, float | None]:
    return 0.0, None


@pytest.mark.parametrize("seed", range(2))
async def test_three_days_of_a_line_that_comes_and_goes(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    line, events = Line(rng), list[Event]()
    asked: list[str] = []
    kept: list[str] = []
    accounts = Accounts(tmp_path / ACCOUNTS)

    def opened() -> Waiting:
        ladder = Ladder(
            [Rung(line)],
            accounts,
            events.append,
            prepare=whole_of,
            judge=judged,
            seconds=20,
            late=8,
            now=lambda: line.now,
        )
        return Waiting(
            questions, ladder.ask, ladder.ready, events.append, lambda: line.now, seconds=20
        )

    questions = Questions(tmp_path / FILE)
    queue = opened()
    end = START + timedelta(hours=72)
    while line.now < end:
        line.passes(rng.uniform(20, 240))
        if rng.random() < 0.15:
            asked.append(f"question {len(asked)}")
            resolved = await queue.ask(Inquiry(asked[-1], "en", can_wait=True))
            if resolved.how == "waits":
                kept.append(asked[-1])
            else:
                assert resolved.how == "answered"
        await queue.look()
        if rng.random() < 0.02:
            questions.close()
            questions = Questions(tmp_path / FILE)
            queue = opened()
    line.up, line.changes = True, end + timedelta(days=9)
    while any(each.answered is None for each in await questions.all()):
        line.passes(60)
        await queue.look()
    told = Counter(event.question for event in events if isinstance(event, Brought))
    assert len(kept) > 40
    assert told == Counter(kept)
    assert line.answered == Counter(asked)
    questions.close()
    accounts.close()


CHILD = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from steward.config import Config
from steward.tiers import open_tiers
from steward.types import World
from steward.thinking import Inquiry
from steward.events import Brought

def emit(event):
    if isinstance(event, Brought):
        with open(sys.argv[3], "a") as told:
            told.write(event.question + "|" + event.text + "\\n")

config = Config.model_validate({
    "paths": {"state": sys.argv[1]},
    "tiers": {"seconds": 20, "cloud": {"url": sys.argv[2]}},
})
now = lambda: datetime.now().astimezone()
queue = open_tiers(config, emit, lambda: (World(), ()), {}, now).waiting

async def main():
    for number in range(int(sys.argv[4])):
        asked = Inquiry(f"why is question {number} asked", "en", can_wait=True)
        resolved = await queue.ask(asked)
        print(resolved.how, flush=True)
    await queue.watch()

asyncio.run(main())
"""


def child(folder: Path, url: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(folder), url, str(folder / "told"), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


async def test_a_process_that_is_killed_loses_none_and_answers_none_twice(tmp_path: Path) -> None:
    asker = child(tmp_path, "http://127.0.0.1:1/v1", 3)
    assert asker.stdout is not None
    for _ in range(3):
        assert (await asyncio.to_thread(asker.stdout.readline)).strip() == "waits"
    killed(asker)
    forget_time(tmp_path)
    with cloud(silent) as far:
        # Killed while the first question is on its way: nobody has an answer.
        second = child(tmp_path, far.url, 0)
        await eventually(lambda: bool(far.bodies))
        killed(second)
        assert not (tmp_path / "told").exists()
        forget_time(tmp_path)
        far.answer = saying("Because of tests.")
        third = child(tmp_path, far.url, 0)
        told = tmp_path / "told"
        await eventually(lambda: told.exists() and len(told.read_text().splitlines()) == 3)
        killed(third)
    said = told.read_text().splitlines()
    assert sorted(said) == [f"why is question {n} asked|Because of tests." for n in range(3)]
    assert len(far.bodies) == 4


def forget_time(folder: Path) -> None:
    """Let leases and breakers be over, as after a while."""
    forget(folder / FILE, "UPDATE question SET leased = 0")
    forget(folder / ACCOUNTS, "DELETE FROM tier")


def forget(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        connection.execute(sql)


async def climbing(inquiry: Inquiry) -> Resolved:
    await asyncio.sleep(0.01)
    return Resolved("answered", Answer(f"to {inquiry.text}", "en", 1.0, "cloud"))


async def waits(_: Inquiry) -> Resolved:
    return Resolved("waits", None, "cloud")


async def always(_: Inquiry) -> bool:
    return True


def queue_at(
    path: Path, climb: Callable[[Inquiry], Awaitable[Resolved]], told: list[Event]
) -> tuple[Questions, Waiting]:
    questions = Questions(path)
    queue = Waiting(questions, climb, always, told.append, lambda: START, seconds=20)
    return questions, queue


async def test_several_processes_share_what_waits(tmp_path: Path) -> None:
    told: list[Event] = []
    first, full = queue_at(tmp_path / FILE, waits, told)
    for number in range(30):
        assert (await full.ask(Inquiry(f"q{number}", "en"))).how == "waits"
    peers = [queue_at(tmp_path / FILE, climbing, told) for _ in range(3)]
    await asyncio.gather(*(peer.look() for _, peer in peers for _ in range(12)))
    questions = Counter(event.question for event in told if isinstance(event, Brought))
    assert questions == Counter(f"q{number}" for number in range(30))
    for opened in (first, *(opened for opened, _ in peers)):
        opened.close()


async def test_what_was_answered_by_a_process_that_died_is_told_by_the_next(tmp_path: Path) -> None:
    told: list[Event] = []
    questions, queue = queue_at(tmp_path / FILE, waits, told)
    await questions.keep(Inquiry("q", "en"), 1.0)
    taken = await questions.take(2.0, 25.0)
    assert taken is not None
    answer = Answer("Lima.", "en", 1.0, "cloud")
    assert await questions.answer(taken, answer, 3.0) is not None
    assert await questions.answer(taken, Answer("Rome.", "en", 1.0, "hub"), 4.0) is None
    await queue.look()
    await queue.look()
    assert [event.text for event in told if isinstance(event, Brought)] == ["Lima."]
    questions.close()


async def test_this_device_is_not_asked_again_and_again_while_the_line_is_cut(
    tmp_path: Path,
) -> None:
    model = Scripted(scripted("It is Lima I think."))
    now, line = [START], Line(random.Random(0))
    line.up = False

    async def get() -> LanguageModel:
        return model

    questions, accounts = Questions(tmp_path / FILE), Accounts(tmp_path / ACCOUNTS)
    ladder = Ladder(
        [Rung(Here("device", get), here=True), Rung(line)],
        accounts,
        lambda _: None,
        prepare=whole_of,
        judge=judged,
        seconds=20,
        late=8,
        now=lambda: now[0],
    )
    told = list[Event]()
    queue = Waiting(questions, ladder.ask, ladder.ready, told.append, lambda: now[0], seconds=20)
    assert (await queue.ask(Inquiry("q", "en", can_wait=True))).how == "waits"
    for _ in range(10):
        now[0] += timedelta(seconds=1)
        await queue.look()
    assert len(model.asked) == 1
    line.up, line.rng = True, random.Random(1)
    now[0] += timedelta(seconds=20)
    await queue.look()
    assert [event.text for event in told if isinstance(event, Brought)] == ["answer to q"]
    questions.close()
    accounts.close()


async def test_there_is_an_end_to_what_waits(tmp_path: Path) -> None:
    questions, queue = queue_at(tmp_path / FILE, waits, [])
    for number in range(MAX_WAITING):
        await queue.ask(Inquiry(f"q{number}", "en", (Message("user", "before"),)))
    assert (await queue.ask(Inquiry("one more", "en"))).how == "down"
    first, *_ = await questions.all()
    assert first.inquiry.before == (Message("user", "before"),)
    assert await questions.drop(first.id)
    assert not await questions.drop(first.id)
    questions.close()


async def test_a_damaged_question_says_so(tmp_path: Path) -> None:
    questions, queue = queue_at(tmp_path / FILE, waits, [])
    await queue.ask(Inquiry("q", "en"))
    questions.close()
    forget(tmp_path / FILE, "UPDATE question SET inquiry = '[]'")
    questions, queue = queue_at(tmp_path / FILE, waits, [])
    with pytest.raises(StateError, match="damaged"):
        await queue.look()
    questions.close()
