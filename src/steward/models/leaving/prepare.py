"""What is sent for an inquiry: made small, and rid of what is personal, before every send."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from steward.config.tiers import Send
from steward.models.leaving.documents import Embed, chosen, whole
from steward.models.leaving.named import of_the_world, public
from steward.models.leaving.parts import LONG, Pick, picked
from steward.models.leaving.terms import size
from steward.models.leaving.turns import in_turns, relevant
from steward.models.leaving.vaults import Vaults
from steward.models.redact import Kind, Recognisers, Span, Vault, restore
from steward.models.redaction.home import Words
from steward.models.redaction.placeholders import replaced
from steward.models.tiers.request import SYSTEM, Prepared, Withheld
from steward.thinking import Inquiry, Message

MAX_CHARACTERS = 24_000
"""Longest chat that is sent, its system prompt aside."""
WIDE = frozenset({Kind.PLACE, Kind.DATE, Kind.AGE, Kind.GROUP})
"""What may stay in a question, where it is more often of the world than of somebody: "the capital
of Peru", "since 1990". In documents it is replaced, but for what the question names."""
_NOTE = " Words such as <PERSON_1> stand for names; use them as they are written."
_ABOUT = re.compile(
    r"^\W*(?:(?:who|what|where)(?: is|'s| was| are|s)|tell me about|谁是|介绍一下|说说)\s*"
    r"<(?:PERSON|HOME|ADDRESS|PHONE|ACCOUNT)_\d+>(?:是谁|是什么人)?\W*$"
    r"|^<(?:PERSON|HOME)_\d+>(?:是谁|是什么人|在哪里?)\W*$",
    re.IGNORECASE,
)


class Leaving:
    """Makes the chat that may leave for an inquiry. Safe for several inquiries at once.

    Args:
        words: the home's own words, as they are now.
        recognisers: what finds personal data, of a home's words and open kinds.
        embed: directions of meaning, which choose sentences too; None: by their words alone.
        pick: a model on this device that reads long documents part by part; None: by words.
        vaults: where the placeholders of conversations are kept.
    """

    def __init__(
        self,
        words: Callable[[], Words],
        recognisers: Callable[[Words], Recognisers],
        *,
        embed: Callable[[], Awaitable[Embed]] | None = None,
        pick: Pick | None = None,
        vaults: Vaults | None = None,
    ) -> None:
        self._words = words
        self._recognisers = recognisers
        self._embed = embed
        self._pick = pick
        self._vaults = Vaults() if vaults is None else vaults

    async def __call__(self, inquiry: Inquiry, tier: str, send: Send) -> Prepared | Withheld:
        """Return the chat for a tier that may see so much, or why there is none.

        Raises:
            StewardError: what reads documents on this device has failed.
        """
        del tier  # The same chat for each tier of one policy.
        if send == "nothing":
            return Withheld("its owner lets nothing be sent")
        question = inquiry.text
        documents = tuple([await self._needed(question, each) for each in inquiry.documents])
        turns = () if documents else relevant(question, inquiry.before)
        small = replace(inquiry, before=turns, documents=documents)
        return await asyncio.to_thread(self._made, small, send)

    async def _needed(self, question: str, document: str) -> str:
        if whole(question):
            if self._pick is None or size(document) <= LONG:
                return document
            return await picked(self._pick, question, document)
        embed = await self._embed() if self._embed is not None else None
        return await asyncio.to_thread(chosen, question, document, embed)

    def _made(self, inquiry: Inquiry, send: Send) -> Prepared | Withheld:
        recognisers = self._recognisers(self._words())
        texts = (inquiry.text, *inquiry.documents)
        if any(recognisers.blocked(text) for text in texts):
            return Withheld("it holds something that never leaves")
        before = [
            each
            for turn in in_turns(inquiry.before)
            # An answer tells of what was asked, and is none without it.
            if not any(recognisers.blocked(said.content) for said in turn)
            for each in turn
        ]
        if sum(map(len, [*texts, *(each.content for each in before)])) > MAX_CHARACTERS:
            return Withheld(f"it has more than {MAX_CHARACTERS} characters")
        small = replace(inquiry, before=tuple(before))
        if send == "all":
            return Prepared(_chat(small), lambda text: text)
        vault = self._vaults.of(inquiry.conversation)
        hidden = _hidden(small, recognisers, vault)
        if _ABOUT.match(hidden.text):
            return Withheld("it asks about somebody or something of this home")
        chat = _chat(hidden)
        # The system prompt names a placeholder, too, which stands for nobody.
        known = vault.only(each.content for each in chat[1:])
        return Prepared(chat, lambda text: restore(text, known))


def _hidden(inquiry: Inquiry, recognisers: Recognisers, vault: Vault) -> Inquiry:
    """Return `inquiry` with placeholders for what is personal in it."""
    said = inquiry.text
    asked = recognisers.find(said)
    staying = {said[span.start : span.end].casefold() for span in asked if _stays(said, span)}

    def hide(text: str, *, spoken: bool) -> str:
        spans = [
            span
            for span in recognisers.find(text)
            if not (_stays(text, span) if spoken else _known(text, span))
            and text[span.start : span.end].casefold() not in staying
        ]
        return replaced(text, spans, vault)

    return replace(
        inquiry,
        text=hide(said, spoken=True),
        before=tuple(
            replace(each, content=hide(each.content, spoken=True)) for each in inquiry.before
        ),
        documents=tuple(hide(text, spoken=False) for text in inquiry.documents),
    )


def _stays(text: str, span: Span) -> bool:
    """Tell whether what was found stays in what is said: it is more likely of the world."""
    if span.kind in WIDE or _known(text, span):
        return True
    return span.score < 0.9 and of_the_world(text, span.start, span.end)


def _known(text: str, span: Span) -> bool:
    """Tell whether what was found is a name of the world; the home's own words are surer."""
    return span.score < 1.0 and public(text[span.start : span.end])


def _chat(inquiry: Inquiry) -> tuple[Message, ...]:
    documents = [Message("user", text) for text in inquiry.documents]
    said = [*inquiry.before, *documents, Message("user", inquiry.text)]
    bare = not any(_holds(each.content) for each in said)
    return Message("system", SYSTEM if bare else SYSTEM + _NOTE), *said


def _holds(text: str, names: Sequence[Kind] = tuple(Kind)) -> bool:
    return any(f"<{name.value}_" in text for name in names)
