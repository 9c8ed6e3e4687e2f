"""Words that only bid the butler be quiet. Pure, and asked before any stage."""

from __future__ import annotations

import re

_POLITE = r"(?:ok(?:ay)?|hey|now|please|just|steward|jarvis|that'?s|it|that|will you|would you)"
_ENGLISH = (
    r"stop(?: (?:talking|speaking|it|that|there|now))?|(?:be|keep) (?:quiet|silent)|quiet|silence"
    r"|shut up|hush|shush|enough"
)
_CHINESE = (
    r"停|停下|停下来|停止|停一下|停停|打住|闭嘴|住口|住嘴|安静|安静点|安静一下|别说了|别说话|别讲了"
    r"|不要说了|不要说话|不用说了|不说了|够了"
)
_ALONE = re.compile(
    rf"(?:{_POLITE} )*(?:{_ENGLISH})(?: (?:{_ENGLISH}|{_POLITE}))*"
    rf"|(?:请|管家|你|先|好了|快)*(?:{_CHINESE})+(?:吧|啊|了|管家)*"
    # One syllable is too short for a recogniser to tell its tone and its sign.
    r"|[停婷庭亭廷挺听厅]+",
    re.IGNORECASE,
)


def hushes(text: str) -> bool:
    """Tell whether `text` says nothing but "stop" or "be quiet", in English or Chinese."""
    words = re.sub(r"[^\w']+", " ", text).strip()
    if not words.isascii():
        words = words.replace(" ", "")
    return bool(_ALONE.fullmatch(words))
