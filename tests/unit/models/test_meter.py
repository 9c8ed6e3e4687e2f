"""The pace of answers."""

from __future__ import annotations

from contextlib import aclosing
from itertools import count

from steward.models.meter import Answered, Meter
from steward.models.scripted import Scripted, saying
from steward.thinking import Message

ASKED = (Message("user", "hello"),)


async def test_an_answer_is_measured_as_it_comes() -> None:
    ticks = count()
    meter = Meter(lambda: float(next(ticks)))
    model = meter.on(Scripted(saying("one two three")))
    assert meter.last is None
    said = [token.text async for token in model.generate(ASKED)]
    assert len(said) > 2
    # The clock is read once at the start and once a token, a second apart.
    assert meter.last == Answered(len(said), 1.0, 1.0)
    assert meter.answers == 1


async def test_who_leaves_stops_the_model() -> None:
    meter = Meter()
    async with aclosing(meter.on(Scripted(saying("a b c"))).generate(ASKED)) as answer:
        await anext(answer)
    assert meter.last is not None
    assert (meter.last.tokens, meter.last.rate) == (1, None)
