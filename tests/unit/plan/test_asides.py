"""What is only said beside a command, and which thing at hand a bare noun means."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.text import plain
from steward.plan.parts.asides import is_talk
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Calls, Entity, Json, Utterance, World

SHADE: dict[str, Json] = {"current_position": 100, "device_class": "shade"}
BLIND: dict[str, Json] = {"current_position": 100, "device_class": "blind"}
COOL: dict[str, Json] = {
    "temperature": 74,
    "current_temperature": 77,
    "min_temp": 60,
    "max_temp": 86,
    "hvac_modes": ["off", "cool"],
}
HOME = World(
    areas=(Area("attic", "Attic"), Area("porch", "Porch"), Area("den", "Den")),
    entities=(
        Entity("light.attic", "Attic Lamp", "on", "attic"),
        Entity("cover.attic", "Velour Shade", "open", "attic", (), None, SHADE),
        Entity("cover.den", "Den Blind", "open", "den", (), None, BLIND),
        Entity("climate.den", "Den Minisplit", "cool", "den", (), None, COOL),
        Entity("fan.den", "Whirly", "off", "den"),
        Entity("fan.porch", "Porch Fan", "off", "porch"),
        Entity("lock.porch", "Porch Door", "unlocked", "porch"),
        Entity("lock.attic", "Nuki Ultra", "unlocked", "attic"),
    ),
)
GRAMMAR = Grammar(("en", "zh"))
CAPABILITIES = frozenset({*SERVICES, "schedule.add"})


def done(said: str, area: str) -> list[tuple[str, Json]] | None:
    body = understand(Utterance(said, area=area), HOME, CAPABILITIES, GRAMMAR).body
    if not isinstance(body, Calls):
        return None
    return [(call.capability, call.arguments["entity_id"]) for call in body.calls]


@pytest.mark.parametrize(
    ("told", "rest", "only_told"),
    [
        ("the puppies are asleep", "turn off the lamp", True),
        ("grandpa's snoring", "close the blind", True),
        ("孙子做梦呢", "关灯", True),
        ("uncle bob", "turn off the lamp", False),  # whom it is said to
        ("make it blue", "turn on the lamp", False),
        ("the wombats are in the den", "turn on the fan", False),  # it says where
        ("just halfway", "close the blind", False),
        ("whistle at the fan", "turn on the lamp", False),
        ("用蓝色的", "开灯", False),
    ],
)
def test_talk_says_nothing_to_be_done(told: str, rest: str, only_told: bool) -> None:
    language = "en" if told.isascii() else "zh"
    assert is_talk(plain(told, language), plain(rest, language), HOME) is only_told


@pytest.mark.parametrize(
    ("said", "area", "calls"),
    [
        ("turn the AC off, I'm freezing", "den", [("climate.turn_off", ["climate.den"])]),
        ("空调关了吧，太冷了", "den", [("climate.turn_off", ["climate.den"])]),
        ("grandpa's snoring, close the shade", "attic", [("cover.close_cover", ["cover.attic"])]),
        ("close the blind", "attic", [("cover.close_cover", ["cover.attic"])]),
        ("把百叶窗关上", "attic", [("cover.close_cover", ["cover.attic"])]),
        ("close the den blind", "attic", [("cover.close_cover", ["cover.den"])]),
        ("close the blind", "den", [("cover.close_cover", ["cover.den"])]),
        ("lock this door behind me", "attic", [("lock.lock", ["lock.attic"])]),
        ("lock the porch door", "attic", [("lock.lock", ["lock.porch"])]),
        ("风扇打开", "den", [("fan.turn_on", ["fan.den"])]),
        ("turn on the porch fan", "den", [("fan.turn_on", ["fan.porch"])]),
        ("make it seventy in here", "den", [("climate.set_temperature", ["climate.den"])]),
        ("make it twenty in here", "den", None),  # it counts in Fahrenheit
    ],
)
def test_what_is_at_hand_is_meant_and_asides_are_not(
    said: str, area: str, calls: list[tuple[str, Json]] | None
) -> None:
    assert done(said, area) == calls
