"""Things told by how they are: "every door that's still unlocked", "还亮着的灯"."""

from __future__ import annotations

import re
from dataclasses import replace

from steward.plan.parts.stands import DOMAINS, is_so
from steward.plan.templates.acts import entity_ids
from steward.plan.templates.resolve import Step
from steward.types import Entity, Gap, Json, Unknown, World

_EN_STATES = {
    **dict.fromkeys(("on", "lit", "running", "burning", "switched on", "turned on"), "on"),
    **dict.fromkeys(("off", "switched off", "turned off"), "off"),
    **dict.fromkeys(("open", "wide open"), "open"),
    **dict.fromkeys(("closed", "shut"), "closed"),
    "locked": "locked",
    "unlocked": "unlocked",
    "playing": "playing",
    "paused": "paused",
}
_EN_STATE = "|".join(sorted(_EN_STATES, key=len, reverse=True))
_EN_NOT = {
    "on": "off",
    "off": "on",
    "open": "closed",
    "closed": "open",
    "locked": "unlocked",
    "unlocked": "locked",
}
_EN_IS = r"(?:'s|'re| is| are)(?: been)?(?P<not>n't| not)?(?: (?:still|currently|now|left))*"
_EN_THAT = re.compile(
    rf" (?:that|which)(?:{_EN_IS}| was left| were left)(?: properly)? (?P<state>{_EN_STATE})\b",
    re.IGNORECASE,
)
_EN_WHATEVER = re.compile(
    rf"\b(?:whatever|whichever|any) (?P<noun>\w+(?: \w+)?){_EN_IS} (?P<state>{_EN_STATE})\b",
    re.IGNORECASE,
)
_EN_ALL = re.compile(
    rf"\b(?:whatever|everything|anything|all)(?:(?: (?:that|which))?{_EN_IS}"
    r" (?P<state>on|lit|playing)| (?P<lit>lit))\b",
    re.IGNORECASE,
)
_EN_THINGS = re.compile(
    rf"^(?:every|any)thing(?: (?:that|which)(?:{_EN_IS}))? (?P<state>lit|playing)(?P<where>[^,]*),?"
    r" (?P<act>(?:turn|switch|knock|shut|pause|stop|mute|dim|off|out)\b.*)$",
    re.IGNORECASE,
)
_EN_THEM = re.compile(r" (?:it|them|that)\b", re.IGNORECASE)
_EN_WHAT = re.compile(r"^ (?:music|sound|stories|songs?|audio)(?: (?:or|and) \w+)?", re.IGNORECASE)
_KINDS = {"lit": "all the lights", "playing": "all the music", "on": "everything"}
_ZH_MUSIC = "音乐"

_ZH_LEAD = "(?:还|仍然?|依然|现在|正|在)*"
_ZH_STATES = (
    ("(?:没有?|未)(?:锁|上锁|锁好|锁上)(?:着|了)?", "unlocked"),
    ("锁(?:着|上了|了)", "locked"),
    ("(?:亮|开)(?:着|了)|没关", "on"),
    ("(?:关|灭)(?:着|了)|没开", "off"),
    ("(?:播放|放|播|响)着?", "playing"),
)
_ZH_FORMS = tuple(
    (re.compile(f"(?:凡是|所有)?{_ZH_LEAD}(?:{form})的(?P<noun>声音|东西)?(?=.)"), state)
    for form, state in _ZH_STATES
)
_ENDS: dict[str, tuple[str, ...]] = {
    "on": ("turn_off", "close"),
    "off": ("turn_on", "open"),
    "open": ("close",),
    "closed": ("open",),
    "unlocked": ("lock",),
    "locked": ("unlock",),
    "playing": ("media_pause", "media_stop", "turn_off"),
    "paused": ("media_play",),
}
"""The services that end a state."""

_OPEN_TOO = {"on": "open", "off": "closed"}
"""Of a blind "开着" says that it is open, of a lamp that it is on."""


def qualified(text: str, language: str) -> tuple[str, str] | None:
    """Return plain `text` without the clause that tells how the things are, and that state.

    None when there is no such clause.
    """
    return _chinese(text) if language.partition("-")[0] == "zh" else _english(text)


def _english(text: str) -> tuple[str, str] | None:
    things = _EN_THINGS.match(text)
    if things is not None:
        said = things["state"].casefold()
        where = _EN_WHAT.sub("", things["where"])
        act = _EN_THEM.sub("", things["act"])
        return f"{act} {_KINDS[said]}{where}", _EN_STATES[said]
    every = _EN_ALL.search(text)
    if every is not None:
        said = (every["state"] or every["lit"]).casefold()
        return text[: every.start()] + _KINDS[said] + text[every.end() :], _EN_STATES[said]
    that = _EN_THAT.search(text)
    if that is not None:
        return text[: that.start()] + text[that.end() :], _state(that)
    whatever = _EN_WHATEVER.search(text)
    if whatever is not None:
        rest = f"{text[: whatever.start()]}every {whatever['noun']}{text[whatever.end() :]}"
        return rest, _state(whatever)
    return None


def _state(said: re.Match[str]) -> str:
    """Return the state that is told: of what "isn't locked" that it is unlocked."""
    state = _EN_STATES[said["state"].casefold()]
    return _EN_NOT.get(state, "") if said["not"] else state


def _chinese(text: str) -> tuple[str, str] | None:
    for form, state in _ZH_FORMS:
        match = form.search(text)
        if match is not None and text[match.end() :].strip():
            noun = _ZH_MUSIC if match["noun"] and state == "playing" else match["noun"] or ""
            return f"{text[: match.start()]}所有{noun}{text[match.end() :]}", state
    return None


def only_those(steps: tuple[Step, ...], state: str, world: World) -> tuple[Step, ...] | Unknown:
    """Return `steps` for those of their things that are in `state`.

    Where none is, only what ends that state may be done: to things that are so already.
    """
    entities = {entity.id: entity for entity in world.entities}
    those: list[Step] = []
    ends = True
    for draft, meaning in steps:
        ids = entity_ids(draft)
        service = draft.capability.partition(".")[2]
        if service.startswith("get_") or not ids:
            return Unknown(Gap.NOT_UNDERSTOOD)
        so: list[Json] = [key for key in ids if _is(entities[key], state)]
        if so:
            those.append((replace(draft, arguments={**draft.arguments, "entity_id": so}), meaning))
        ends = ends and service.startswith(_ENDS[state])
    if those or ends:
        return tuple(those) or steps
    return Unknown(Gap.NOT_UNDERSTOOD)


def _is(entity: Entity, state: str) -> bool:
    if entity.domain not in DOMAINS[state]:
        state = _OPEN_TOO.get(state, state)
    return entity.domain in DOMAINS[state] and is_so(entity, state)
