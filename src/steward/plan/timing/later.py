"""Commands for later, again and again, or for a while; reminders; and what was planned before."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from steward.plan.reply.names import spoken_name
from steward.plan.reply.wording import by_id
from steward.plan.reply.words import phrase
from steward.plan.templates.acts import entity_ids
from steward.plan.templates.told import is_told
from steward.plan.timing.countdown import CAPABILITY as TIMER
from steward.plan.timing.countdown import named_timer
from steward.plan.timing.plans import INTENT, about_plans, lists_plans, mentions_plans, one
from steward.plan.timing.times import Time, read_time
from steward.types import Call, Calls, Gap, Json, Meaning, Question, Unknown, Words, World

Body: TypeAlias = Calls | Question | Words | Unknown
Read: TypeAlias = Callable[[str], Body]
"""Understands a plain sentence that has no time in it."""

ADD = "schedule.add"
BACK = {
    "turn_on": "turn_off",
    "turn_off": "turn_on",
    "open_cover": "close_cover",
    "close_cover": "open_cover",
    "open_valve": "close_valve",
    "close_valve": "open_valve",
    "media_play": "media_pause",
    "media_pause": "media_play",
    "start": "return_to_base",
    "start_mowing": "dock",
}
"""The service that ends what another one began, for "turn the heater on for an hour"."""

_ENDING = frozenset({"turn_off", "close_cover", "close_valve", "media_pause"})
_RESTING = frozenset({"off", "closed", "paused", "idle", "standby", "docked"})
_NOT_DEVICES = frozenset({"todo", "calendar", "weather", "home", "scene", "script"})
_READS = ("get_", "list_")
_TODAY = re.compile(
    r"(?:today|tonight|this (?:morning|afternoon|evening))"
    r"|今[天晚早日儿夜](?:晚?上|下午|早上|上午)?",
    re.IGNORECASE,
)
_IT = re.compile(r"\b(?:it|them)\b", re.IGNORECASE)
_JOINT = {
    "en": re.compile(r"(?:,|;|\band then|\bthen|\band)\s*$", re.IGNORECASE),
    "zh": re.compile(r"(?:[,，、;；]|然后|接着|并且|同时|还有|再)\s*$"),
}
_REMIND = {
    "en": re.compile(
        r"^(?:please |can you |could you |would you )*(?:(?:remind(?: (?:me|us))?(?: again)?"
        r"|(?:give|set|send|make|create) (?:(?:me|us) )?a reminder)(?: (?:to|about|that|of|for))?"
        r"|(?P<wake>wake (?:me|us)(?: up)?)) ?(?P<what>.*)$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^(?:到时候?|记得|请|麻烦)?(?:提醒(?:一下|一声)?(?:我们|我)?|(?:叫|喊)(?:一下|一声)?(?:我们|我))"
        r"(?:一下|一声)?(?:要|去|该)?"
        r"(?P<wake>)(?P<what>.*)$"
    ),
}
_NOW = {
    "en": re.compile(r"(?: (?:right )?now)?(?:,? (?:and|then))*$", re.IGNORECASE),
    "zh": re.compile("^(?:现在|先)+|(?:然后|接着)$"),
}
_THEN_END = {
    "en": re.compile(
        r"[,; ]*(?:and |then |before )*(?:(?:turn|switch|shut|put)(?:ing)? (?:it|them)"
        r"(?: back)? (?:off|down)(?: again)?|(?:back )?(?:off|closed|shut)(?: again)?"
        r"|(?:close|closing|stop|stopping|shut) (?:it|them)(?: again)?|(?:close|stop) again)$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[,，;；]?(?:之后|以后|后)?(?:然后|就|再|接着|自动|把它|它|给我)*"
        r"(?:关|关掉|关上|关闭|关了|停|停掉|停了|停止|合上|拉上|收起来?)(?:它|掉|吧|了)*$"
    ),
}
"""What ends a thing that was begun in the same sentence."""
_BEGUN = {
    "en": (
        re.compile(
            r"^(?:(?:please|can you|could you|would you) )*(?:run|have|keep|leave|let|use|put)"
            r" (?P<what>.+?)(?: on| open| going| running| run)?(?: please)?$",
            re.IGNORECASE,
        ),
        ("turn on {what}", "open {what}"),
    ),
    "zh": (
        re.compile(
            r"^(?:先|请|帮我|给我|让|把)*(?P<what>.+?)(?:先|再|接着|继续)*(?:打开|开|吹|放|运行|转|亮|工作|浇|烧)(?:着|上)?$"
        ),
        ("打开{what}",),
    ),
}
"""Verbs that begin what is said to last: "run the fan for an hour"."""


def read_later(
    words: str,
    language: str,
    names: Sequence[tuple[int, int]],
    read: Read,
    world: World,
    capabilities: Collection[str],
) -> Body:
    """Return the plan for the plain `words`, which may name a time.

    With a time in them they never act at once, but for what is said to last a while. `names` are
    the spans of names of this home, in which no time is looked for.
    """
    primary = language.partition("-")[0]
    timer = named_timer(words, primary, names) if TIMER in capabilities else None
    if timer is not None:
        whole = read(words)
        return timer if isinstance(whole, Unknown) else whole
    time = read_time(words, language, names) if primary in _REMIND else None
    if time is None and not mentions_plans(words, primary):
        asked = primary in _REMIND and lists_plans(words, primary) and ADD in capabilities
        return one("schedule.list", {}) if asked else read(words)
    if ADD not in capabilities:
        whole = read(words)
        now = time is None or not moves(whole) or _has_used(whole, time)
        return whole if now or time is None else Unknown(Gap.UNSUPPORTED, time.said)
    about = about_plans(words, primary, time)
    if about is not None:
        whole = read(words)
        return about if isinstance(whole, Unknown) or lists_plans(words, primary) else whole
    if time is None:
        return _reminder(words, primary, None) or read(words)
    return _reminder(time.rest, primary, time) or _timed(
        words, primary, time, read, world, capabilities
    )


def _timed(
    words: str, primary: str, time: Time, read: Read, world: World, capabilities: Collection[str]
) -> Body:
    if time.weak or time.kind in ("vague", "while"):
        whole = read(words)
        if _has_used(whole, time) or (time.kind == "vague" and _is_beside(words, primary, time)):
            return whole
    apart = _ending(words, primary, time, read, world, capabilities)
    apart = apart or _apart(words, primary, time, read, world)
    if apart is not None:
        return apart
    lasting = time.kind in ("while", "until")
    rest = _begun(time.rest, primary, read) if lasting else read(time.rest)
    if not moves(rest):
        whole = read(words)
        if not isinstance(whole, Unknown):
            return Unknown(Gap.NOT_UNDERSTOOD) if moves(whole) else whole
        return rest if isinstance(rest, Unknown) else whole
    if not isinstance(rest, Calls) or _twice(rest):
        return Unknown(Gap.NOT_UNDERSTOOD)
    when = _by_the_sun(time.when, world) if time.kind == "sun" else time.when
    if time.kind == "vague" or when is None:
        return Words(phrase(primary, "later", time.kind).format(about=time.said))
    if lasting:
        return _lasting(rest, words, primary, time.when, world, capabilities)
    return Calls((_add("c1", rest.calls, time.rest, primary, when),))


def _is_beside(words: str, primary: str, time: Time) -> bool:
    """Tell whether it is a time of today in a clause which only tells how things are.

    "They come tomorrow" may well be said of what is to be done then.
    """
    if not _TODAY.fullmatch(words[time.start : time.end].strip()):
        return False
    clauses = list(re.finditer(r"[^,;，；]+", words))
    told = [c for c in clauses if c.start() <= time.start and time.end <= c.end()]
    said = [
        f"{words[c.start() : time.start].strip()} {words[time.end : c.end()].strip()}" for c in told
    ]
    return len(clauses) > 1 and any(is_told(clause.strip(), primary) for clause in said)


def _by_the_sun(when: Mapping[str, Json], world: World) -> Mapping[str, Json] | None:
    """Return `when` with the moment that the home's sun knows; None when it knows none."""
    for entity in world.entities:
        moment = entity.attributes.get(f"next_{when['sun']}")
        if entity.domain == "sun" and moment is not None:
            return {**when, "moment": str(moment)}
    return None


def _begun(text: str, primary: str, read: Read) -> Body:
    """Read what is said to last a while, whatever the verb that begins it."""
    text = _THEN_END[primary].sub("", text) or text
    rest = read(text)
    pattern, forms = _BEGUN[primary]
    match = pattern.match(text)
    if _ends(rest) or match is None:
        return rest
    tried = [read(form.format(what=match["what"])) for form in forms]
    return next((body for body in tried if _ends(body)), rest)


def _ends(body: Body) -> bool:
    """Tell whether what `body` begins has an end: "灯亮一小时" asks for no brighter lamp."""
    calls = body.calls if isinstance(body, Calls) else ()
    plain = all(set(call.arguments) == {"entity_id"} for call in calls)
    return plain and moves(body) and all(c.capability.partition(".")[2] in BACK for c in calls)


def _ending(
    words: str,
    primary: str,
    time: Time,
    read: Read,
    world: World,
    capabilities: Collection[str],
) -> Body | None:
    """Read "turn it on, and off again in ten minutes": begun now, ended then."""
    if time.kind != "later":
        return None
    before, after = words[: time.start].strip(" ,，"), words[time.end :].strip(" ,，")
    end = _THEN_END[primary]
    if after:
        begin = before if end.fullmatch(after) else ""
    else:
        hit = end.search(before)
        linked = hit is not None and re.match(r"[,;，；]| (?:and|then)\b|然后|再|接着", hit[0])
        begin = before[: hit.start()] if hit is not None and linked else ""
    begin = _NOW[primary].sub("", begin).strip(" ,，")
    if not begin:
        return None
    body = read(begin)
    if not (isinstance(body, Calls) and moves(body)):
        return None
    return _lasting(body, words, primary, time.when, world, capabilities)


def _has_used(whole: Body, time: Time) -> bool:
    """Tell whether a reading of the whole sentence has a place for what may be a time in it."""
    if not isinstance(whole, Calls):
        return False
    if any(c.capability.startswith("timers.") or "duration" in c.arguments for c in whole.calls):
        return True
    if time.weak:
        hour = int(str(time.when["at"]).partition(":")[0]) % 12
        said = [value for call in whole.calls for value in call.arguments.values()]
        return any(isinstance(value, int | float) and value % 12 == hour for value in said)
    return time.kind == "vague" and not moves(whole)


def _apart(words: str, primary: str, time: Time, read: Read, world: World) -> Calls | None:
    """Read "do this, and in ten minutes do that": the first now, the second later."""
    joint = _JOINT[primary].search(words[: time.start])
    if joint is None or time.kind != "later" or not words[time.end :].strip():
        return None
    now, text = read(words[: joint.start()]), words[time.end :].strip(" ,，")
    if not (isinstance(now, Calls) and moves(now)):
        return None
    moved = by_id(world, list({name for call in now.calls for name in entity_ids(call)}))
    if len(moved) == 1:
        text = _IT.sub(f"the {spoken_name(moved[0], primary)}", text)
    then = read(text)
    if not (isinstance(then, Calls) and moves(then)):
        return None
    return Calls((*now.calls, _add(f"c{len(now.calls) + 1}", then.calls, text, primary, time.when)))


def moves(body: Body) -> bool:
    """Tell whether `body` moves devices of the home."""
    return isinstance(body, Calls) and any(
        "entity_id" in call.arguments
        and call.capability.partition(".")[0] not in _NOT_DEVICES - {"scene", "script"}
        and not call.capability.partition(".")[2].startswith(_READS)
        for call in body.calls
    )


def _twice(body: Calls) -> bool:
    """Tell whether one thing is moved twice: then only a part of it is meant for later."""
    moved = [name for call in body.calls for name in entity_ids(call)]
    return len(set(moved)) < len(moved)


def _add(
    name: str,
    calls: Sequence[Call],
    text: str,
    language: str,
    when: Mapping[str, Json],
    response: str = "default",
) -> Call:
    deeds: list[Json] = [
        {"capability": call.capability, "arguments": dict(call.arguments)} for call in calls
    ]
    arguments: dict[str, Json] = {
        "when": dict(when),
        "calls": deeds,
        "text": text,
        "language": language,
    }
    return Call(name, ADD, Meaning(INTENT, response), arguments)


def _lasting(
    now: Calls,
    words: str,
    primary: str,
    when: Mapping[str, Json],
    world: World,
    capabilities: Collection[str],
) -> Body:
    """Do it now and end it then; what has no end of its own is not understood."""
    back = [_ended(call, world) for call in now.calls]
    ends = [call for call in back if call is not None and call.capability in capabilities]
    if len(ends) != len(now.calls):
        return Unknown(Gap.UNSUPPORTED)
    last = _add(f"c{len(now.calls) + 1}", ends, words, primary, when, "back")
    return Calls((*now.calls, replace(last, needs=tuple(call.id for call in now.calls))))


def _ended(call: Call, world: World) -> Call | None:
    domain, _, service = call.capability.partition(".")
    if domain in _NOT_DEVICES or service not in BACK:
        return None
    ids: Sequence[str] = entity_ids(call)
    states = {entity.id: entity.state for entity in world.entities}
    if service in _ENDING:
        # What was off before stays off afterwards.
        ids = [name for name in ids if states.get(name) not in _RESTING] or ids
    elif set(call.arguments) != {"entity_id"} and any(states.get(n) != "off" for n in ids):
        return None
    return replace(
        call, capability=f"{domain}.{BACK[service]}", arguments={"entity_id": list[Json](ids)}
    )


def _reminder(rest: str, primary: str, time: Time | None) -> Body | None:
    match = _REMIND[primary].match(rest)
    if match is None or (time is None and primary == "zh" and "提醒" not in match[0]):
        return None
    if time is None or time.kind in ("vague", "sun", "while", "until"):
        kind = "sun" if time is not None and time.kind == "sun" else "vague"
        said = time.said if time is not None else ""
        return Words(phrase(primary, "later", kind).format(about=said))
    text = match["what"].strip() or phrase(primary, "later", "wake" if match["wake"] else "time")
    when = dict(time.when)
    if match["wake"]:
        when.pop("half_day", None)  # Who says no half of the day gets up in the morning.
    return Calls((_add("c1", (), text, primary, when, "reminder"),))
