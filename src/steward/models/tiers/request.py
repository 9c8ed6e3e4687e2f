"""What may be sent to a tier for an inquiry: the seam to whatever makes it small and private."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from steward.config.tiers import Send
from steward.thinking import Inquiry, Message


@dataclass(frozen=True, slots=True)
class Prepared:
    """A chat as it may leave, and how what was taken out comes back into the answer."""

    messages: tuple[Message, ...]
    restore: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing may leave for this inquiry: `reason` says what it holds, without quoting it."""

    reason: str


Prepare: TypeAlias = Callable[[Inquiry, str, Send], Awaitable[Prepared | Withheld]]
"""Makes the chat for the tier of this name, which may see so much."""


SYSTEM = (
    "You answer a question that somebody asked aloud at home. Answer in the language of the "
    "question, in one to three plain sentences that can be spoken, without lists or marks. "
    "You cannot act: you have no tools and no devices. If you do not know, say so."
)


def whole(inquiry: Inquiry) -> Prepared:
    """Return all of the inquiry, as it is: for a model on this device, where nothing leaves."""
    documents = tuple(Message("user", text) for text in inquiry.documents)
    question = Message("user", inquiry.text)
    chat = (Message("system", SYSTEM), *inquiry.before, *documents, question)
    return Prepared(chat, lambda text: text)
