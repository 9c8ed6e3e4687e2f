"""What leans on the turn before: more for a list, corrections in several clauses, asides."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from steward.home.memory import MemoryHome
from steward.plan.dialogue.context import in_context
from steward.plan.dialogue.conversation import exchange
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import stage
from steward.types import Area, Calls, Context, Entity, Exchange, Json, Outcome, Utterance, World

DIM: dict[str, Json] = {"brightness": 204, "supported_color_modes": ["brightness"]}
HOME = World(
    areas=(Area("barn", "Barn"), Area("loft", "Loft"), Area("cellar", "地窖")),
    entities=(
        Entity("light.barn", "Barn Lamp", "off", "barn", (), None, DIM),
        Entity("light.loft", "Loft Lamp", "off", "loft", (), None, DIM),
        Entity("light.east", "东墙灯", "off", "cellar"),
        Entity("light.west", "西墙灯", "off", "cellar"),
        Entity("cover.barn", "Barn Gate", "closed", "barn", (), None, {"device_class": "gate"}),
        Entity("switch.kettle", "Kettle", "off", "loft"),
        Entity("todo.shopping", "Shopping", "1"),
    ),
)


BREAD = "add bread to the shopping list"
ADD = "todo.add_item"
OFF, ON = "light.turn_off", "light.turn_on"


def now() -> datetime:
    return datetime(2026, 3, 4, tzinfo=UTC)


CAPABILITIES = MemoryHome(HOME, now).capabilities
STAGE = in_context(stage(Grammar(("en", "zh")), CAPABILITIES), CAPABILITIES)


async def last(*said: str) -> list[tuple[str, Json]]:
    """Return what the last sentence calls: the service, and the thing or the item."""
    home, world, turns = MemoryHome(HOME, now), HOME, list[Exchange]()
    calls: list[tuple[str, Json]] = []
    for text in said:
        plan = await STAGE(Utterance(text), world, Context(tuple(turns)))
        body = plan.body.calls if isinstance(plan.body, Calls) else ()
        outcomes: list[Outcome] = [await home.perform(call) for call in body]
        turns.append(exchange(Utterance(text), plan, outcomes, world, 0.0))
        world = await home.world()
        calls = [(c.capability, c.arguments.get("item", c.arguments["entity_id"])) for c in body]
    return calls


@pytest.mark.parametrize(
    ("first", "then", "calls"),
    [
        (BREAD, "and candles", [(ADD, "candles")]),
        (BREAD, "oh, put soap on there too", [(ADD, "soap")]),
        ("购物清单加面包", "还有蜡烛", [(ADD, "蜡烛")]),
        (
            "购物清单加面包",
            "还有蜡烛和肥皂",
            [(ADD, "蜡烛"), (ADD, "肥皂")],
        ),
        (BREAD, "and milk", [(ADD, "milk")]),
        ("购物清单加面包", "还有牛奶", [(ADD, "牛奶")]),
        (BREAD, "and the kettle", []),
        (BREAD, "we don't need bread after all", [("todo.remove_item", "bread")]),
        ("购物清单加牛奶", "不要牛奶了，从单子上划掉", [("todo.remove_item", "牛奶")]),
        (BREAD, "面包不用买了", [("todo.remove_item", "bread")]),
        (BREAD, "we don't need candles after all", []),
        ("set the loft lamp to 40 percent", "a bit more, 60", [(ON, ["light.loft"])]),
        (
            "打开东墙灯",
            "说错了，是西墙灯，东墙的关回去",
            [(OFF, ["light.east"]), (ON, ["light.west"])],
        ),
        (
            "turn on the lights in the barn",
            "and the cellar too",
            [(ON, ["light.east", "light.west"])],
        ),
        ("turn on the lights in the barn", "now the cellar", [(ON, ["light.east", "light.west"])]),
        (BREAD, "put the kettle on", [("switch.turn_on", ["switch.kettle"])]),
        (BREAD, "and so on", []),
        (BREAD, "and then we went home", []),
        ("turn on the barn lamp", "and candles", []),
        (
            "turn on the barn lamp",
            "not that one, turn it off, the loft one on",
            [(OFF, ["light.barn"]), (ON, ["light.loft"])],
        ),
        (
            "打开东墙灯",
            "弄错了，把它关回去，西墙的打开",
            [(OFF, ["light.east"]), (ON, ["light.west"])],
        ),
        (
            "打开东墙灯",
            "说错了，东墙的关了，我要开的是西墙灯",
            [(OFF, ["light.east"]), (ON, ["light.west"])],
        ),
        ("打开东墙灯", "弄错了，把它关回去，火星的打开", []),
        (
            "open the barn gate",
            "whoa, the sheep are escaping, shut it",
            [("cover.close_cover", ["cover.barn"])],
        ),
        ("set the loft lamp to 80 percent", "no, 30 is plenty", [(ON, ["light.loft"])]),
        ("把东墙灯打开", "先别开，关回去", [(OFF, ["light.east"])]),
    ],
)
def test_what_leans_on_the_turn_before(
    first: str, then: str, calls: list[tuple[str, Json]]
) -> None:
    assert asyncio.run(last(first, then)) == calls


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        ("put the loft lamp back as it was", [(OFF, ["light.loft"])]),
        ("set the lamp in the loft back to how it was before", [(OFF, ["light.loft"])]),
        ("把Loft的灯恢复原样", [(OFF, ["light.loft"])]),
        ("put the kettle back the way it was", [("switch.turn_off", ["switch.kettle"])]),
        ("put the barn gate back as it was", []),
    ],
)
def test_one_thing_is_put_back_as_it_was(said: str, calls: list[tuple[str, Json]]) -> None:
    """It is the one that is named, however long ago; what was not changed stays."""
    before = ("turn on the loft lamp", "turn on the kettle", "turn on the barn lamp")
    assert asyncio.run(last(*before, said)) == calls
