"""Alarms: what arms or disarms them, and whether the house is left or people stay in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from steward.plan.parts.atoms import Token, joined_atoms
from steward.plan.parts.choose import Scene, matching
from steward.plan.templates.acts import Draft
from steward.plan.templates.split import Part
from steward.types import Gap, Meaning, Unknown

_PANEL = "alarm_control_panel"
_ARM = {
    "away": "alarm_arm_away",
    "home": "alarm_arm_home",
    "night": "alarm_arm_night",
    "vacation": "alarm_arm_vacation",
}
_LEFT_OPEN = f"{_PANEL}.{_ARM['away']}"
"""What "arm the alarm" comes to where nothing tells who stays."""

_KINDS = frozenset({"mode", "preset", "input", "source", "programme"})
_CALLED = frozenset({"alarm", "security"})
_SOUNDING = ("sound", "拉响", "鸣")
"""What is done to a siren: who sounds an alarm does not leave the house."""
_SWITCHING = frozenset({"on", "turn_open"})

_NOT_LEFT = {
    "en": re.compile(
        r"\b(?:not|n't|nobody(?:'s| is)|no one(?:'s| is)) (?:going|leaving|heading)(?: out)?\b"
        r"|\bwork(?:ing)? from home\b|\bhome alone\b",
        re.IGNORECASE,
    ),
    "zh": re.compile("[不没](?:打算|准备|想|用)?(?:出门|出去|外出|离开)|宅着"),
}
"""What tells that somebody stays, though its words are also those of who leaves."""
_TOLD = {
    "en": {
        "vacation": re.compile(r"\b(?:on|for) (?:the |our |my )?(?:holidays?|vacation)\b", re.I),
        "away": re.compile(
            r"\b(?:leaving|(?:heading|going|popping|nipping|off|we're|i'm|be) out"
            r"|head(?:ing)? off|away|on our way"
            r"|(?:we're|i'm|every(?:one|body)(?:'s| is| has)|all) gone"
            r"|(?:we're|i'm) off(?! to bed)|off to (?!bed|sleep)"
            r"|(?:nobody|no one|none of us)(?:'s| is|'ll be| will be)? (?:\w+ )?(?:home|in|here)"
            r"|(?:not|n't)(?: be)?(?: at)? home|house (?:is |will be )?empty|empty house)\b",
            re.IGNORECASE,
        ),
        "night": re.compile(
            r"\b(?:(?:to|in|into|for) bed|bed ?time|sleep\w*|asleep|turning in|good ?night"
            r"|the night|hit the hay)\b",
            re.IGNORECASE,
        ),
        "home": re.compile(
            r"\b(?:stay(?:ing)? (?:in|home|at home|here|put|inside|indoors|over)"
            r"|(?:at|all|be|still) home"
            r"|(?:we|i|they|he|she|everyone|everybody|somebody|someone|[a-z]+)"
            r"(?:'re|'m|'s|'ll be| is| are| am| will be) (?:all |both |still )*"
            r"(?:in|inside|home|here|indoors)(?! (?:the|a|an|my|our|bed)\b))\b",
            re.IGNORECASE,
        ),
    },
    "zh": {
        "vacation": re.compile("旅游|旅行|度假"),
        "away": re.compile(
            "出门|出去|外出|离家|出发|离开|不在家|家里没人|没人在家|上班去|去上班|走了"
        ),
        "night": re.compile("睡|晚安|过夜|上床"),
        "home": re.compile("(?<!不)在家|(?:家|屋)里有人|有人在|待在?家|留在?家|在屋里"),
    },
}
"""What is told of who stays, beside a command."""
_JOINS = re.compile(
    r"[\W_]|\b(?:and|then|also|please|ok|okay|thanks?|you|now)\b|[请吧了啊呀并和再]|然后|顺便|谢谢",
    re.IGNORECASE,
)


def arm(said: Sequence[Token], scene: Scene) -> tuple[Draft, ...] | Unknown | None:
    """Return what arms or disarms the alarm, None when the words `said` ask for neither."""
    panels = [thing for thing in scene.things if thing.entity.domain == _PANEL]
    if not panels:
        return None
    acts = {token.senses["act"] for token in said if token.has("act")}
    levels = {t.senses["choice"] for t in said if t.senses.get("choice") in _ARM}
    group = joined_atoms(t for t in said if t.senses.get("choice") not in _ARM) - _KINDS
    meant = [t for t in panels if group <= t.all | t.wide | {"security"}]
    arming, disarming = "arm" in acts, "disarm" in acts
    if not arming and not disarming:
        goal = bool(levels) and any(t.has("to") or t.text in ("mode", "模式") for t in said)
        alone = bool(acts) and acts <= _SWITCHING and group <= _CALLED
        alone = alone and not any(group in thing.names for thing in scene.things)
        alone = alone and not any(token.text.startswith(_SOUNDING) for token in said)
        called = matching(group, scene.things) if group else []
        named = bool(called) and all(thing in panels for thing in called)
        arming = (goal or alone) and (named or bool(_CALLED & group))
        disarming = bool(acts & {"off", "turn_close"}) and "alarm" in group and len(acts) == 1
    known = all(t.known and t.number is None for t in said)
    if not (arming or disarming) or (arming and disarming) or not known or len(levels) > 1:
        return None
    if len(meant) != 1:
        return Unknown(Gap.AMBIGUOUS) if meant else None
    service = "alarm_disarm" if disarming else _ARM[next(iter(levels), "away")]
    return (Draft(f"{_PANEL}.{service}", {"entity_id": [meant[0].entity.id]}),)


def armed(parts: tuple[Part, ...], words: str, language: str) -> tuple[Part, ...] | Unknown:
    """Return `parts` with an alarm armed in the way that the plain sentence `words` tells.

    "Arm it, we're staying in" is for people at home. Where something is told that says neither, the
    way is not clear: a sensor that watches the rooms would take those who stay for burglars.
    """
    open_to = [part for part in parts if any(d.capability == _LEFT_OPEN for d, _ in part.steps)]
    if not open_to:
        return parts
    ways = _told(words, language.partition("-")[0])
    if len(ways) > 1 or (not ways and _tells_more(words, parts)):
        return Unknown(Gap.AMBIGUOUS, open_to[0].text)
    service = f"{_PANEL}.{_ARM[next(iter(ways), 'away')]}"
    return tuple(replace(part, steps=_by(service, part)) for part in parts)


def _told(words: str, primary: str) -> set[str]:
    found: set[str] = set()
    if primary not in _TOLD:
        return found
    said, stays = _NOT_LEFT[primary].subn(" ", words)
    for way, pattern in _TOLD[primary].items():
        said, hits = pattern.subn(" ", said)
        found |= {way} if hits else set()
    found |= {"home"} if stays else set()
    return found - {"away"} if "vacation" in found else found


def _tells_more(words: str, parts: Sequence[Part]) -> bool:
    """Tell whether the sentence says more than its commands do."""
    for part in sorted(parts, key=lambda part: -len(part.text)):
        words = words.replace(part.text, " ", 1)
    return bool(_JOINS.sub("", words))


def _by(service: str, part: Part) -> tuple[tuple[Draft, Meaning], ...]:
    return tuple(
        (replace(draft, capability=service), meaning)
        if draft.capability == _LEFT_OPEN
        else (draft, meaning)
        for draft, meaning in part.steps
    )
