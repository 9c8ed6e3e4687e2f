"""What is put on a list after something else was: "and teabags", "还有面包"."""

from __future__ import annotations

import re

from steward.plan.dialogue.referents import Last
from steward.plan.language.lexicon import words
from steward.plan.language.stems import glosses_of, stem
from steward.plan.language.text import is_chinese, plain
from steward.plan.parts.atoms import joined_atoms, things, tokens
from steward.plan.parts.choose import matching
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


_TAKEN = {
    "en": re.compile(
        r"(?:(?:no|oh|actually|wait|sorry|on second thoughts?)[, ]*)*"
        r"(?:(?:scratch|scrap|remove|delete|drop|strike|cross|take)(?: off)? (?:the |that )?"
        r"(?P<taken>.+?) (?:off|from|off of) (?:the |that |my |our )?(?:\w+ )?list"
        r"|we (?:don't|do not) need (?:the |any )?(?P<spare>.+?)(?: after all| any ?more)"
        r"|(?:no|not the) (?P<no>.+?) after all)(?:,? please)?",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "(?:哦|啊|算了|对了|那|[,，])*(?:(?:不用|不要|不必|别)(?:买|加|写)?(?P<taken>[^,，了]+?)了?"
        "|(?P<spare>[^,，]{1,8}?)(?:不用|不要|别)(?:买|加|写|记)?了?)"
        "(?:[,，](?:把?它?)?从?(?:清单|单子|列表)?(?:里|上|中)*(?:去掉|划掉|删掉|删了|拿掉|划了))?(?:吧|了)*"
    ),
}
"""How it is said that something is not wanted after all."""


def removed(text: str, language: str, before: Last) -> tuple[Draft, ...]:
    """Return what takes back off a list the one item that `before` put on it and `text` names."""
    primary = language.partition("-")[0]
    if primary not in _TAKEN or any(call.capability != ADD for call in before.calls):
        return ()
    hit = _TAKEN[primary].fullmatch(plain(text, language).casefold().strip(" .!"))
    said = next((part for part in hit.groups() if part), "") if hit else ""
    added = [(call, str(call.arguments.get("item"))) for call in before.calls]
    named = [(call, item) for call, item in added if said and _is_same(said, item)]
    return tuple(
        Draft(
            "todo.remove_item",
            {"entity_id": call.arguments["entity_id"], "item": item},
            (("item", item),),
        )
        for call, item in named
    )


def _is_same(said: str, item: str) -> bool:
    """Tell whether both are one item, in one language or in two."""
    if said == item.casefold():
        return True
    if is_chinese(said) == is_chinese(item):
        return False
    chinese, english = (said, item) if is_chinese(said) else (item, said)
    said_so = frozenset(stem(word) for word in words(english))
    return any(said_so == gloss for gloss in glosses_of(chinese))


def _is_item(item: str, world: World) -> bool:
    """Tell whether `item` is what people write down: no command, nothing of the home."""
    if _ELSEWHERE.search(item):
        return False
    said = tokens(item, world)
    if len(said) > MAX_WORDS or any(
        token.has("ask", "neg", "here", "everything") for token in said
    ):
        return False
    acts = any(token.has("act", "up", "down", "more", "less") for token in said)
    meant = joined_atoms(said)
    here = meant and matching(meant, things(world)) and all(token.known for token in said)
    return not acts and not here
