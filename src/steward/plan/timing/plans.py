"""What is said of things planned already: list them, cancel one, move one to another time."""

from __future__ import annotations

import re
from collections.abc import Mapping

from steward.plan.timing.times import Time, read_time
from steward.types import Call, Calls, Json, Meaning

INTENT = "StewardLater"
"""The intent of a Call that plans something."""
_LIST = {
    "en": re.compile(
        r"^(?:what(?:'s|'ve| is| are| have| do| did)?|show|list|tell me|have you|do you|is there"
        r"|are there|is anything|anything|read)\b.*"
        r"\b(?:planned|plans|scheduled?|schedules|reminders?)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:有(?:什么|哪些|没有|啥)|列出|看看|查看|念一下|说说).*(?:定时|计划|提醒)"
        r"|(?:定时|计划|提醒)(?:任务|事项|的事)?(?:都?有(?:哪些|什么|啥)|列表)"
        r"|(?:我|你)?都?(?:定|安排|计划|预约)(?:好)?了?(?:些)?(?:什么|哪些|啥)"
    ),
}
_OTHER_LISTS = re.compile(
    r"\b(?:calendars?|diary|agenda|shopping|to ?do|list of)\b|日历|日程|清单|待办", re.IGNORECASE
)
_CANCEL_ALL = {
    "en": re.compile(
        r"^(?:please )?(?:cancel|delete|remove|clear|forget|drop) (?:all|every|everything)\b.*"
        r"\b(?:plans?|planned|scheduled?|schedules|reminders?)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:取消|删除|清除|清空|删掉)(?:掉)?(?:所有|全部)的?(?:定时|计划|提醒)"
        r"|(?:所有|全部)的?(?:定时|计划|提醒)(?:任务|事项)?[都全]?(?:取消|删除|清除|删掉)"
    ),
}
_CANCEL = {
    "en": re.compile(
        r"^(?:please |can you |could you |actually )*(?:cancel|delete|remove|forget(?: about)?"
        r"|call off|drop|never ?mind(?: about)?|scrap|don'?t) (?P<what>.*)$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^(?:算了|那个?)?(?P<before>.*?)(?:取消|删除|删掉|不要了|不用了?|别(?!墅))(?:掉)?(?:了|吧)?"
        r"(?P<what>.*)$"
    ),
}
_PLANNED = {
    "en": re.compile(r"\b(?:plans?|planned|schedules?|scheduled|remind(?:ers?)?)\b", re.IGNORECASE),
    "zh": re.compile("定时|计划|提醒"),
}
_FILLERS = {
    "en": re.compile(
        r"\b(?:the|my|our|that|this|a|an|to|for|of|about|on|off|up|down|turn|turning|switch"
        r"|switching|open|opening|close|closing|set|setting|start|starting|thing|one|job|task"
        r"|plans?|planned|schedules?|scheduled|reminders?|after all|please|any ?more|at|it)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "把|的|那个|这个|定时|计划|提醒|任务|打开|关闭|关掉|关上|拉开|拉上|开|关|一下|我|了|请|吧"
    ),
}
_MOVE = {
    "en": re.compile(
        r"^(?:please |can you |could you |actually )*(?:push|move|shift|change|reschedule|postpone"
        r"|delay|put|bring|make)(?: forward| back| off)? (?P<what>.*?) ?(?:forward |back )?"
        r"(?:to|until|till|for) (?P<to>.+)$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^(?:请|帮我|麻烦)*(?:把|将)?(?P<what>.+?)(?:改|推迟|提前|延后|延|换|调|挪)(?:到|成|为|至)"
        r"(?P<to>.+)$"
    ),
}


def about_plans(words: str, language: str, time: Time | None) -> Calls | None:
    """Return the Call that the plain `words`, which name `time`, make about what is planned."""
    if _CANCEL_ALL[language].search(words):
        return one("schedule.cancel_all", {})
    if lists_plans(words, language):
        return one("schedule.list", {})
    moved = _moved(words, language)
    if moved is not None:
        return moved
    cancel = _CANCEL[language].match(words)
    if cancel is None or (time is None and not _PLANNED[language].search(words)):
        return None
    rest = _CANCEL[language].match(time.rest) if time is not None else cancel
    said = "".join(rest.groupdict(default="").values()) if rest is not None else ""
    return one("schedule.cancel", which(said, language, time))


def lists_plans(words: str, language: str) -> bool:
    """Tell whether the plain `words` ask what is planned, and not what is in a calendar."""
    return bool(_LIST[language].search(words)) and not _OTHER_LISTS.search(words)


def cancels(words: str, language: str) -> str | None:
    """Return what the plain `words` say is not to be done after all; None when they do not."""
    match = _CANCEL[language].match(words)
    return None if match is None else "".join(match.groupdict(default="").values())


def mentions_plans(words: str, language: str) -> bool:
    """Tell whether the plain `words` name planned things as such."""
    return language in _PLANNED and bool(_PLANNED[language].search(words))


def new_time(words: str, language: str) -> Mapping[str, Json] | None:
    """Return the time that the plain `words` are, and nothing else: "ten", "twenty minutes"."""
    forms = {
        "en": (words, f"at {words}", f"in {words}"),
        "zh": (words, f"{words}后", f"{words}点"),
    }
    for form in forms[language]:
        time = read_time(form, language)
        if time is not None and time.kind in ("later", "until") and not time.rest:
            return time.when
    return None


def which(said: str, language: str, time: Time | None) -> dict[str, Json]:
    """Return the arguments that tell which plan is meant: by its words and its time."""
    left = _FILLERS[language].sub(" ", said).split()
    arguments: dict[str, Json] = {"words": list[Json](left)} if left else {}
    if time is not None and "at" in time.when:
        arguments["at"] = time.when["at"]
        if time.when.get("half_day"):
            arguments["half_day"] = True
    return arguments


def one(capability: str, arguments: Mapping[str, Json]) -> Calls:
    """Return the plan of this one Call."""
    return Calls((Call("c1", capability, Meaning(INTENT), arguments),))


def _moved(words: str, language: str) -> Calls | None:
    match = _MOVE[language].match(words)
    to = new_time(match["to"], language) if match is not None else None
    if match is None or to is None:
        return None
    what = match["what"]
    old = read_time(what, language) or read_time(f"at {what}", language)
    named = which(old.rest if old is not None else what, language, old)
    if not named or not (old or mentions_plans(what, language)):
        return None
    return one("schedule.move", {**named, "to": dict(to)})
