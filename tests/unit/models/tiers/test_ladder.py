"""The ladder with real servers, accounts on disk, and the decisions of the cascade."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from clouds import Cloud, cloud, cut, saying, sending, silent

from steward.config.tiers import TierConfig
from steward.events import Asked, Asking, Event
from steward.models.scripted import Scripted
from steward.models.scripted import saying as scripted
from steward.models.tiers.accounts import FILE, Accounts
from steward.models.tiers.client import Remote
from steward.models.tiers.here import Here
from steward.models.tiers.ladder import Ladder, Rung
from steward.models.tiers.request import Prepared, Withheld, whole
from steward.thinking import Inquiry, LanguageModel, Resolved, Token

ASKED = Inquiry("what is the capital of Peru", "en", turn="t1")


@dataclass
class Bench:
    """A ladder and what it is made of; the time is the test's."""

    folder: Path
    now: datetime = datetime(2026, 5, 4, 12, tzinfo=UTC)
    threshold: float | None = None
    withhold: bool = False
    battery: float | None = None
    events: list[Event] = field(default_factory=list)

    def ladder(self, *rungs: Rung, seconds: float = 20, late: float = 20) -> Ladder:
        self.accounts = Accounts(self.folder / FILE)
        return Ladder(
            rungs,
            self.accounts,
            self.events.append,
            prepare=self.prepare,
            judge=self.judge,
            seconds=seconds,
            late=late,
            now=lambda: self.now,
            battery=lambda: self.battery,
        )

    async def prepare(self, inquiry: Inquiry, _: str, __: str) -> Prepared | Withheld:
        return Withheld("private") if self.withhold else whole(inquiry)

    def judge(self, _: str, __: str, tokens: Sequence[Token]) -> tuple[float, float | None]:
        return (0.9 if tokens else 0.0), self.threshold


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.accounts.close()


@pytest.fixture
def far() -> Iterator[Cloud]:
    with cloud(saying("Lima.")) as serving:
        yield serving


@pytest.fixture
def hub() -> Iterator[Cloud]:
    with cloud(saying("Lima, perhaps.")) as serving:
        yield serving


def rung(name: str, at: Cloud, seconds: float = 20, **more: float) -> Rung:
    config = TierConfig(url=at.url, seconds=seconds)
    return Rung(Remote(name, config, None), seconds=seconds, **more)  # type: ignore[arg-type]


def here(text: str = "It is Lima I think.") -> tuple[Rung, Scripted]:
    model = Scripted(scripted(text))

    async def get() -> LanguageModel:
        return model

    return Rung(Here("device", get), here=True), model


def summary(resolved: Resolved) -> tuple[str, str, str]:
    answer = resolved.answer
    return resolved.how, answer.tier if answer else "", answer.text if answer else ""


async def test_the_furthest_answers_where_nothing_is_certified(bench: Bench, far: Cloud) -> None:
    device, model = here()
    resolved = await bench.ladder(device, rung("cloud", far)).ask(ASKED)
    assert summary(resolved) == ("answered", "cloud", "Lima.")
    assert len(model.asked) == 1
    assert resolved.answer is not None
    assert [sent.body for sent in resolved.answer.sent] == far.bodies
    assert [(e.tier, e.body) for e in bench.events if isinstance(e, Asking)] == [
        ("device", b""),
        ("cloud", far.bodies[0]),
    ]
    last = bench.events[-1]
    assert isinstance(last, Asked)
    assert (last.turn, last.tier, last.failure, last.text) == ("t1", "cloud", "", "Lima.")


async def test_what_is_sure_enough_does_not_leave(bench: Bench, far: Cloud) -> None:
    bench.threshold = 0.8
    device, _ = here()
    resolved = await bench.ladder(device, rung("cloud", far)).ask(ASKED)
    assert summary(resolved) == ("answered", "device", "It is Lima I think.")
    assert far.bodies == []


@pytest.mark.parametrize(
    "answer", [cut, sending(b"{garbage"), sending(b"x" * 10_000_000), sending(b"", 503)]
)
async def test_a_cloud_that_fails_leaves_the_nearer_answer(
    bench: Bench, far: Cloud, hub: Cloud, answer: object
) -> None:
    far.answer = answer  # type: ignore[assignment]
    ladder = bench.ladder(rung("hub", hub), rung("cloud", far))
    resolved = await ladder.ask(ASKED)
    assert summary(resolved) == ("nearer", "hub", "Lima, perhaps.")
    assert resolved.missing == "cloud"
    await ladder.ask(ASKED)
    assert len(far.bodies) == 1, "it is left alone"
    bench.now += timedelta(seconds=16)
    far.answer = saying("Lima.")
    assert summary(await ladder.ask(ASKED))[:2] == ("answered", "cloud")
    assert (await bench.accounts.read("cloud")).breaker.state(0) == "closed"


async def test_a_hub_that_is_down_is_passed_over(bench: Bench, far: Cloud, hub: Cloud) -> None:
    hub.answer = sending(b"", 500)
    resolved = await bench.ladder(rung("hub", hub), rung("cloud", far)).ask(ASKED)
    assert summary(resolved) == ("answered", "cloud", "Lima.")


async def test_nobody_waits_for_a_late_one_where_another_has_answered(
    bench: Bench, far: Cloud, hub: Cloud
) -> None:
    far.answer = silent
    resolved = await bench.ladder(rung("hub", hub), rung("cloud", far), late=0.5).ask(ASKED)
    assert summary(resolved) == ("late", "hub", "Lima, perhaps.")
    hanging = cloud(silent)
    with hanging as slow:
        ladder = bench.ladder(rung("slow", slow), rung("hub", hub), late=0.5)
        assert summary(await ladder.ask(ASKED))[:2] == ("answered", "hub")


async def test_the_owners_limit_holds_whoever_hangs(bench: Bench, far: Cloud) -> None:
    far.answer = silent
    ladder = bench.ladder(rung("cloud", far), seconds=0.5)
    async with asyncio.timeout(20):
        resolved = await ladder.ask(ASKED)
    assert summary(resolved) == ("down", "", "")
    assert resolved.missing == "cloud"


async def test_what_can_wait_waits_for_the_line_but_not_for_the_answer(
    bench: Bench, far: Cloud
) -> None:
    patient = Inquiry(ASKED.text, "en", can_wait=True)
    far.answer = sending(b"", 500)
    device, _ = here()
    ladder = bench.ladder(device, rung("cloud", far))
    assert (await ladder.ask(patient)).how == "waits"
    far.answer = saying("Lima.")
    bench.now += timedelta(seconds=20)
    assert summary(await ladder.ask(patient))[0] == "answered"


async def test_no_more_money_is_spent_than_its_owner_gives(bench: Bench, far: Cloud) -> None:
    # 100 tokens in at 10 a million and 1 out at 20: 0.00102; at most 0.02 for one question.
    ladder = bench.ladder(rung("cloud", far, price_in=10, price_out=20, money=0.0400, tokens=512))
    results = await asyncio.gather(*(ladder.ask(ASKED) for _ in range(40)))
    told = [each.how for each in results]
    spent = (await bench.accounts.read("cloud")).spent
    assert spent == pytest.approx(0.00102 * told.count("answered"))
    assert set(told) == {"answered", "money"}
    assert spent <= 0.04
    bench.now += timedelta(days=1)
    assert (await ladder.ask(ASKED)).how == "answered"
    assert (await bench.accounts.read("cloud")).spent == pytest.approx(0.00102)


async def test_an_hour_without_a_line_costs_nothing(bench: Bench) -> None:
    nobody = Cloud(url="http://127.0.0.1:1/v1")
    ladder = bench.ladder(rung("cloud", nobody, price_in=10, price_out=20, money=1))
    assert (await ladder.ask(ASKED)).how == "down"
    account = await bench.accounts.read("cloud")
    assert (account.spent, account.breaker.failures) == (0, 1)
    assert "cannot reach" in account.trouble


async def test_what_must_not_leave_stays(bench: Bench, far: Cloud) -> None:
    bench.withhold = True
    device, _ = here()
    resolved = await bench.ladder(device, rung("cloud", far)).ask(ASKED)
    assert summary(resolved)[:2] == ("private", "device")
    assert far.bodies == []
    never = Rung(Remote("cloud", TierConfig(url=far.url), None), send="nothing")
    assert (await bench.ladder(never).ask(ASKED)).how == "nobody"


async def test_answers_get_their_words_back(bench: Bench, far: Cloud) -> None:
    async def hide(inquiry: Inquiry, _: str, __: str) -> Prepared:
        hidden = Inquiry(inquiry.text.replace("Mia", "<PERSON_1>"), "en")
        return Prepared(whole(hidden).messages, lambda text: text.replace("<PERSON_1>", "Mia"))

    bench.prepare = hide  # type: ignore[method-assign]
    far.answer = saying("Ask <PERSON_1> about it.")
    resolved = await bench.ladder(rung("cloud", far)).ask(Inquiry("what would Mia say", "en"))
    assert summary(resolved)[2] == "Ask Mia about it."
    assert b"Mia" not in far.bodies[0]
    assert json.loads(far.bodies[0])["messages"][-1]["content"] == "what would <PERSON_1> say"


async def test_one_machine_may_see_what_another_must_not(
    bench: Bench, far: Cloud, hub: Cloud
) -> None:
    async def prepare(inquiry: Inquiry, tier: str, _: str) -> Prepared | Withheld:
        return Withheld("private") if tier == "cloud" else whole(inquiry)

    bench.prepare = prepare  # type: ignore[method-assign, assignment]
    resolved = await bench.ladder(rung("cloud", far), rung("hub", hub)).ask(ASKED)
    assert summary(resolved)[:2] == ("answered", "hub")
    assert far.bodies == []


async def test_a_device_that_runs_out_of_power_asks_itself_last(bench: Bench, far: Cloud) -> None:
    device, model = here()
    ladder = bench.ladder(device, rung("cloud", far))
    bench.battery = 0.1
    assert summary(await ladder.ask(ASKED))[1] == "cloud"
    assert model.asked == []
    far.answer = sending(b"", 500)
    assert summary(await ladder.ask(ASKED))[:2] == ("nearer", "device")


async def test_a_machine_that_is_left_alone_is_no_reason_to_hurry(
    bench: Bench, far: Cloud, hub: Cloud
) -> None:
    hub.answer = sending(b"", 500)
    ladder = bench.ladder(rung("hub", hub), rung("cloud", far), late=0.3)
    assert summary(await ladder.ask(ASKED))[1] == "cloud"

    def slow(serving: Cloud, handler: BaseHTTPRequestHandler) -> None:
        time.sleep(1)
        saying("Lima, after all.")(serving, handler)

    far.answer = slow
    assert summary(await ladder.ask(ASKED))[2] == "Lima, after all."


async def test_money_of_yesterday_is_not_settled_today(bench: Bench, far: Cloud) -> None:
    def at_midnight(serving: Cloud, handler: BaseHTTPRequestHandler) -> None:
        bench.now += timedelta(days=1)
        saying("Lima.")(serving, handler)

    far.answer = at_midnight
    ladder = bench.ladder(rung("cloud", far, price_in=10, money=1))
    await ladder.ask(ASKED)
    far.answer = saying("Lima.")
    await ladder.ask(ASKED)
    assert (await bench.accounts.read("cloud")).spent == pytest.approx(0.001)
