"""What was answered before, so that a question is not sent twice."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from steward.models.leaving.alike import alike
from steward.models.leaving.documents import Embed
from steward.models.leaving.turns import relevant
from steward.thinking import Answer, Inquiry, Resolved

MAX_ANSWERS = 500
"""Answers that are kept, in memory only; the oldest go first."""
Ask = Callable[[Inquiry], Awaitable[Resolved]]
_FLEETING = re.compile(
    r"\b(?:now|today|tonight|tomorrow|yesterday|currently?|latest|recent\w*|newest"
    r"|this (?:morning"
    r"|afternoon|evening|week|month|year|season)|last (?:night|week|month|year)|next (?:week"
    r"|month|year)"
    r"|at the moment|right now|still|yet|any ?more|so far|upcoming|live|weather|forecast"
    r"|rain\w*|news"
    r"|headlines?|prices?|cost\w*|how much (?:is|are|does)|cheap\w*|expensive|stocks?|shares?"
    r"|exchange rate"
    r"|bitcoin|scores?|who (?:won|is winning|leads)|traffic|open(?:ing)? (?:hours|now|today)"
    r"|president"
    r"|prime minister|minister|king|queen|pope|ceo|champion|record|time is it|what day|random"
    r"|joke"
    r"|another|surprise me|poem|story)\b"
    r"|现在|目前|今天|今晚|今早|明天|昨天|最近|最新|刚刚|本周|这周|这个月|本月|今年|去年|明年"
    r"|上周|下周|当前|如今"
    r"|天气|下雨|气温|新闻|头条|价格|多少钱|价钱|股票|股价|汇率|油价|房价|比分|谁赢|路况|营业"
    r"|总统|总理|主席|国王|冠军"
    r"|纪录|几点|星期几|随便|笑话|再来|换一个|诗|故事",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Kept:
    question: str
    language: str
    conversation: str | None
    """Whose alone it is; None: anybody's."""
    time: float
    direction: NDArray[np.float32] | None
    answer: Answer


class Answers:
    """Asks `ask`, unless the same was asked within `seconds` and the answer still holds.

    Questions about what changes are asked anew, and so are those that lean on what was said before
    or on a document. An answer to a question with personal data in it is given in that
    conversation only.

    Args:
        ask: who is asked.
        personal: tells whether a text holds what redaction would take out.
        embed: directions of meaning, for other words of the same question; None: the same words.
        seconds: how long an answer is kept.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        ask: Ask,
        personal: Callable[[str], bool],
        *,
        embed: Callable[[], Awaitable[Embed]] | None = None,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._personal = personal
        self._embed = embed
        self._seconds = seconds
        self._clock = clock
        self._kept: deque[_Kept] = deque(maxlen=MAX_ANSWERS)

    async def ask(self, inquiry: Inquiry) -> Resolved:
        """Return what came of `inquiry`, now or before.

        Raises:
            StewardError: whatever asking raises.
        """
        if not lasting(inquiry):
            return await self._ask(inquiry)
        direction = await self._direction(inquiry.text)
        if (found := self._find(inquiry, direction)) is not None:
            return Resolved("answered", replace(found, why="asked before", sent=()))
        resolved = await self._ask(inquiry)
        answer = resolved.answer
        if resolved.how == "answered" and answer is not None and answer.sent:
            said = f"{inquiry.text}\n{answer.text}"
            own = await asyncio.to_thread(self._personal, said)
            whose = inquiry.conversation if own else None
            self._kept.append(
                _Kept(inquiry.text, inquiry.language, whose, self._clock(), direction, answer)
            )
        return resolved

    async def _direction(self, text: str) -> NDArray[np.float32] | None:
        if self._embed is None:
            return None
        embed = await self._embed()
        return (await asyncio.to_thread(embed, [text]))[0]

    def _find(self, inquiry: Inquiry, direction: NDArray[np.float32] | None) -> Answer | None:
        oldest = self._clock() - self._seconds
        for kept in reversed(self._kept):
            if kept.time < oldest:
                return None
            if kept.language != inquiry.language or kept.conversation not in (
                None,
                inquiry.conversation or None,
            ):
                continue
            likeness = 0.0
            if direction is not None and kept.direction is not None:
                likeness = float(direction @ kept.direction)
            if alike(inquiry.text, kept.question, likeness):
                return kept.answer
        return None


def lasting(inquiry: Inquiry) -> bool:
    """Tell whether the answer to `inquiry` holds tomorrow, and for whoever asks the same."""
    return not (
        inquiry.documents
        or relevant(inquiry.text, inquiry.before)
        or _FLEETING.search(inquiry.text)
    )
