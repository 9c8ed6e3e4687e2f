"""Where a sentence is parted, on a parser of four made-up commands."""

from __future__ import annotations

import re

import pytest

from steward.plan.templates.acts import Draft
from steward.plan.templates.grammar import Match
from steward.plan.templates.split import Part, split
from steward.types import Gap, Meaning, Unknown

NAMES = ("salt and pepper lamp", "lamp", "fan", "rock and roll radio", "灯", "扇")
KNOWN = re.compile(rf"(?:start|stop|开|关) ?(?:the )?(?P<thing>{'|'.join(NAMES)})")


def parse(text: str) -> Part | Unknown:
    if found := KNOWN.fullmatch(text):
        thing = found["thing"]
        match = Match(text[:1], "default", {"name": thing}, {"name": thing})
        return Part(text, match, ((Draft("x.y", {"entity_id": [thing]}), Meaning(text[:1])),))
    if found := re.fullmatch(r"add (?P<item>.+)", text):
        match = Match("add", "default", {}, {"item": found["item"]}, frozenset({"item"}))
        return Part(text, match, ((Draft("a.b", {}), Meaning("add")),))
    if found := re.fullmatch(r"say (?P<words>.+)", text):
        match = Match("say", "default", {}, {"words": found["words"]}, frozenset({"words"}))
        return Part(text, match, ((Draft("s.t", {}), Meaning("say")),))
    return Unknown(Gap.NO_SUCH_DEVICE, text[5:]) if text.startswith("open ") else Unknown()


def mentions(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for name in sorted(NAMES, key=len, reverse=True):
        for hit in re.finditer(name, text):
            if all(hit.end() <= start or end <= hit.start() for start, end in spans):
                spans.append(hit.span())
    return sorted(spans)


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("start the lamp", "en", ["start the lamp"]),
        ("start the salt and pepper lamp", "en", ["start the salt and pepper lamp"]),
        ("start the lamp and stop the fan", "en", ["start the lamp", "stop the fan"]),
        (
            "start the lamp, stop the fan, start fan",
            "en",
            ["start the lamp", "stop the fan", "start fan"],
        ),
        ("start the lamp and the fan", "en", ["start the lamp", "start the fan"]),
        (
            "stop the rock and roll radio and the salt and pepper lamp",
            "en",
            ["stop the rock and roll radio", "stop the salt and pepper lamp"],
        ),
        ("add salt and pepper", "en", ["add salt and pepper"]),
        ("say hello and stop the fan", "en", ["say hello", "stop the fan"]),
        ("开灯,再关扇", "zh", ["开灯", "关扇"]),
        ("开灯和扇", "zh", ["开灯", "开扇"]),
        ("开灯然后关扇", "zh", ["开灯", "关扇"]),
    ],
)
def test_parts(text: str, language: str, parts: list[str]) -> None:
    result = split(text, language, parse, mentions)
    assert not isinstance(result, Unknown)
    assert [part.text for part in result] == parts


def test_only_then_makes_a_part_wait() -> None:
    result = split("start lamp, then stop fan and start fan", "en", parse, mentions)
    assert not isinstance(result, Unknown)
    assert [part.after for part in result] == [False, True, False]


@pytest.mark.parametrize(
    "text", ["start the lamp and fly away", "开灯,再飞走", "fly and start lamp"]
)
def test_one_part_not_understood_makes_the_whole_unknown(text: str) -> None:
    assert split(text, "zh" if "灯" in text else "en", parse, mentions) == Unknown()


def test_the_missing_thing_is_named() -> None:
    gap = split("start the lamp and open sesame", "en", parse, mentions)
    assert gap == Unknown(Gap.NO_SUCH_DEVICE, "sesame")
