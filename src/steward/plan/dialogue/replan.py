"""What is said right after something was planned: "make it ten", "an hour later", "cancel it"."""

from __future__ import annotations

import re

from steward.plan.dialogue.cues import agrees
from steward.plan.language.text import plain
from steward.plan.timing.later import ADD
from steward.plan.timing.plans import cancels, new_time, one, which
from steward.plan.timing.times import read_time
from steward.types import Calls, Context, Exchange

MOVE = "schedule.move"
_LEAD = {
    "en": re.compile(
        r"^(?:no(?:pe)?|wait|sorry|oops|actually|hang on|i mean(?:t)?|i said|rather|please"
        r"|ok(?:ay)?|let's say|let's make it|(?:can|could) (?:you|we)|better|and|but"
        r"|not \w+(?: \w+)?(?=,)"
        r"|(?:make|push|move|change|put|set|shift|postpone|delay|bring|have|do|leave|reschedule)"
        r"(?: (?:it|that|this|them|the time))?(?: (?:forward|back|off|out|on))?"
        r"|(?:to|for|until|till)\b)[, ]+",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "^(?:不对|不不|不是[^,，是]+(?=[,，]?是)|不好意思|等等|算了|那就|那|还是|应该|就|是|我说的|我是说|请|帮我"
        "|把?(?:它|这个|那个|时间)|改|换|推迟|推后|提前|延后|延迟|延|挪|调|到|成|为|至|[,，])"
    ),
}
_TAIL = {
    "en": re.compile(r"[, ]+(?:instead|please|then|rather|i meant?|thanks)$", re.IGNORECASE),
    "zh": re.compile("(?:吧|好了|就好|就行|了|呢|啊|再说)$"),
}
_SHIFT = {
    "en": re.compile(
        r"^(?:(?:push|move|shift|postpone|delay|bring|put|make) (?:it|that|this) )?"
        r"(?P<way>back|forward)? ?(?:by )?(?P<length>.+?)(?: (?P<end>later|earlier|sooner))?$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "^(?:把它|那就|再|请)*(?P<way>推迟|推后|延后|延迟|延长|提前|提早|晚|早)(?P<length>.+)$"
    ),
}
_EARLIER = re.compile("forward|earlier|sooner|提前|提早|早")
_CANCELLED = {
    "en": re.compile(
        r"(?:actually |no,? |ok(?:ay)? )*(?:(?:cancel|scrap|forget|drop|delete|stop)"
        r" (?:it|that|this|the (?:timer|plan|schedule|reminder|last one))"
        r"|never ?mind|don'?t(?: bother)?|not any ?more)"
        r"(?: (?:then|please|after all))?",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "(?:算了|那|还是)*(?:取消|不用|不要|别|撤销|删掉|删除)(?:掉|了|吧|定|弄|做|关|开)*"
        "(?:刚才的?|它|这个|那个)?(?:定时|计划|安排|提醒|任务)?(?:了|吧)*"
        "|(?:把)?(?:刚才的?|那个|这个|它)(?:定时|计划|安排|提醒)?(?:取消|删除|删)(?:掉|了|吧)*"
    ),
}


def planned_just_now(context: Context) -> Exchange | None:
    """Return the last turn if it planned something for later, or moved it."""
    turn = context.exchanges[-1] if context.exchanges else None
    body = turn.plan.body if turn is not None else None
    calls = body.calls if isinstance(body, Calls) else ()
    return turn if any(call.capability in (ADD, MOVE) for call in calls) else None


def takes_back(text: str, language: str, turn: Exchange) -> bool:
    """Tell whether `text` says that what `turn` planned is not to be done after all."""
    primary = language.partition("-")[0]
    words = plain(text, language).casefold()
    if primary not in _CANCELLED:
        return False
    if _CANCELLED[primary].fullmatch(words) or agrees(text, language) is False:
        return True
    said = cancels(words, primary)
    if said is None:
        return False
    time = read_time(said, primary) or read_time(f"at {said.removeprefix('about ')}", primary)
    about = turn.utterance.text.casefold()
    named = which(time.rest if time is not None else said, primary, time)
    left = [str(word) for word in _words(named.get("words"))]
    return bool(named) and all(word in about for word in left)


def at_another_time(text: str, language: str) -> Calls | None:
    """Return the Call that moves what was planned last to the time that `text` says."""
    primary = language.partition("-")[0]
    words = plain(text, language).casefold()
    if primary not in _LEAD:
        return None
    shift = _shift(words, primary)
    if shift:
        return one(MOVE, {"last": True, "by": shift})
    rest = _stripped(words, primary)
    when = new_time(rest, primary)
    return one(MOVE, {"last": True, "to": dict(when)}) if when is not None else None


def _shift(words: str, language: str) -> float:
    match = _SHIFT[language].match(_stripped_end(words, language))
    if match is None:
        return 0.0
    groups = match.groupdict()
    if not (groups.get("way") or groups.get("end")):
        return 0.0
    when = new_time(match["length"], language)
    seconds = when.get("after") if when is not None else None
    sign = -1 if _EARLIER.search((groups["way"] or "") + (groups.get("end") or "")) else 1
    return sign * float(seconds) if isinstance(seconds, int | float) else 0.0


def _stripped(words: str, language: str) -> str:
    while hit := _LEAD[language].match(words):
        words = words[hit.end() :].strip(" ,，")
    return _stripped_end(words, language)


def _stripped_end(words: str, language: str) -> str:
    while hit := _TAIL[language].search(words):
        words = words[: hit.start()].strip(" ,，")
    return words


def _words(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()
