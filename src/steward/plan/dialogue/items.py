"""What is put on a list after something else was: "and teabags", "还有面包"."""

from __future__ import annotations

import re

from steward.plan.dialogue.referents import Last
from steward.plan.language.text import plain
from steward.plan.parts.atoms import tokens
from steward.plan.templates.acts import Draft
from steward.types import World

ADD = "todo.add_item"
MAX_WORDS = 5
"""Longer than this nothing is called that people put on lists."""
_LEAD = r"(?:(?:oh|ah|um|uh|er|ok|okay|yeah|sorry|actually|and|also|plus|then|maybe)\b[, ]*)"
_ADDED = {
    "en": re.compile(
        rf"(?:{_LEAD}*(?:(?:can|could) you )?(?:(?:put|stick|chuck|pop|throw) (?P<put>.+?)"
        r"(?: (?:on|to|onto|in) (?:there|it|that|that list|the same list|the list)"
        r"(?: (?:too|as well|also))?| (?:too|as well))|add (?P<add>.+?)"
        r"(?: (?:there|to it|to that|to that list|to the same list|to the list))?"
        rf"(?: (?:too|as well|also))?)|{_LEAD}*(?:and|also|plus)\b[, ]*(?:some |a |an )?"
        r"(?P<more>.+?)(?: (?:too|as well|also))?|(?P<other>.+?) (?:too|as well))(?:,? please)?",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "(?:哦|啊|对了|那|嗯|[,，])*(?:(?:还有|再来|再加|再添|再记|还要|还得买|还要买|再要|另外加?|顺便加?)"
        "(?:上|个|一下|一?[个条样份盒瓶包袋斤]|点儿?|些|[,，])*(?P<put>[^,，]+?)"
        "(?:也?(?:加|写|记|添)(?:上|进去)?)?|(?:把)?(?P<other>[^,，]{1,8}?)也(?:要|加|买|写|记|添)"
        "(?:上|进去|到里面)?)(?:吧|呢|啊|了|哈)*"
    ),
}
_AND = {"en": re.compile(r"\s*,\s*(?:and )?|\s+and\s+"), "zh": re.compile("[,，、]|和|跟|还有")}
_ELSEWHERE = re.compile(
    r"\b(?:list|lists|note|notes|calendar|in the|on the|at the|to the|it|that|them|one|ones"
    r"|i|we|you|he|she|they|is|are|was|were|went|said|so on|such)\b|'"
    r"|清单|单子|列表|日历|提醒|它|那个|这个|的$"
)
"""What names another list, or points at something else than a thing to be written down."""


def another(text: str, language: str, before: Last, world: World) -> tuple[Draft, ...]:
    """Return what puts more on the list that `before` put something on; empty for other talk."""
    primary = language.partition("-")[0]
    if primary not in _ADDED or any(call.capability != ADD for call in before.calls):
        return ()
    hit = _ADDED[primary].fullmatch(plain(text, language).casefold().strip(" .!"))
    said = next((part for part in hit.groups() if part), "") if hit else ""
    items = [item.strip() for item in _AND[primary].split(said) if item.strip()]
    if not items or not all(_is_item(item, world) for item in items):
        return ()
    lists = before.calls[-1].arguments.get("entity_id")
    return tuple(
        Draft(ADD, {"entity_id": lists, "item": item}, (("item", item),)) for item in items
    )


def _is_item(item: str, world: World) -> bool:
    """Tell whether `item` is what people write down: no command, nothing of the home."""
    if _ELSEWHERE.search(item):
        return False
    said = tokens(item, world)
    if len(said) > MAX_WORDS or any(
        token.has("ask", "neg", "here", "everything") for token in said
    ):
        return False
    names = any(token.named or token.atoms for token in said)
    acts = any(token.has("act", "up", "down", "more", "less") for token in said)
    return not acts and not (names and all(token.known for token in said))
