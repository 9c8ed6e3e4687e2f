"""Which way an alarm is armed: for a house that is left, or for people who stay."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Calls, Entity, Utterance, World

GRAMMAR = Grammar()
HOME = World(
    areas=(Area("hall", "Hall"), Area("shed", "Shed")),
    entities=(
        Entity("alarm_control_panel.a", "Ajax", "disarmed", "hall"),
        Entity("siren.shed", "Shed Siren", "off", "shed"),
        Entity("light.hall", "Hall Light", "on", "hall"),
    ),
)


def service(said: str) -> str:
    """Return the service that is called for the alarm, "" for a refusal."""
    body = understand(Utterance(said), HOME, frozenset({*SERVICES, "schedule.add"}), GRAMMAR).body
    named = body.calls if isinstance(body, Calls) else ()
    return next((c.capability for c in named if c.capability.startswith("alarm")), "").partition(
        ".alarm_"
    )[2]


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ("arm the alarm", "arm_away"),
        ("put the alarm on", "arm_away"),
        ("打开报警器", "arm_away"),
        ("sound the alarm", ""),
        ("arm the alarm, we're staying in", "arm_home"),
        ("we're all staying home tonight, arm the alarm", "arm_home"),
        ("I'm not going out, arm the alarm", "arm_home"),
        ("报警器布防，我们在家", "arm_home"),
        ("今天不出门，报警器布防", "arm_home"),
        ("we're off to bed, arm the alarm", "arm_night"),
        ("arm the alarm and turn off the hall light, everyone's asleep", "arm_night"),
        ("要睡觉了，报警器布防", "arm_night"),
        ("arm the alarm, we're heading out", "arm_away"),
        ("arm the alarm, nobody's home", "arm_away"),
        ("出门了，报警器布防", "arm_away"),
        ("set the alarm to night mode, we're heading out", "arm_night"),
        ("we're off to bed, set the Ajax to night", "arm_night"),
        ("arm the alarm, the dog is restless", ""),
        ("报警器布防，狗一直在叫呢", ""),
    ],
)
def test_what_is_told_of_who_stays_arms_the_alarm(said: str, called: str) -> None:
    assert service(said) == called
