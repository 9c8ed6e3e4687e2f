"""The model `steward`: the butler himself, who acts on the home."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from starlette.requests import Request

from steward.audit import Audit
from steward.events import Event, Replied
from steward.serve.butler import Butler
from steward.serve.guard import origin
from steward.serve.openai.errors import NotTwiceError
from steward.types import Origin, Utterance

MAX_CONVERSATIONS = 1000
RETRY_SECONDS = 60.0
"""How long after it was asked first a request that says it is a second try is taken for that."""


@dataclass(frozen=True)
class Attempt:
    """One try of a request: who sends it, what it asks, and whether it was perhaps sent before.

    `digest` is alike for all tries, `since` the time of the earliest that it may be a repeat of,
    None where it is none.
    """

    who: Origin
    digest: str
    since: float | None


def attempt_of(request: Request, asked: object) -> Attempt:
    """Return which try `request` is, by `Idempotency-Key` or what OpenAI's clients send with one.

    `asked` is what all tries have in common.
    """
    who, key = origin(request, "openai"), request.headers.get("idempotency-key")
    retries = request.headers.get("x-stainless-retry-count", "0")
    since = 0.0 if key else None
    if key is None and retries.isdecimal() and int(retries[:4]) > 0:
        since = time.time() - RETRY_SECONDS
    return Attempt(who, digest(who.who, key or asked), since)


def digest(*values: object) -> str:
    """Return a short name for JSON values, alike for equal ones."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:32]


class Conversations:
    """Which conversation with the butler goes on with which request.

    Programs send all of a chat each time: it is known by what was said so far.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, str] = OrderedDict()

    def of(self, key: str) -> str:
        """Return the conversation kept under `key`, or a new one."""
        return self._known.get(key) or uuid.uuid4().hex

    def keep(self, key: str, conversation: str) -> None:
        """Let a request that comes with `key` go on with `conversation`."""
        self._known[key] = conversation
        self._known.move_to_end(key)
        if len(self._known) > MAX_CONVERSATIONS:
            self._known.popitem(last=False)


class StewardModel:
    """Answers as a model would; a request that is sent again is not carried out twice."""

    def __init__(self, butler: Butler, audit: Audit) -> None:
        self._butler = butler
        self._audit = audit
        self._under_way: Counter[str] = Counter()
        self.conversations = Conversations()

    async def answer(self, said: str, conversation: str, attempt: Attempt) -> str:
        """Return the butler's reply.

        Raises:
            NotTwiceError: it is a second try, and nobody knows what became of the first.
            StewardError: the turn failed.
        """
        known = self._known(attempt)
        if known is not None:
            return known
        turn = f"{attempt.digest}.{uuid.uuid4().hex[:8]}"
        self._under_way[attempt.digest] += 1
        try:
            events: AsyncGenerator[Event, None] = self._butler.turn(
                Utterance(said), turn=turn, conversation=conversation, origin=attempt.who
            )
            async with aclosing(events):
                return "".join(
                    [event.reply.text async for event in events if isinstance(event, Replied)]
                )
        finally:
            self._under_way[attempt.digest] -= 1
            if not self._under_way[attempt.digest]:
                del self._under_way[attempt.digest]

    def _known(self, attempt: Attempt) -> str | None:
        if attempt.since is None:
            return None
        act = self._audit.find(attempt.who, attempt.digest)
        fresh = act is not None and act.time >= attempt.since
        if self._under_way[attempt.digest] or (act is not None and fresh and act.result == "begun"):
            raise NotTwiceError(
                "this request was sent before, and its command is not carried out again",
                hint="see what became of the first, then ask anew",
            )
        return act.reply if act is not None and fresh else None
