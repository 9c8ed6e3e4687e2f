"""Whatever the manner, every number and every name of a reply stays."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from steward.persona import load_persona, shipped
from steward.plan.reply.manner import Manner, Occasion, in_manner
from steward.types import Entity, Reply, World

SHIPPED = [load_persona(name).manner for name in shipped()]
FORMS = {
    "en": (
        "The {name} is on.",
        "The {name} is set to {number} degrees.",
        "Sorry, I can't do that.",
        "Yes, all {number} are on: the {name}. The {name} is open.",
        "Hello! {number} on {name}.",
        "{name} is playing, volume {number} percent.",
    ),
    "zh": ("{name}已打开。", "抱歉，我联系不上{name}。", "{name}调到了{number}度。", "你好！"),
}
NAMES = {
    "en": st.from_regex(r"[A-Za-z][A-Za-z0-9' .-]{0,20}[A-Za-z0-9]", fullmatch=True)
    | st.sampled_from(("Love is on", "The Is", "Sorry, Lamp", "Hello! 9", "are", "Yes, all")),
    "zh": st.text("客厅的灯开关抱歉，你好一二三", min_size=1, max_size=8),
}
WORDS = st.from_regex(r"[^\d{}\n\r]{1,20}", fullmatch=True)
MANNERS = st.sampled_from(SHIPPED) | st.builds(
    lambda manner: {"en": manner, "zh": manner},
    st.builds(
        Manner,
        openings=st.dictionaries(st.sampled_from(Occasion), st.tuples(WORDS)),
        begin=st.dictionaries(
            WORDS | st.sampled_from(("The ", "T", "Sorry, ", "客", "Yes, all ")), WORDS
        ),
        brief=st.booleans(),
    ),
)


@given(st.data(), MANNERS, st.sampled_from(Occasion) | st.none())
def test_every_number_and_every_name_stays(
    data: st.DataObject, manners: dict[str, Manner], about: Occasion | None
) -> None:
    language = data.draw(st.sampled_from(sorted(FORMS)))
    name = data.draw(NAMES[language])
    number = data.draw(st.integers(0, 10**6)) / 2
    forms = data.draw(st.lists(st.sampled_from(FORMS[language]), min_size=1, max_size=3))
    text = " ".join(form.format(name=name, number=number) for form in forms)
    world = World(entities=(Entity("light.x", name, "on"),))
    reply = Reply(text, language, ("light.x",))
    worded = in_manner(reply, about, manners, world)
    assert re.findall(r"\d+", worded.text) == re.findall(r"\d+", text)
    assert worded.text.lower().count(name.lower()) >= (name.lower() in text.lower())
    assert (worded.language, worded.show) == (reply.language, reply.show)
