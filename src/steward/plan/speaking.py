"""Sentences about the butler's own voice: "speak slower", "whisper", "小声点说". Pure.

Only those that name his speaking are taken. "Louder", "turn it down" and 小声一点 alone are about
what plays in the home, and go on to the other readings.
"""

from __future__ import annotations

import re

from steward.plan.cascade import Stage
from steward.plan.language.text import is_chinese
from steward.types import Call, Calls, Context, Meaning, Plan, Utterance, World

STAGE = "speaking"
"""The name of a plan that is about the butler's voice."""
CAPABILITY = "voice.set"

_POLITE = (
    r"(?:(?:ok|okay|hey|please|now|could you|can you|would you|will you|you can|jarvis|steward) )*"
)
_MUCH = r"(?:(?:a bit|a little bit|a little|much|even|way|still) )?"
_AFTER = r"(?: (?:please|now|again|to me|with me|when you talk|when you speak))*"
_ENGLISH = {
    "slower": rf"(?:speak|talk) {_MUCH}(?:slower|more slowly|slowly|less fast)",
    "faster": rf"(?:speak|talk) {_MUCH}(?:faster|quicker|more quickly|quickly|less slowly)",
    "louder": rf"(?:speak|talk) {_MUCH}(?:louder|more loudly|loudly|up)|raise your voice",
    "softer": rf"(?:speak|talk) {_MUCH}(?:softer|quieter|more softly|more quietly|softly|quietly)"
    r"|lower your voice|keep your voice down",
    "whisper": r"(?:start )?whisper(?:ing)?|(?:speak|talk) in a whisper",
    "normal": r"(?:speak|talk) normally|(?:stop|no more|no) whispering|(?:do not|don't) whisper"
    r"|(?:use|speak in|talk in) your (?:normal|usual) voice"
    r"|(?:speak|talk) at (?:your |a )?(?:normal|usual) (?:speed|pace|volume)",
}
_TOO = {
    "slower": "fast|quickly",
    "faster": "slow|slowly",
    "louder": "quiet|quietly|soft|softly",
    "softer": "loud|loudly",
}
_BIT = r"(?:一点儿|一点|一些|点儿|点|些)"
_CHINESE = {
    "slower": ("慢", "快"),
    "faster": ("快", "慢"),
    "louder": ("大声|响", "小声|轻"),
    "softer": ("小声|轻声|轻", "大声|响"),
}
_VERB = r"(?:说话|讲话|说|讲)"
_PLEASE = r"(?:请你|请|麻烦你|你|管家)*"
_END = r"(?:吧|好吗|可以吗|行吗|啊|呀|嘛)?"


def _patterns() -> dict[str, re.Pattern[str]]:
    found = {}
    for change, english in _ENGLISH.items():
        forms = [f"{_POLITE}(?:{english}){_AFTER}"]
        if too := _TOO.get(change):
            talking = r"you(?:'re| are)? (?:speak|talk|speaking|talking)"
            forms.append(rf"{_POLITE}{talking} (?:much |way |a bit |a little )?too (?:{too})")
        if change in _CHINESE:
            so, other = _CHINESE[change]
            forms += [
                rf"{_PLEASE}{_VERB}(?:得|的时候|的)?(?:再|稍微)*(?:{so}){_BIT}{_END}",
                rf"{_PLEASE}(?:再|稍微)*(?:{so}){_BIT}{_VERB}{_END}",
                rf"你{_VERB}(?:得|的)?(?:太|有点|有点儿)(?:{other})了?",
            ]
        forms += _MORE_CHINESE.get(change, ())
        found[change] = re.compile("|".join(f"(?:{form})" for form in forms), re.IGNORECASE)
    return found


_MORE_CHINESE = {
    "louder": (
        rf"{_PLEASE}(?:把)?(?:你的声音|你说话的?声音|说话的?声音)(?:再)?(?:放|调|开)?大{_BIT}{_END}",
    ),
    "softer": (
        rf"{_PLEASE}(?:把)?(?:你的声音|你说话的?声音|说话的?声音)(?:再)?(?:放|调)?小{_BIT}{_END}",
    ),
    "whisper": (
        rf"{_PLEASE}(?:悄悄地?|用气声|用悄悄话){_VERB}{_END}",
        rf"{_PLEASE}(?:说悄悄话|耳语){_END}",
    ),
    "normal": (
        rf"{_PLEASE}(?:恢复)?正常(?:地|的)?{_VERB}{_END}",
        rf"{_PLEASE}(?:不要|别|不用)(?:再)?(?:说悄悄话|耳语|悄悄地?{_VERB})了?{_END}",
        rf"{_PLEASE}恢复(?:正常|平常)的?(?:语速|声音|音量){_END}",
    ),
}
_PATTERNS = _patterns()


def about_voice(text: str) -> str | None:
    """Return how `text` wants his voice to change, None where it is about anything else.

    One of "slower", "faster", "louder", "softer", "whisper", "normal".
    """
    words = re.sub(r"[^\w']+", " ", text.replace("’", "'")).strip()
    if not words.isascii():
        words = words.replace(" ", "")
    for change, pattern in _PATTERNS.items():
        if pattern.fullmatch(words):
            return change
    return None


def speaking_stage(inner: Stage) -> Stage:
    """Return the stage `inner` that also takes sentences about the butler's own voice."""

    async def understand_voice(utterance: Utterance, world: World, context: Context) -> Plan:
        change = about_voice(utterance.text)
        if change is None:
            return await inner(utterance, world, context)
        language = "zh" if is_chinese(utterance.text) else "en"
        call = Call("c1", CAPABILITY, Meaning("StewardVoice"), {"change": change})
        return Plan(Calls((call,)), language, STAGE, 1.0)

    return understand_voice
