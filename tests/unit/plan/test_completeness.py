from __future__ import annotations

import pytest

from steward.hearing import Completeness
from steward.home.fixtures import demo
from steward.home.services.table import SERVICES
from steward.models.reader import OnnxReader
from steward.plan.completeness import completeness
from steward.plan.dialogue.context import first_stage
from steward.types import Capability, Context, Utterance

STAGE = first_stage(("en", "zh"), tuple(Capability(name) for name in SERVICES), OnnxReader())


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("Turn on the", "en", "open"),
        ("Turn on.", "en", "open"),
        ("Turn on the...", "en", "open"),
        ("Turn on the kitchen", "en", "unsure"),
        ("Turn on the kitchen light.", "en", "finished"),
        ("Turn on the kitchen light and", "en", "open"),
        ("Turn on the kitchen light and close the living room curtain.", "en", "finished"),
        ("Set the bedroom air conditioner to", "en", "open"),
        ("Set the bedroom air conditioner to 22 degrees.", "en", "finished"),
        ("Turn off all", "en", "open"),
        ("stop", "en", "finished"),
        ("Is the front door locked?", "en", "finished"),
        ("Switch the kitchen light off", "en", "finished"),
        ("it was a matter of course that in the Middle Ages", "en", "unsure"),
        ("把", "zh", "open"),
        ("把卧室的空调", "zh", "open"),
        ("把卧室的空调调到", "zh", "open"),
        ("把卧室的空调调到二十四度", "zh", "finished"),
        ("打开厨房的", "zh", "open"),
        ("打开厨房的灯。", "zh", "finished"),
        ("打开厨房的灯，然后", "zh", "open"),
    ],
)
async def test_how_far_a_sentence_is(text: str, language: str, wanted: str) -> None:
    plan = await STAGE(Utterance(text, language), demo(), Context())
    assert completeness(text, plan) is Completeness(wanted)
