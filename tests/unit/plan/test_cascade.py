"""Which stage's plan is taken."""

from __future__ import annotations

import pytest

from steward.plan.cascade import Stage, decide
from steward.types import Call, Calls, Context, Gap, Meaning, Plan, Unknown, Utterance, Words, World

SAID, HOME = Utterance("x"), World()
ACT = Calls((Call("c1", "light.turn_on", Meaning("HassTurnOn")),))


def stage(name: str, body: Calls | Words | Unknown, confidence: float) -> Stage:
    async def answer(utterance: Utterance, world: World, context: Context) -> Plan:
        return Plan(body, "en", name, confidence)

    return answer


async def test_the_first_sure_stage_wins() -> None:
    stages = [stage("a", ACT, 0.4), stage("b", ACT, 0.9), stage("c", ACT, 1.0)]
    assert (await decide(stages, SAID, HOME)).stage == "b"
    assert (await decide(stages, SAID, HOME, threshold=0.3)).stage == "a"


async def test_nobody_sure_means_unknown_never_the_unsure_plan() -> None:
    plan = await decide([stage("a", ACT, 0.49), stage("b", Words("hm"), 0.1)], SAID, HOME)
    assert plan.body == Unknown(Gap.NOT_UNDERSTOOD)


async def test_the_most_telling_gap_is_kept() -> None:
    attic = Unknown(Gap.NO_SUCH_AREA, "attic")
    stages = [stage("a", Unknown(), 0), stage("b", attic, 0), stage("c", Unknown(), 0)]
    assert (await decide(stages, SAID, HOME)).body == attic


async def test_nobody_is_asked_after_a_stage_that_knows_what_is_missing() -> None:
    missing = Unknown(Gap.NO_SUCH_DEVICE, "pod bay doors")
    for later in (Words("I'm sorry, Dave."), ACT):
        stages = [stage("a", missing, 0), stage("b", later, 1.0)]
        assert (await decide(stages, SAID, HOME)).body == missing
        stages = [stage("a", Unknown(), 0), stage("b", later, 1.0)]
        assert (await decide(stages, SAID, HOME)).stage == "b"


async def test_a_cascade_needs_a_stage() -> None:
    with pytest.raises(ValueError, match="at least one"):
        await decide([], SAID, HOME)
