"""Is what somebody has said so far a whole sentence? Judged by what the stages make of it."""

from __future__ import annotations

import re

from steward.hearing import Completeness
from steward.plan.cascade import THRESHOLD
from steward.plan.dialogue.context import STAGE
from steward.plan.risk import CONFIRMED
from steward.types import Plan, Unknown

_ALWAYS = re.compile(
    r"\b(?:the|an?|my|your|our|and|or|but|to|of|with|for|from|then|if|when|because|which|every|all"
    r"|please (?:turn|switch|set))[\s,.…]*$"
    r"|(?:把|将|和|跟|与|或者?|以及|还有|然后|并且|而且|如果|要是|因为|再)[，,。.…]*$"
    r"|[,，、…]\s*$|\.\.\.\s*$",
    re.IGNORECASE,
)
"""No sentence ends so, whatever the words before could mean."""

_UNLESS_UNDERSTOOD = re.compile(
    r"\b(?:turn|switch|set|open|close|shut|lock|unlock|put|make|dim|start|play|add|remind|tell|is|are"
    r"|was|on|off|up|down|in|at|by|what|what's|how|who|where|not|both|other)[\s.…]*$"
    r"|(?:的|给|往|从|在|是|到|打开|关闭|关掉|调|设置?|让|请|帮我|所有|全部|第)[。.…]*$"
    r"|^(?:请|帮我)?[把将]",
    re.IGNORECASE,
)
"""A sentence may end so, but one that is not understood lacks the rest: "turn on", "把空调"."""


def answers(plan: Plan) -> bool:
    """Tell whether `plan` was made of words that lean on the turn before, as an answer does."""
    return plan.stage in (STAGE, CONFIRMED) and not isinstance(plan.body, Unknown)


def completeness(text: str, plan: Plan) -> Completeness:
    """Tell how far `text` is, of which the stages have made `plan`."""
    if _ALWAYS.search(text):
        return Completeness.OPEN
    if not isinstance(plan.body, Unknown) and plan.confidence >= THRESHOLD:
        return Completeness.FINISHED
    return Completeness.OPEN if _UNLESS_UNDERSTOOD.search(text) else Completeness.UNSURE
