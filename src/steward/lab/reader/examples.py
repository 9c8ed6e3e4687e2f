"""Examples made of templates and homes: a sentence, its label, and which characters say what."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from steward.lab.reader.corpus import COMPOUND, Template
from steward.lab.reader.homes import GeneratedHome, nouns, rooms
from steward.plan.language.values import TENS
from steward.types import World

DROP, KEEP, SPARE, ITEM = range(4)
"""Tags of characters: says nothing of what is meant; names a thing, place or value; names an
exception; is the text of a list's item."""

KINDS = {
    "media": "media_player",
    "mower": "lawn_mower",
    "list": "todo",
}
_ANY = ("light", "light", "switch", "fan", "media_player", "climate")
_GENERIC = {
    "en": {
        "light": ("lights", "light", "lamps", "lighting"),
        "switch": ("appliances", "plugs", "devices"),
        "fan": ("fans", "fan"),
        "cover": ("blinds", "curtains", "shutters", "garage door", "shades"),
        "lock": ("doors", "locks", "door"),
        "media_player": ("TV", "speakers", "music", "speaker", "television"),
        "climate": ("heating", "AC", "air conditioning", "thermostat", "radiators"),
        "humidifier": ("humidifier",),
        "vacuum": ("vacuum", "robot", "hoover", "robot cleaner"),
        "lawn_mower": ("mower", "lawnmower"),
        "valve": ("water", "valve", "sprinklers"),
        "sensor": ("sensor",),
        "opening": ("windows", "doors", "window", "door"),
        "todo": ("list", "shopping list"),
        "calendar": ("calendar",),
    },
    "zh": {
        "light": ("灯", "灯光", "电灯"),
        "switch": ("电器", "插座", "设备"),
        "fan": ("风扇", "电扇"),
        "cover": ("窗帘", "百叶窗", "卷帘", "车库门"),
        "lock": ("门", "锁", "门锁"),
        "media_player": ("电视", "音箱", "音乐", "音响"),
        "climate": ("空调", "暖气", "冷气", "地暖"),
        "humidifier": ("加湿器",),
        "vacuum": ("扫地机", "扫地机器人", "吸尘器"),
        "lawn_mower": ("割草机",),
        "valve": ("水阀", "阀门", "喷灌"),
        "sensor": ("传感器",),
        "opening": ("窗户", "门", "窗"),
        "todo": ("清单", "购物清单", "单子"),
        "calendar": ("日历", "日程"),
    },
}
_BEFORE = {
    "en": ("please ", "hey ", "could you ", "okay ", "um ", "can you please ", "so ", "butler, "),
    "zh": ("请", "麻烦", "帮我", "那个，", "嗯", "请帮我", "管家，", "喂，"),
}
_AFTER = {
    "en": (" please", " thanks", ", would you", " mate", " now", " for me"),
    "zh": ("吧", "啊", "，谢谢", "好吗", "一下", "哈"),
}
_LATER = {
    "en": (
        *("in ten minutes {}", "{} at seven", "{} tomorrow morning", "every weekday at six {}"),
        *("if it gets dark {}", "when I leave {}", "{} in half an hour", "{} until eight"),
        *("{} if nobody is home", "{} once the washing is done", "at 9:30 pm {}"),
    ),
    "zh": (
        *(
            "十分钟后{}",
            "晚上七点{}",
            "明天早上{}",
            "每天六点{}",
            "如果天黑了就{}",
            "我出门的时候{}",
        ),
        *("我出门的时候{}", "半小时后{}", "要是没人在家就{}", "等洗完衣服{}", "每个工作日八点半{}"),
    ),
}
_JOINT = {
    "en": (" and ", ", and ", " then ", ", ", " and also ", " and then "),
    "zh": ("，", "，然后", "，再", "，还有", "再", "，顺便"),
}


Piece: TypeAlias = tuple[str, int]
"""A stretch of a sentence and its tag."""


@dataclass(frozen=True)
class Example:
    """`tags` has one tag a character of `text`; it was said in `world`."""

    text: str
    language: str
    label: str
    tags: tuple[int, ...]
    world: World


def example(rng: random.Random, chosen: Template, home: GeneratedHome) -> Example:
    """Fill `chosen` with things of `home`, and let it sound as people and recognisers sound."""
    return _spoken(rng, _fill(rng, chosen, home), chosen.language, chosen.label, home)


def compound(rng: random.Random, first: Template, second: Template, home: GeneratedHome) -> Example:
    """Return a sentence that holds more than one command for now; its tags say nothing."""
    said = _fill(rng, first, home)
    if rng.random() < 0.4:
        before, _, after = rng.choice(_LATER[first.language]).partition("{}")
        said = [(before, DROP), *said, (after, DROP)]
    else:
        joint = rng.choice(_JOINT[first.language])
        said = [*said, (joint, DROP), *_fill(rng, second, home)]
    said = [(text, DROP) for text, _ in said]
    return _spoken(rng, said, first.language, COMPOUND, home)


def _spoken(
    rng: random.Random, said: Sequence[Piece], language: str, label: str, home: GeneratedHome
) -> Example:
    """Add fillers and slips, drop capitals and marks."""
    pieces = list(said)
    if rng.random() < 0.15:
        pieces.insert(0, (rng.choice(_BEFORE[language]), DROP))
    if rng.random() < 0.12:
        pieces.append((rng.choice(_AFTER[language]), DROP))
    if rng.random() < 0.1:
        pieces = [(_slipped(rng, text), tag) for text, tag in pieces]
    if rng.random() < 0.6:
        pieces = [(re.sub(r"[.!?。！？]$", "", text), tag) for text, tag in pieces]
    lower = rng.random() < 0.75
    text = "".join(text for text, _ in pieces)
    tags = tuple(tag for text, tag in pieces for _ in text)
    return Example(text.lower() if lower else text, language, label, tags, home.world)


def _slipped(rng: random.Random, text: str) -> str:
    """Leave out, double or swap one letter of a text of Latin letters."""
    if len(text) < 6 or not text.isascii():
        return text
    at = rng.randrange(1, len(text) - 2)
    way = rng.randrange(3)
    if way == 0:
        return text[:at] + text[at + 1 :]
    if way == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _fill(rng: random.Random, chosen: Template, home: GeneratedHome) -> list[Piece]:
    filled: list[Piece] = []
    for index, piece in enumerate(chosen.pieces):
        if index % 2 == 0:
            filled.append((piece, DROP))
        else:
            tag = SPARE if piece == "but" else ITEM if piece == "item" else KEEP
            filled.append((_slot(rng, piece, chosen.language, home), tag))
    return filled


def _slot(rng: random.Random, slot: str, language: str, home: GeneratedHome) -> str:
    if slot in ("color", "white", "mode", "day", "item", "event"):
        return str(rng.choice(nouns()[slot][language]))
    if slot in ("n", "deg", "step"):
        return _number(rng, slot, language)
    if slot == "area":
        return _area(rng, language, home)
    if slot == "floor":
        named = [floor.name.lower() for floor in home.world.floors]
        usual = nouns()["floors"][language]
        return _with_article(rng, rng.choice(named or usual), language)
    if slot == "but":
        return rng.choice((_area(rng, language, home), _thing(rng, "light", language, home)))
    kind = rng.choice(_ANY) if slot == "thing" else KINDS.get(slot, slot)
    said = _thing(rng, kind, language, home)
    if slot not in ("person", "list", "calendar", "scene", "vacuum") and rng.random() < 0.1:
        joint = rng.choice((" and ", " and also ")) if language == "en" else rng.choice("和跟、")
        said += joint + _thing(rng, kind, language, home)
    return said


def _thing(rng: random.Random, kind: str, language: str, home: GeneratedHome) -> str:
    """Return how a thing of `kind` may be called, mostly one that the home has."""
    names = home.names(kind)
    way = rng.random()
    generic = _GENERIC[language].get(kind)
    if generic is None or way < 0.5:
        usual = nouns()[kind][language]
        name = rng.choice(names) if names and rng.random() < 0.85 else rng.choice(usual)
        return _with_article(rng, name, language)
    noun = rng.choice(generic)
    if way < 0.65:
        return noun if language == "zh" else rng.choice((noun, f"the {noun}", f"the {noun}"))
    place = _area(rng, language, home)
    bare = place.removeprefix("the ")
    if language == "zh":
        every = rng.choice(("", "", "", "所有的", "全部", "那个"))
        return rng.choice((f"{place}的{noun}", f"{place}{noun}", f"{place}的{every}{noun}"))
    every = rng.choice(("the", "the", "all the", "every one of the", "that"))
    return rng.choice((f"{every} {noun} in {place}", f"the {bare} {noun}", f"{bare} {noun}"))


def _area(rng: random.Random, language: str, home: GeneratedHome) -> str:
    known = [area.name for area in home.world.areas]
    name = rng.choice(known) if rng.random() < 0.6 else rng.choice(rooms(language))
    return _with_article(rng, name, language)


def _with_article(rng: random.Random, name: str, language: str) -> str:
    bare = language == "zh" or "'s" in name or name in ("upstairs", "downstairs")
    return name if bare or rng.random() < 0.25 else f"the {name}"


_TENS = ("ten", *TENS)
_HAN = "零一二三四五六七八九"


def _number(rng: random.Random, slot: str, language: str) -> str:
    ranges = {"n": (0, 100), "deg": (16, 30), "step": (1, 10)}
    number = rng.randint(*ranges[slot])
    if slot == "deg" and language == "en" and rng.random() < 0.3:
        number = rng.randint(60, 80)
    if rng.random() < 0.5:
        return str(number)
    tens, ones = divmod(number, 10)
    if language == "zh":
        ten = "" if tens == 0 else "十" if tens == 1 else f"{_HAN[tens % 10]}十"
        return "一百" if number == 100 else (ten + (_HAN[ones] if ones or not tens else ""))
    if ones or not 0 < tens < 10:
        return str(number)
    return _TENS[tens - 1]
