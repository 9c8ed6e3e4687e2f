"""Take personal data out of what is sent to another machine, and put it back into the answer.

    recognisers = Recognisers(Words(people=["Mia"], things=["Horse Barn"]))
    vault = Vault()                                 # one a conversation
    out = redact("Call Mia on 020 7946 0018", vault, recognisers)
    out.text                                        # "Call <PERSON_1> on <PHONE_1>"
    restore("I called <person_1>.", vault)          # "I called Mia."

What was found is replaced, what was not is sent: recognisers miss things (docs/guides/redaction.md
has the figures). `Redacted.blocked` is about what must not be sent at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from steward.models.redaction.finding import Recognisers
from steward.models.redaction.placeholders import Restorer, Vault, replaced, restore
from steward.models.redaction.spans import Kind, Span

__all__ = ["Kind", "Recognisers", "Redacted", "Restorer", "Span", "Vault", "redact", "restore"]


@dataclass(frozen=True)
class Redacted:
    """A text as it may be sent.

    Attributes:
        text: placeholders stand in the place of what is personal.
        spans: what was found, by its place in the text as it was; without overlaps.
        blocked: what never leaves (a secret, or health and money if so chosen), by its place in the
            text as it was. Where there is any, `text` is empty, and nothing may be sent.
    """

    text: str
    spans: tuple[Span, ...]
    blocked: tuple[Span, ...]


def redact(text: str, vault: Vault, recognisers: Recognisers) -> Redacted:
    """Return `text` as it may be sent; `vault` learns what its placeholders stand for.

    The same text, vault and recognisers give the same answer.
    """
    spans = recognisers.find(text)
    blocked = recognisers.blocked(text)
    if blocked:
        return Redacted("", spans, blocked)
    return Redacted(replaced(text, spans, vault), spans, ())
