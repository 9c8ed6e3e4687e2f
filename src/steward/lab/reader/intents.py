"""Templates sampled from the sentences of Home Assistant's intents.

Source: the package `home-assistant-intents` (Open Home Foundation and contributors, CC-BY-4.0).
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from hassil.expression import (
    Alternative,
    Expression,
    Group,
    ListReference,
    Permutation,
    RuleReference,
    Sentence,
    TextChunk,
)

from steward.lab.reader.corpus import Template, template
from steward.plan.templates.packaged import OWN, packaged

PER_SENTENCE = 3
"""Templates sampled from each packaged sentence."""

_DOMAINS = {"media_player": "media", "todo": "list", "lawn_mower": "mower"}
_NAMED = frozenset(
    (
        *("light", "switch", "fan", "cover", "lock", "media", "climate", "humidifier"),
        *("vacuum", "mower", "valve", "scene", "list"),
    )
)
_LISTS = {
    "area": "{area}",
    "floor": "{floor}",
    "brightness": "{n}",
    "percentage": "{n}",
    "volume": "{n}",
    "fan_speed": "{n}",
    "position": "{n}",
    "temperature": "{deg}",
    "color": "{color}",
    "todo_list_item": "{item}",
    "shopping_list_item": "{item}",
}
_LABELS: Mapping[tuple[str, str], str] = {
    **{("HassTurnOn", kind): "on" for kind in ("light", "switch", "fan", "media", "climate")},
    **{("HassTurnOff", kind): "off" for kind in ("light", "switch", "fan", "media", "climate")},
    ("HassTurnOn", "scene"): "on",
    ("HassTurnOn", "cover"): "open",
    ("HassTurnOff", "cover"): "close",
    ("HassTurnOn", "valve"): "open",
    ("HassTurnOff", "valve"): "close",
    ("HassTurnOn", "lock"): "lock",
    ("HassTurnOff", "lock"): "unlock",
    ("HassSetPosition", "cover"): "position =",
    ("HassClimateSetTemperature", ""): "temperature =",
    ("HassClimateSetTemperature", "climate"): "temperature =",
    ("HassClimateGetTemperature", ""): "ask temperature",
    ("HassFanSetSpeed", ""): "speed =",
    ("HassFanSetSpeed", "fan"): "speed =",
    ("HassSetVolume", ""): "volume =",
    ("HassSetVolume", "media"): "volume =",
    ("HassMediaNext", ""): "next",
    ("HassMediaNext", "media"): "next",
    ("HassMediaPrevious", ""): "previous",
    ("HassMediaPrevious", "media"): "previous",
    ("HassMediaPause", ""): "pause",
    ("HassMediaPause", "media"): "pause",
    ("HassMediaUnpause", ""): "play",
    ("HassMediaUnpause", "media"): "play",
    ("HassMediaPlayerMute", ""): "mute",
    ("HassMediaPlayerUnmute", ""): "unmute",
    ("HassVacuumStart", "vacuum"): "clean",
    ("HassVacuumReturnToBase", "vacuum"): "dock",
    ("HassLawnMowerStartMowing", "mower"): "mow",
    ("HassLawnMowerDock", "mower"): "dock",
    ("HassListAddItem", "list"): "list add",
    ("HassShoppingListAddItem", ""): "list add",
    ("HassListCompleteItem", "list"): "list done",
    ("HassShoppingListCompleteItem", ""): "list done",
    ("HassGetWeather", ""): "ask weather",
    ("HassGetCurrentTime", ""): "ask time",
    ("HassGetCurrentDate", ""): "ask date",
}
"""The label of each intent and kind of thing; other intents are read by templates alone."""


def sampled(rng: random.Random, language: str) -> tuple[Template, ...]:
    """Return templates of `language` ("en" or "zh"), the same for the same state of `rng`."""
    grammar = packaged({"en": "en", "zh": "zh-CN"}[language])
    rules: dict[str, Sentence] = grammar.intents.expansion_rules
    found: dict[str, Template] = {}
    for one in (*grammar.exact, *grammar.wild):
        kind = _kind(one.data.slots, one.domains)
        label = _LABELS.get((one.intent, kind))
        if label is None or (one.data.metadata or {}).get(OWN):
            continue
        for _ in range(PER_SENTENCE):
            said = _walk(
                one.data.sentences[0].expression, {**rules, **one.data.expansion_rules}, kind, rng
            )
            if said is not None:
                text = re.sub(r"\s+", " ", said).strip()
                found.setdefault(text, template(label, language, text))
    return tuple(found.values())


def _kind(slots: Mapping[str, object] | None, domains: frozenset[str] | None) -> str:
    domain = str((slots or {}).get("domain") or "")
    if not domain and domains is not None:
        domain = sorted(domains)[0]
    return _DOMAINS.get(domain, domain)


def _walk(
    expression: Expression, rules: Mapping[str, Sentence], kind: str, rng: random.Random
) -> str | None:
    """Return one text that `expression` matches; None where it needs a list we do not fill."""
    if isinstance(expression, TextChunk):
        return expression.original_text
    if isinstance(expression, RuleReference):
        rule = rules.get(expression.rule_name)
        return _walk(rule.expression, rules, kind, rng) if rule else None
    if isinstance(expression, ListReference):
        named = f"{{{kind}}}" if kind in _NAMED else None
        return named if expression.list_name == "name" else _LISTS.get(expression.list_name)
    if isinstance(expression, Alternative):
        return _walk(rng.choice(expression.items), rules, kind, rng)
    if not isinstance(expression, Group):
        return None
    items = list(expression.items)
    if isinstance(expression, Permutation):
        rng.shuffle(items)
    texts = [_walk(item, rules, kind, rng) for item in items]
    return None if None in texts else "".join(text for text in texts if text)
