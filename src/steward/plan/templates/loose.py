"""Sentences that hold more than commands, or no sign between them: what to leave out, where to cut.

Tried last, when the sentence as it stands is not understood: "we're done for the day, all lights
off", "打开落地灯关掉电视". As ever, every command must be understood, or nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from steward.plan.language.lexicon import lexicon, words
from steward.plan.templates.split import Mentions, Parse, Part, split
from steward.types import Unknown

_WHOM = (
    "guests?|visitors?|kids?|children|boys|girls|baby|dogs?|cats?|puppy|kittens?|birds?"
    "|post(?:man|ie)|mailman|courier|driver|plumber|electrician|cleaners?|nanny|babysitter"
    "|neighbou?rs?|family|parents|mum|mom|dad|grandma|grandpa|granny|grandad|nana|everyone"
    "|everybody|customers?|clients?|patients?|students?|staff|team"
)
_PURPOSE = (
    rf"for (?:(?:the|our|my|your|that) )?(?:{_WHOM})"
    r"|so (?:that )?[\w']+(?: [\w']+)? can (?!you\b).+"
)
"""For whom, and what for, something is done."""

_BECAUSE = {
    "en": re.compile(
        rf"\s+(?=(?:i'm|i am|we're|we are|i've|we've|i'll|we'll)\b|(?:{_PURPOSE})$)"
        r"|[,;.!?]\s+(?:so\s+)?|\s+(?:so you can|so please|because|cos|coz|since|so)\s+",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[,，。;；!！]\s*"),
}
"""Where a command may be parted from what is only told with it."""

_TOLD = {
    "en": re.compile(
        r"(?:(?:well|so|ok|okay|because|cos|since|and|sorry) )*"
        r"(?:(?:i|we|he|she|they|it)(?:'m|'re|'s|'ve|'ll| am| are| is| have| has| need| want| got)"
        r"|(?:the|my|our) [\w']+(?: [\w']+)?(?:'s| is| are| has| have)|there(?:'s| is| are))\b.*"
        rf"|{_PURPOSE}",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:因为)?(?:我|我们|咱|咱们|他|她|孩子|宝宝|客人|有人).+|.+[了啦]"
        r"|(?:马上|正|快|就|还)*(?:要|想|准备|打算|得|该).+"
    ),
}
"""What tells how things are."""

_NOT_TOLD = {
    "en": re.compile(
        r"\b(?:not|\w+n't|never|no|if|when|unless|until|till|while|after|before|tomorrow|later|said"
        r"|says|told|asked|wish|would|should|(?:want|need) (?:you|it|them|the)|in an?"
        r"|in \d+|minutes?|hours?|what|which|who|how|why|tell)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?<!有)一?点儿?[了吧呗啊]?$|一些$|\d|度|最|一半"
        "|别|不要|如果|要是|的话|时候|之后|以后|等|说|吗|么|什么|谁|再|明天|先|后|把|关|开(?!始|会|全|派对|心|饭|学)|调|锁|停|分钟|小时|几|哪"
    ),
}
"""What makes of it a condition, a time, a wish against it, a report or a question."""

_POINTING = re.compile(
    r"\b(?:it|them|there|one)\b|\b(?:that|those|these)(?!\s+(?!on\b|off\b|up\b|down\b|back\b)\w)"
    r"|它|那个|这个",
    re.IGNORECASE,
)

Openings = Callable[[str], Sequence[int]]
"""Tells where a command may begin without a sign or a word that joins."""
Talk = Callable[[str, str], bool]
"""Tells whether the first text is mere talk beside the second, which is a command."""


def loosely(
    text: str, language: str, parse: Parse, mentions: Mentions, openings: Openings, talk: Talk
) -> tuple[Part, ...] | Unknown:
    """Return the commands in `text` without what is told with them, or cut at its `openings`."""
    primary = language.partition("-")[0]
    if primary not in _BECAUSE:
        return Unknown()
    for rest in _without_told(text, primary, mentions, talk):
        read = split(rest, language, parse, mentions)
        if isinstance(read, tuple):
            return read
    sign, joint = (";", "") if primary == "zh" else ("; ", " ")
    marked = text
    for start in reversed(openings(text)):
        marked = marked[:start].rstrip() + sign + marked[start:]

    def rejoined(stretch: str) -> Part | Unknown:
        return parse(stretch.replace(sign, joint))

    read = split(marked, language, rejoined, mentions) if marked != text else Unknown()
    return read if isinstance(read, tuple) and len(read) > 1 else Unknown()


def _without_told(text: str, primary: str, mentions: Mentions, talk: Talk) -> Iterator[str]:
    """Yield `text` without its first or last clause, where that only tells how things are.

    A clause that names something of the home may say where; what remains must name things itself,
    and must not point back.
    """
    for cut in _BECAUSE[primary].finditer(text):
        first, second = text[: cut.start()].strip(), text[cut.end() :].strip()
        for told, rest in ((first, second), (second, first)):
            if not told or not rest or _POINTING.search(rest):
                continue
            if _NOT_TOLD[primary].search(told):
                continue
            known = _TOLD[primary].fullmatch(told) and _names_enough(told, rest, mentions)
            if known or talk(told, rest):
                yield rest


def _names_enough(told: str, rest: str, mentions: Mentions) -> bool:
    if list(mentions(rest)):
        return True
    said, known = words(told), lexicon()
    nouns = any(
        said[start : start + length] in known.atoms
        for start in range(len(said))
        for length in range(1, known.longest + 1)
    )
    return not nouns and not list(mentions(told))
