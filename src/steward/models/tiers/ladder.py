"""Runs an inquiry up the tiers: the nearest first, each further one only where it must be.

`models/cascade.py` decides; here its decisions are carried out within the owner's seconds and
money. Whatever a tier says is text for the one who asked, and nothing else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from steward.config.tiers import Send
from steward.errors import PeerError, StewardError
from steward.events import Asked, Asking, Emit
from steward.models.battery import battery
from steward.models.cascade import Budget, Keep, Line, Pass, Policy, Refuse, Wait, Why, decide
from steward.models.confidence import score
from steward.models.openai import RefusedError, UnreachableError
from steward.models.tiers.accounts import Account, Accounts
from steward.models.tiers.client import estimated
from steward.models.tiers.judge import Judge
from steward.models.tiers.request import Prepare, Prepared, Withheld, whole
from steward.thinking import (
    Answer,
    Completion,
    Generation,
    How,
    Inquiry,
    Resolved,
    Sent,
    Tier,
)

_MILLION = 1_000_000
_TEMPLATE = 512
"""Tokens that a server may put around a chat."""
_HOW: Mapping[Why, How] = {
    Why.LINE_DOWN: "nearer",
    Why.SLOW: "late",
    Why.MONEY: "money",
    Why.PRIVATE: "private",
}
"""What an obstacle makes of an answer that a nearer tier has."""
_WITHOUT: Mapping[Why, How] = {
    Why.LINE_DOWN: "down",
    Why.SLOW: "down",
    Why.MONEY: "money",
    Why.PRIVATE: "private",
}
"""What it makes of none."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier and what its owner says of it; `here`: it is on this device, and nothing leaves.

    Prices are of a million tokens, `money` is the most for a day, `tokens` the longest answer, and
    `seconds` how long it may take.
    """

    tier: Tier
    here: bool = False
    send: Send = "redacted"
    price_in: float = 0.0
    price_out: float = 0.0
    money: float = float("inf")
    tokens: int = 512
    seconds: float = 20.0

    def price(self, tokens_in: float, tokens_out: float) -> float:
        """Return what so many tokens cost."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / _MILLION


@dataclass
class _Climb:
    """An inquiry on its way up: who is left to be asked, and what came of it so far."""

    inquiry: Inquiry
    left: list[Rung]
    best: Answer | None = None
    threshold: float | None = None
    troubles: dict[str, Why] = field(default_factory=dict[str, Why])
    sent: list[Sent] = field(default_factory=list[Sent])


class Ladder:
    """The tiers of one home. Any number of inquiries may be on their way at once."""

    def __init__(
        self,
        rungs: Sequence[Rung],
        accounts: Accounts,
        emit: Emit,
        *,
        prepare: Prepare,
        judge: Judge,
        seconds: float,
        late: float,
        now: Callable[[], datetime],
        battery: Callable[[], float | None] = battery,
    ) -> None:
        """`rungs` are in the order in which they are asked.

        `prepare` makes what may leave, `judge` says how sure an answer is. Nobody waits longer than
        `seconds`, nor longer than `late` where a nearer tier has an answer. `now` is the time of
        this home, by whose days money is counted, `battery` the charge of this device, 0 to 1, None
        on mains.
        """
        self._rungs = tuple(rungs)
        self._accounts = accounts
        self._emit = emit
        self._prepare = prepare
        self._judge = judge
        self._seconds = seconds
        self._late = late
        self._now = now
        self._battery = battery

    async def ask(self, inquiry: Inquiry) -> Resolved:
        """Return what came of `inquiry`, within the seconds that somebody waits.

        Raises:
            StateError: the tiers' accounts cannot be read or written: nothing more leaves then.
            StewardError: what makes ready what may leave has failed.
        """
        ends = asyncio.get_running_loop().time() + self._seconds
        climb = _Climb(inquiry, list(self._rungs))
        policy = Policy(can_wait=inquiry.can_wait)
        while True:
            left = ends - asyncio.get_running_loop().time()
            lines = [await self._line(climb, rung, left) for rung in climb.left]
            sure = climb.best.confidence if climb.best else None
            budget = Budget(left, self._battery())
            decision = decide(sure, policy, budget, lines, climb.threshold)
            if not isinstance(decision, Pass):
                return _resolved(climb, decision)
            # Somebody else has answered, or can: nobody waits for this one alone.
            others = any(_askable(line) and line.tier != decision.tier for line in lines)
            patience = min(left, self._late) if climb.best or others else left
            rung = next(each for each in climb.left if each.tier.name == decision.tier)
            deadline = ends - left + patience
            climb.troubles |= await self._climb(climb, rung, decision.why, deadline)

    async def ready(self, inquiry: Inquiry) -> bool:
        """Tell whether what `inquiry` may wait for is there: a tier beyond this device that can be
        asked now, or, where there is none, one on it.

        Raises:
            StateError: the tiers' accounts cannot be read.
        """
        beyond = [rung for rung in self._rungs if not rung.here and rung.send != "nothing"]
        climb = _Climb(inquiry, beyond or list(self._rungs))
        lines = [await self._line(climb, rung, self._seconds) for rung in climb.left]
        return any(map(_askable, lines))

    async def _line(self, climb: _Climb, rung: Rung, left: float) -> Line:
        """Return the way to a tier as it is now; one that has failed in this climb stays down."""
        name, trouble = rung.tier.name, climb.troubles.get(rung.tier.name)
        account = (await self._accounts.read(name)).on(self._now().date().isoformat())
        up = account.breaker.state(self._now().timestamp()) != "open" and trouble is None
        worst = rung.price(len(climb.inquiry.text.encode()) + _TEMPLATE, rung.tokens)
        return Line(
            name,
            here=rung.here,
            send="nothing" if trouble is Why.PRIVATE else rung.send,
            up=up or trouble in (Why.MONEY, Why.SLOW, Why.PRIVATE),
            seconds=float("inf") if trouble is Why.SLOW or left <= 0 else 0.0,
            money=float("inf") if trouble is Why.MONEY else worst,
            left=rung.money - account.spent,
        )

    async def _climb(
        self, climb: _Climb, rung: Rung, why: Why, deadline: float
    ) -> Mapping[str, Why]:
        """Ask one tier, keep in `climb` what it says, and return what stood in the way."""
        name, inquiry = rung.tier.name, climb.inquiry
        try:
            async with asyncio.timeout_at(deadline):
                prepared = await self._prepared(inquiry, rung)
        except TimeoutError:
            return {name: Why.SLOW}
        if isinstance(prepared, Withheld):
            return {name: Why.PRIVATE}
        aside = rung.price(_size(prepared) + _TEMPLATE, rung.tokens)
        day = self._now().date().isoformat()
        if not await self._books(rung, day, aside):
            return {name: Why.MONEY}
        answered = await self._put(climb, rung, prepared, (day, aside), deadline)
        if isinstance(answered, StewardError):
            return {name: Why.SLOW if isinstance(answered, _LateError) else Why.LINE_DOWN}
        confidence, climb.threshold = self._judge(name, inquiry.language, answered.tokens)
        climb.best = Answer(answered.text, inquiry.language, confidence, name, why.value)
        # A nearer one is not asked for what a further one has answered.
        climb.left = climb.left[climb.left.index(rung) + 1 :]
        return {}

    async def _prepared(self, inquiry: Inquiry, rung: Rung) -> Prepared | Withheld:
        if rung.here:
            return whole(inquiry)
        return await self._prepare(inquiry, rung.tier.name, rung.send)

    async def _put(
        self,
        climb: _Climb,
        rung: Rung,
        prepared: Prepared,
        aside: tuple[str, float],
        deadline: float,
    ) -> Completion | StewardError:
        """Return what the tier says, or why nothing; what was set `aside` that day is settled."""
        name, turn, began = rung.tier.name, climb.inquiry.turn, time.perf_counter()
        bodies: list[bytes] = []
        scored = any(not each.here for each in climb.left if each is not rung)

        def leaving(body: bytes) -> None:
            bodies.append(body)
            self._emit(Asking(turn, time.time(), name, body))

        if rung.here:
            self._emit(Asking(turn, time.time(), name, b""))
        try:
            async with asyncio.timeout_at(deadline):
                options = Generation(rung.tokens, scored=scored)
                answer = await rung.tier.complete(prepared.messages, options, leaving)
        except (StewardError, TimeoutError) as error:
            failure = _failure(error, name)
            # What a server did before it failed nobody knows: it may have counted all of it.
            cost = 0.0 if _free(failure) or not bodies else aside[1]
            await self._failed(name, failure, aside, cost)
            climb.sent += _sent(name, bodies, 0, cost)
            ms = (time.perf_counter() - began) * 1000
            self._emit(Asked(turn, time.time(), name, ms, failure.message, money=cost))
            return failure
        cost = rung.price(answer.tokens_in, answer.tokens_out)
        await self._accounts.change(name, partial(_well, aside, cost))
        climb.sent += _sent(name, bodies, answer.tokens_out, cost, answer.tokens_in)
        answer = replace(answer, text=prepared.restore(answer.text))
        ms = (time.perf_counter() - began) * 1000
        counts = (answer.tokens_in, answer.tokens_out, cost)
        told = (answer.text, score(answer.tokens))
        self._emit(Asked(turn, time.time(), name, ms, "", *counts, *told))
        return answer

    async def _books(self, rung: Rung, day: str, aside: float) -> bool:
        """Set aside what the question may cost at most; False where there is not as much left."""
        enough = True
        now = self._now().timestamp()

        def change(before: Account) -> Account:
            nonlocal enough
            today = before.on(day)
            enough = aside == 0 or today.spent + aside <= rung.money
            trying = replace(today, breaker=today.breaker.tries(now, rung.seconds))
            return trying.books(day, aside) if enough else today

        await self._accounts.change(rung.tier.name, change)
        return enough

    async def _failed(
        self, name: str, failure: StewardError, aside: tuple[str, float], cost: float
    ) -> None:
        wait = failure.wait if isinstance(failure, RefusedError) else 0.0
        now = self._now().timestamp()

        def change(before: Account) -> Account:
            breaker = before.breaker.fails(now, wait)
            settled = before.settles(*aside, cost)
            return replace(settled, breaker=breaker, trouble=failure.message)

        await self._accounts.change(name, change)


class _LateError(PeerError):
    """A tier was not waited for any longer."""


def _failure(error: StewardError | TimeoutError, name: str) -> StewardError:
    if isinstance(error, StewardError):
        return error
    return _LateError(
        f"{name} took too long", hint="raise `seconds` or `late` under [tiers], or let it be faster"
    )


def _free(failure: StewardError) -> bool:
    return isinstance(failure, RefusedError | UnreachableError)


def _well(aside: tuple[str, float], cost: float, before: Account) -> Account:
    settled = before.settles(*aside, cost)
    return Account(settled.day, settled.spent)


def _askable(line: Line) -> bool:
    free = line.money <= line.left and line.seconds == 0
    return line.up and free and (line.here or line.send != "nothing")


def _size(prepared: Prepared) -> int:
    return sum(len(message.content.encode()) for message in prepared.messages)


def _sent(
    name: str, bodies: Sequence[bytes], tokens_out: int, money: float, tokens_in: int = 0
) -> list[Sent]:
    """Return what left; the last request is the one that was answered, and that cost."""
    now = time.time()
    last = len(bodies) - 1
    return [
        Sent(name, body, tokens_in or estimated(body), tokens_out, money, now)
        if place == last
        else Sent(name, body, estimated(body), 0, 0.0, now)
        for place, body in enumerate(bodies)
    ]


def _resolved(climb: _Climb, decision: Keep | Wait | Refuse) -> Resolved:
    missing = next((rung.tier.name for rung in climb.left if not rung.here), "")
    if isinstance(decision, Wait):
        return Resolved("waits", None, missing)
    withheld = decision.why is Why.NOTHING_LEAVES and Why.PRIVATE in climb.troubles.values()
    why = Why.PRIVATE if withheld else decision.why
    if climb.best is None:
        return Resolved(_WITHOUT.get(why, "nobody"), None, missing)
    how = _HOW.get(why, "answered")
    return Resolved(how, replace(climb.best, sent=tuple(climb.sent)), missing)
