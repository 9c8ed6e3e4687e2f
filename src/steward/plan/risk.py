"""Which Calls are not carried out at once: they wait for a "yes".

Decided from the Call and the entities it names, never from words somebody wrote into the home: a
list item or a calendar entry that says "unlock the door" is data and stays data.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from steward.plan.dialogue.conversation import by_ids
from steward.plan.reply.wording import capital, digits, joined, things
from steward.plan.reply.words import FALLBACK, has_phrases, phrase
from steward.plan.templates.acts import entity_ids
from steward.plan.tools.sentences import INTENT as TOOL
from steward.types import (
    Call,
    Calls,
    Capability,
    Entity,
    Gap,
    Json,
    Plan,
    Question,
    Risk,
    Speaker,
    Unknown,
    Utterance,
    Words,
    World,
)

CONFIRMED = "confirmed"
"""The stage of a plan that has been agreed to."""
SURE = 0.9
"""A plan that needs a yes is not even asked about below this confidence."""

_OUTER = frozenset({"door", "garage", "gate"})
_OUTER_NAME = re.compile(
    r"\b(?:garage|gate|front door|back door|roller door)\b|车库|大门|院门|卷帘门|卷闸门|闸门"
)
_OPENING = frozenset({"open_cover", "set_cover_position", "toggle", "open_valve"})
_HEATING = frozenset({"set_temperature", "set_hvac_mode"})
_TARGETS = ("temperature", "position", "value", "option")
"""The arguments that say how a thing shall be."""
_FAHRENHEIT_FROM = 45.0
"""No room is this warm in degrees Celsius: a device that goes higher counts in Fahrenheit."""


@dataclass(frozen=True)
class Rules:
    """What needs a yes: `guarded` are the capabilities that always do, `heat` the highest target
    of a room in degrees Celsius that does not, and what is asked of an entity whose attribute
    `risk` is "guarded", if it is none of the capabilities that are `reading`. `domains` limits all
    of it to the capabilities of these domains ("lock"); None means any. `only` has for some domains
    the names of those who may ask aloud for what is risky in it, whether or not it needs a yes.
    """

    guarded: frozenset[str] = frozenset()
    reading: frozenset[str] = frozenset({"home.get_states"})
    heat: float = 28.0
    domains: frozenset[str] | None = field(default=None)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


USUAL = Rules()
"""The rules where no capability is known to be guarded by itself."""


def rules(
    capabilities: Sequence[Capability],
    confirm: str | Collection[str],
    heat: float,
    only: Mapping[str, tuple[str, ...]] | None = None,
) -> Rules:
    """Return the rules for a home of `capabilities`; `confirm` is "on", "off" or some domains."""
    guarded = frozenset(each.name for each in capabilities if each.risk is Risk.GUARDED)
    reading = frozenset(each.name for each in capabilities if each.risk is Risk.READ)
    domains = {"on": None, "off": frozenset[str]()}
    chosen = domains[confirm] if isinstance(confirm, str) else frozenset(confirm)
    return Rules(guarded, reading, heat, chosen, only or {})


def risk_of(call: Call, world: World, rules: Rules) -> Risk:
    """Return GUARDED for a Call that needs a yes in `world`, else ACT."""
    if rules.domains is not None and _domain(call) not in rules.domains:
        return Risk.ACT
    return Risk.GUARDED if harms(call, world, rules) else Risk.ACT


def reserve(plan: Plan, world: World, rules: Rules, speaker: Speaker | None) -> Plan:
    """Return `plan`, or words that say for whom it is done, when `speaker` is none of them.

    Without a speaker the words were typed, by somebody whom the server has let in. A yes is
    anybody's: what it agrees to was asked for by somebody who may.
    """
    if not isinstance(plan.body, Calls) or plan.stage == CONFIRMED or speaker is None:
        return plan
    for call in with_later(plan.body.calls):
        may = rules.only.get(_domain(call))
        if may is None or not harms(call, world, rules):
            continue
        if (speaker.name or "").casefold() not in {name.casefold() for name in may}:
            language = plan.language if has_phrases(plan.language) else FALLBACK
            text = phrase(language, "confirm", "reserved" if may else "nobody")
            return replace(plan, body=Words(text.format(names=joined(language, may))))
    return plan


def hold(plan: Plan, world: World, rules: Rules) -> Plan:
    """Return `plan`, or the question whether its Calls shall be carried out.

    What has been agreed to passes. What needs a yes and is not sure enough becomes Unknown.
    """
    if not isinstance(plan.body, Calls) or plan.stage == CONFIRMED:
        return plan
    language = plan.language if has_phrases(plan.language) else FALLBACK
    if any(risk_of(call, world, rules) is Risk.GUARDED for call in _later(plan.body.calls)):
        # Nobody is asked at the time when it is done.
        return replace(plan, body=Words(phrase(language, "later", "add_unsupported")))
    risky = [call for call in plan.body.calls if risk_of(call, world, rules) is Risk.GUARDED]
    if not risky:
        return plan
    if plan.confidence < SURE:
        return replace(plan, body=Unknown(Gap.NOT_UNDERSTOOD), confidence=0.0)
    text = _question(risky, world, language)
    return replace(plan, body=Question(text, plan.body.calls), language=language)


def yes(language: str) -> Utterance:
    """Return what says yes to a question in `language`."""
    spoken = language if has_phrases(language) else FALLBACK
    return Utterance(phrase(spoken, "confirm", "yes"), spoken)


def _domain(call: Call) -> str:
    return call.capability.partition(".")[0]


def harms(call: Call, world: World, rules: Rules) -> bool:
    """Tell whether a Call could do harm, whatever the owner wants to be asked about."""
    domain, _, service = call.capability.partition(".")
    entities = by_ids(world, entity_ids(call))
    if call.capability in rules.reading:
        return False
    return (
        call.capability in rules.guarded
        or any(each.attributes.get("risk") == Risk.GUARDED for each in entities)
        or (service in _OPENING and any(_opens(each, call.arguments) for each in entities))
        or (service in _HEATING and any(_heats(each, call.arguments, rules) for each in entities))
        or (domain == "scene" and any(_scene_opens(each, world) for each in entities))
    )


def with_later(calls: Sequence[Call]) -> Sequence[Call]:
    """Return `calls`, and those that they plan for later."""
    return (*calls, *_later(calls))


def _later(calls: Sequence[Call]) -> Sequence[Call]:
    """Return the Calls that `calls` plan for later."""
    found = []
    for call in calls:
        planned = call.arguments.get("calls") if call.capability == "schedule.add" else ()
        for deed in planned if isinstance(planned, list | tuple) else ():
            arguments = deed.get("arguments") if isinstance(deed, Mapping) else None
            if isinstance(deed, Mapping) and isinstance(arguments, Mapping):
                found.append(Call(call.id, str(deed.get("capability")), call.meaning, arguments))
    return found


def _opens(entity: Entity, arguments: Mapping[str, Json]) -> bool:
    """Tell whether opening `entity` lets somebody in, or gas out."""
    if arguments.get("position") == 0:
        return False
    kind = entity.attributes.get("device_class")
    if entity.domain == "valve":
        return kind == "gas"
    if entity.domain != "cover":
        return False
    if kind in _OUTER:
        return True
    names = " ".join((entity.name, *entity.aliases)).casefold()
    return kind in (None, "", "shutter") and bool(_OUTER_NAME.search(names))


def _heats(entity: Entity, arguments: Mapping[str, Json], rules: Rules) -> bool:
    """Tell whether a room gets a target above the limit from something that heats."""
    target = arguments.get("temperature") or arguments.get("target_temp_high")
    if entity.domain != "climate" or not isinstance(target, int | float):
        return False
    mode = arguments.get("hvac_mode") or entity.state
    if mode in ("cool", "dry", "fan_only"):
        return False
    seen = [entity.attributes.get(name) for name in ("temperature", "current_temperature")]
    limit = rules.heat
    hot = any(isinstance(each, int | float) and each > _FAHRENHEIT_FROM for each in seen)
    if hot or entity.unit == "°F":
        limit = limit * 9 / 5 + 32
    return target > limit


_CLOSING = ("lock.", "alarm_control_panel.")
"""How the ids begin of what keeps others out."""


def _scene_opens(scene: Entity, world: World) -> bool:
    """Tell whether a scene unlocks a lock, opens an outer door, disarms an alarm, or sets what
    is marked as guarded. A member of which nobody tells how it is set may be set so."""
    members = scene.attributes.get("scene")
    if not isinstance(members, Mapping):
        return False
    now = {entity.id: entity for entity in by_ids(world, tuple(members))}
    for name, target in members.items():
        entity = now.get(name)
        state = target.get("state") if isinstance(target, Mapping) else None
        if state is None and (name.startswith(_CLOSING) or (entity and _opens(entity, {}))):
            return True
        if entity is None or state is None or state == entity.state:
            continue
        if entity.attributes.get("risk") == Risk.GUARDED:
            return True
        if state in ("unlocked", "disarmed") or (state == "open" and entity.domain == "lock"):
            return True
        if state == "open" and _opens(entity, {}):
            return True
    return False


def _question(risky: Sequence[Call], world: World, language: str) -> str:
    asked: list[str] = []
    for call in risky:
        named = by_ids(world, entity_ids(call))
        key = call.capability if call.meaning.intent != TOOL else "tool"
        form = phrase(language, "confirm", key)
        if form == key.replace("_", " "):
            form = phrase(language, "confirm", "other")
        target = next((call.arguments[name] for name in _TARGETS if name in call.arguments), None)
        words = {slot: str(word) for slot, word in call.meaning.slots.items()}
        told = {"things": things(named, language, call.meaning.slots), "value": digits(target)}
        asked.append(form.format_map({**words, **told}))
    whole = phrase(language, "confirm", "question")
    return capital(whole.format(acts=joined(language, list(dict.fromkeys(asked)))))
