"""What was calibrated decides what leaves: from a file of questions to the tiers."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clouds import cloud

from steward.config.tiers import TierConfig
from steward.events import Asked, Event
from steward.lab.tiers.certify import certify
from steward.lab.tiers.rows import Row
from steward.models.certificates import Certificates
from steward.models.scripted import Scripted, saying
from steward.models.tiers.accounts import FILE, Accounts
from steward.models.tiers.client import Remote
from steward.models.tiers.here import Here
from steward.models.tiers.ladder import Ladder, Rung
from steward.models.tiers.request import Prepared, whole
from steward.thinking import Inquiry, LanguageModel

ASKED = Inquiry("what is the capital of Peru", "en", turn="t1")


async def prepare(inquiry: Inquiry, _: str, __: str) -> Prepared:
    return whole(inquiry)


@pytest.mark.parametrize(
    ("logprob", "battery", "tiers"),
    [
        (-0.05, None, ["device"]),
        (-1.5, None, ["device", "cloud"]),
        (-0.05, 0.1, ["cloud"]),
    ],
)
async def test_an_answer_is_kept_from_the_threshold_on(
    tmp_path: Path, logprob: float, battery: float | None, tiers: list[str]
) -> None:
    """A good answer stays, a doubtful one is passed on; with a low battery the cloud is first."""
    draw = random.Random(1)
    scores = [draw.random() for _ in range(400)]
    certificates = Certificates(tmp_path)
    model, events = Scripted(saying("Lima", logprob)), list[Event]()

    async def get() -> LanguageModel:
        return model

    with cloud() as far, closing(Accounts(tmp_path / FILE)) as accounts:
        ladder = Ladder(
            (
                Rung(Here("device", get), here=True),
                Rung(Remote("cloud", TierConfig(url=far.url), None)),
            ),
            accounts,
            events.append,
            prepare=prepare,
            judge=certificates.judge,
            seconds=30,
            late=30,
            now=lambda: datetime(2026, 5, 4, 12, tzinfo=UTC),
            battery=lambda: battery,
        )
        await ladder.ask(ASKED)
        assert len(far.bodies) == 1, "nothing is certified yet"
        events.clear()
        # The tiers run on meanwhile: they read what is certified anew.
        certificates.keep([certify([Row("en", at, float(at > 0.5), 1.0) for at in scores], 0.05)])
        await ladder.ask(ASKED)
    asked = [event for event in events if isinstance(event, Asked)]
    assert [event.tier for event in asked] == tiers
    assert [event.text for event in asked] == ["Lima" if t == "device" else "Lima." for t in tiers]
    if asked[0].tier == "device":
        assert asked[0].score == pytest.approx(2.718281828**logprob)
