"""What people say, and the exact Calls that must come of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from steward.home.fixtures import world_from
from steward.home.services.table import SERVICES
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Calls, Plan, Unknown, Utterance, Words, World

HERE = Path(__file__).parent / "plans"
DEMO = Path(__file__).parents[2] / "src/steward/home/demo.yaml"
TIMERS = ("start", "cancel", "cancel_all", "status", "pause", "resume", "increase", "decrease")
CAPABILITIES = frozenset(
    {*SERVICES, "clock.time", "clock.date", *(f"timers.{verb}" for verb in TIMERS)}
)
GRAMMAR = Grammar()


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


WORLDS = {"traps": world_from(load(HERE / "house.yaml")), "demo": world_from(load(DEMO))}
CASES = [
    (world, case)
    for name, world in (("en", "demo"), ("zh", "demo"), ("other", "demo"), ("traps", "traps"))
    for case in load(HERE / f"{name}.yaml")
]


def describe(plan: Plan) -> str:
    """Write a plan in the one line that the golden files use."""
    if isinstance(plan.body, Words):
        return "words"
    if isinstance(plan.body, Unknown):
        return f"{plan.body.gap.value}: {plan.body.about}".rstrip(": ")
    assert isinstance(plan.body, Calls), "a grammar never asks back"
    lines = []
    for call in plan.body.calls:
        rest = dict(call.arguments)
        ids = rest.pop("entity_id", ())
        assert isinstance(ids, list | tuple)
        words = [call.capability, *ids]
        words += [f"{key}={value}" for key, value in sorted(rest.items()) if key != "language"]
        words += ["after " + " ".join(call.needs)] if call.needs else []
        lines.append(" ".join(map(str, words)))
    return " + ".join(lines)


def plan_of(case: dict[str, Any], world: World) -> Plan:
    said = Utterance(case["say"], case.get("language"), area=case.get("area"))
    return understand(said, world, CAPABILITIES, GRAMMAR)


@pytest.mark.parametrize(("world", "case"), CASES, ids=[case["say"] for _, case in CASES])
def test_sentence_becomes_its_calls(world: str, case: dict[str, Any]) -> None:
    assert describe(plan_of(case, WORLDS[world])) == case["plan"]


def test_there_are_enough_sentences_of_each_language() -> None:
    assert len(load(HERE / "en.yaml")) >= 120
    assert len(load(HERE / "zh.yaml")) >= 120
