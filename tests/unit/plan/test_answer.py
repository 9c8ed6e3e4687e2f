"""The words of replies: from what happened, in the language of the request."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from steward.events import TimerFinished
from steward.home.fixtures import world_from
from steward.plan.reply.answer import announce, answer
from steward.plan.reply.names import spoken_name
from steward.plan.reply.wording import is_are
from steward.types import (
    Call,
    Calls,
    Done,
    Entity,
    Failed,
    Gap,
    Json,
    Meaning,
    Outcome,
    Plan,
    Question,
    Reply,
    Unknown,
    Words,
    World,
)

ROOT = Path(__file__).parents[3]
HOME: World = world_from(yaml.safe_load((ROOT / "src/steward/home/demo.yaml").read_text("utf-8")))
LAMP, HALL, DOOR = "light.living_room_light", "light.hallway_light", "lock.front_door"


def call(
    capability: str,
    *ids: str,
    intent: str = "HassTurnOn",
    response: str = "default",
    slots: dict[str, Json] | None = None,
    number: int = 1,
    **arguments: Json,
) -> Call:
    named: dict[str, Json] = {"entity_id": list(ids)} if ids else {}
    meaning = Meaning(intent, response, slots or {})
    return Call(f"c{number}", capability, meaning, {**named, **arguments})


def done(of: Call, states: dict[str, str] | None = None, **value: Json) -> Done:
    entities = {entity.id: entity for entity in HOME.entities}
    shown: dict[str, Json] = {
        name: {"state": state, "unit": entities[name].unit, "attributes": entities[name].attributes}
        for name, state in (states or {}).items()
    }
    return Done(of.id, {"states": shown, "changed": list(shown), **value})


def say(language: str, *pairs: tuple[Call, Outcome | None]) -> Reply:
    plan = Plan(Calls(tuple(call for call, _ in pairs)), language, "test", 1.0)
    return answer(plan, [outcome for _, outcome in pairs if outcome is not None], HOME)


def asked(response: str, state: str | None, states: dict[str, str], language: str = "en") -> str:
    slots: dict[str, Json] = {} if state is None else {"state": state}
    question = call(
        "home.get_states", *states, intent="HassGetState", response=response, slots=slots
    )
    return say(language, (question, done(question, states))).text


@pytest.mark.parametrize(
    ("language", "text"), [("en", "The living room light is on."), ("zh", "客厅的灯打开了。")]
)
def test_a_light_turned_on(language: str, text: str) -> None:
    act = call("light.turn_on", LAMP)
    reply = say(language, (act, done(act, {LAMP: "on"})))
    assert reply == Reply(text, language, (LAMP,))


@pytest.mark.parametrize("language", ["en", "zh", "de"])
def test_nothing_is_claimed_without_an_outcome_or_against_it(language: str) -> None:
    act = call("light.turn_on", LAMP)
    good = say(language, (act, done(act, {LAMP: "on"}))).text
    for outcome in (None, Failed("c1", "unavailable", "gone"), Failed("c1", "error", "boom")):
        bad = say(language, (act, outcome)).text
        assert bad
        assert bad != good
        assert good not in bad


def test_the_state_that_came_of_it_is_told_not_the_one_wanted() -> None:
    act = call("lock.lock", DOOR)
    assert "unlocked" in say("en", (act, done(act, {DOOR: "unlocked"}))).text


def test_partial_success_names_both_parts() -> None:
    one, two = call("light.turn_on", LAMP), call("lock.lock", DOOR, number=2)
    reply = say("en", (one, done(one, {LAMP: "on"})), (two, Failed("c2", "unavailable", "x")))
    assert reply.text == "The living room light is on. I can't reach the front door lock."
    assert reply.show == (LAMP, DOOR)


def test_a_skipped_step_is_told() -> None:
    one, two = call("light.turn_on", LAMP), call("lock.lock", DOOR, number=2)
    reply = say("zh", (one, Failed("c1", "error", "x")), (two, Failed("c2", "skipped", "y")))
    assert reply.text == "客厅的灯出错了。所以我没有动前门锁。"


def test_the_same_done_to_several_is_one_sentence() -> None:
    one, two = call("light.turn_off", LAMP), call("light.turn_off", HALL, number=2)
    pairs = (one, done(one, {LAMP: "off"})), (two, done(two, {HALL: "off"}))
    assert say("en", *pairs).text == "The living room light and the hallway light are off."
    assert say("zh", *pairs).text == "客厅的灯和走廊的灯关了。"


def test_many_things_are_counted() -> None:
    ids = [entity.id for entity in HOME.entities if entity.domain == "light"][:5]
    act = call("light.turn_off", *ids, slots={"floor": "Ground Floor"})
    told = say("en", (act, done(act, dict.fromkeys(ids, "off")))).text
    assert told == "5 lights on the ground floor are off."


@pytest.mark.parametrize(
    ("response", "state", "states", "text"),
    [
        ("one_yesno", "locked", {DOOR: "locked"}, "Yes, the front door lock is locked."),
        ("one_yesno", "locked", {DOOR: "unlocked"}, "No, the front door lock is unlocked."),
        (
            "one_yesno",
            "locked",
            {DOOR: "unavailable"},
            "I can't reach the front door lock right now.",
        ),
        ("any", "on", {LAMP: "off", HALL: "off"}, "No, none of them is on."),
        ("any", "on", {LAMP: "on", HALL: "off"}, "Yes, the living room light is on."),
        ("all", "off", {LAMP: "off", HALL: "off"}, "Yes, all 2 are off."),
        ("all", "off", {LAMP: "on", HALL: "off"}, "No, the living room light is on."),
        (
            "all",
            "off",
            {LAMP: "unavailable", HALL: "off"},
            "Yes, the hallway light is off. I can't reach the living room light.",
        ),
        ("which", "on", {LAMP: "off", HALL: "on"}, "The hallway light is on."),
        ("which", "on", {LAMP: "off", HALL: "off"}, "None of them is on."),
        (
            "how_many",
            "on",
            {LAMP: "on", HALL: "on"},
            "2 are on: the living room light and the hallway light.",
        ),
        (
            "one",
            None,
            {"sensor.garden_temperature": "17.80"},
            "The outdoor temperature is 17.8 degrees.",
        ),
        (
            "one",
            None,
            {"climate.bedroom_ac": "cool"},
            "The bedroom air conditioner is cooling, set to 26 degrees; "
            "it is 26.5 degrees there now.",
        ),
        (
            "one_yesno",
            "open",
            {"binary_sensor.living_room_window": "on"},
            "Yes, the living room window is open.",
        ),
    ],
)
def test_questions(response: str, state: str | None, states: dict[str, str], text: str) -> None:
    assert asked(response, state, states) == text


def test_questions_in_chinese() -> None:
    assert asked("one_yesno", "locked", {DOOR: "locked"}, "zh") == "是的，前门锁锁着。"
    assert asked("how_many", "on", {LAMP: "off"}, "zh") == "没有开着的。"
    assert asked("one", None, {"sensor.living_room_humidity": "46"}, "zh") == "客厅湿度是百分之46。"


@pytest.mark.parametrize(
    ("entity", "name", "verb"),
    [
        ("light.a", "Kitchen Spots", "are"),
        ("cover.a", "Shades", "are"),
        ("light.a", "Kitchen Light", "is"),
        ("light.a", "Hallway Glass", "is"),
        ("light.a", "Moss", "is"),
        ("media_player.a", "Patio Speakers", "are"),
        ("media_player.a", "Sonos", "is"),
        ("vacuum.a", "Jeeves", "is"),
        ("light.a", "Iris", "is"),
    ],
)
def test_a_name_that_is_a_plural_has_its_verb(entity: str, name: str, verb: str) -> None:
    assert is_are("en", (Entity(entity, name, "on"),)) == verb


def test_clock_timers_lists() -> None:
    clock = call("clock.time", intent="HassGetCurrentTime")
    value: dict[str, Json] = {"time": "15:04", "date": "2026-11-21", "weekday": 5}
    assert say("en", (clock, Done("c1", value))).text == "It's 3:04 PM."
    assert say("zh", (clock, Done("c1", value))).text == "现在是下午3点04分。"
    assert say("de", (clock, Done("c1", value))).text == "Es ist 15:04"
    day = call("clock.date", intent="HassGetCurrentDate")
    assert say("en", (day, Done("c1", value))).text == "It's Saturday, November 21."
    left = call("timers.status", intent="HassTimerStatus")
    timers: list[Json] = [{"name": "", "remaining": 61.0, "paused": False}]
    assert say("en", (left, Done("c1", {"timers": timers}))).text == "1 minute 1 second left."
    assert say("en", (left, Done("c1", {"timers": []}))).text == "There is no timer running."
    items = call("todo.get_items", "todo.shopping_list", intent="StewardListRead")
    two: list[Json] = [{"summary": "Milk"}, {"summary": "Bread"}]
    assert (
        say("en", (items, done(items, items=two))).text == "On the shopping list: Milk and Bread."
    )
    assert (
        say("en", (items, done(items, items=[]))).text == "There is nothing on the shopping list."
    )
    none = call("timers.cancel", intent="HassCancelTimer")
    failure = Failed("c1", "not_found", "no timer")
    assert say("en", (none, failure)).text == "I couldn't find that timer."


@pytest.mark.parametrize(
    ("gap", "about", "english", "chinese"),
    [
        (
            Gap.NO_SUCH_AREA,
            "attic",
            "I don't know of an area called attic.",
            "我不知道哪里是attic。",
        ),
        (Gap.NOT_UNDERSTOOD, "", "Sorry, I didn't understand that.", "抱歉，我没听懂。"),
        (Gap.NO_SUCH_DEVICE, "", "I don't know of such a device here.", "我在家里找不到这个设备。"),
        (Gap.AMBIGUOUS, "fan", "I'm not sure which fan you mean.", None),
        (Gap.UNSUPPORTED, "x", "Sorry, I can't do that.", "抱歉，这个我做不到。"),
        (Gap.NOTHING_HEARD, "", "I didn't hear anything.", "我没有听到声音。"),
    ],
)
def test_gaps(gap: Gap, about: str, english: str, chinese: str | None) -> None:
    def told(language: str) -> str:
        return answer(Plan(Unknown(gap, about), language, "grammar", 0.0), (), HOME).text

    assert told("en") == english
    assert chinese is None or told("zh") == chinese
    assert told("de") not in ("", english)
    assert told("xx") == english


def test_a_language_nobody_has_is_answered_in_english() -> None:
    reply = answer(Plan(Unknown(), "xx", "grammar", 0.0), (), HOME)
    assert reply.language == "en"
    act = call("light.turn_on", LAMP)
    assert say("xx", (act, done(act, {LAMP: "on"}))) == Reply(
        "The living room light is on.", "en", (LAMP,)
    )


def test_words_and_questions_are_passed_on() -> None:
    for body in (Words("好"), Question("哪个?")):
        assert answer(Plan(body, "zh", "x", 1.0), (), HOME) == Reply(body.text, "zh")


def test_a_timer_is_announced() -> None:
    assert announce(TimerFinished(0, "pasta", 600, "en")).text == "Your pasta timer is done."
    assert announce(TimerFinished(0, "", 90, "zh")).text == "1分钟30秒的计时器到时间了。"
    assert announce(TimerFinished(0, "", 60, "fi")).language == "en"


def test_display_names_follow_the_script_of_the_language() -> None:
    lamp = Entity("light.x", "客厅灯", "on", aliases=("Living Room Light", "гостиная"))
    assert spoken_name(lamp, "zh") == "客厅灯"
    assert spoken_name(lamp, "en") == "Living Room Light"
    assert spoken_name(lamp, "ru") == "гостиная"
    assert spoken_name(Entity("light.x", "客厅灯", "on"), "en") == "客厅灯"
