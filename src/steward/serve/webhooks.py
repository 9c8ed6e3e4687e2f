"""Events that are sent to other programs: POSTs, signed, and tried again where they fail.

The headers and the signature are those of Standard Webhooks (https://www.standardwebhooks.com):
`webhook-id` is alike for every try, so that a receiver can tell a repeat.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import time
import uuid
from collections.abc import AsyncIterator, Sequence

import httpx
from pydantic_core import to_json

from steward.config import Webhook
from steward.errors import ConfigError
from steward.events import KINDS, Event
from steward.serve.butler import Butler
from steward.serve.events import event_json

PAUSES = (1.0, 5.0, 30.0, 120.0)
"""Seconds between the tries of one Event; after the last it is given up."""
MAX_WAITING = 1000
"""Events that wait for one receiver; beyond that the oldest are given up."""
TIMEOUT = 10.0
_log = logging.getLogger(__name__)


async def deliver(
    butler: Butler, hooks: Sequence[Webhook], pauses: Sequence[float] = PAUSES
) -> None:
    """Send what happens to every hook that wants it, until cancelled.

    Raises:
        ConfigError: a hook wants what is no kind of Events.
    """
    for kind in (kind for hook in hooks for kind in hook.kinds if kind not in KINDS):
        raise ConfigError(
            f"webhooks.kinds: {kind!r} is no kind of events", hint=f"one of {', '.join(KINDS)}"
        )
    async with httpx.AsyncClient(timeout=TIMEOUT) as client, asyncio.TaskGroup() as group:
        for hook in hooks:
            waiting: asyncio.Queue[Event] = asyncio.Queue(MAX_WAITING)
            group.create_task(_collect(butler, hook, waiting))
            group.create_task(_send_all(client, hook, waiting, pauses))


async def _collect(butler: Butler, hook: Webhook, waiting: asyncio.Queue[Event]) -> None:
    while True:
        async with butler.subscribe() as events:
            async for event in _wanted(events, hook):
                if waiting.full():
                    lost = waiting.get_nowait()
                    _log.warning("%s: given up, too much waits: %s", _name(hook), lost.kind)
                waiting.put_nowait(event)


async def _wanted(events: AsyncIterator[Event], hook: Webhook) -> AsyncIterator[Event]:
    async for event in events:
        if event.kind in hook.kinds:
            yield event


async def _send_all(
    client: httpx.AsyncClient, hook: Webhook, waiting: asyncio.Queue[Event], pauses: Sequence[float]
) -> None:
    while True:
        event = await waiting.get()
        body, name = to_json(event_json(event)), f"msg_{uuid.uuid4().hex}"
        for pause in (*pauses, None):
            why = await _send(client, hook, name, body)
            if why is None:
                break
            if pause is None:
                _log.warning("%s: given up: %s (%s)", _name(hook), event.kind, why)
            else:
                await asyncio.sleep(pause)


async def _send(client: httpx.AsyncClient, hook: Webhook, name: str, body: bytes) -> str | None:
    """Return why the receiver has not taken it, None where it has."""
    headers = {"content-type": "application/json", **signature(hook.secret, name, body)}
    try:
        answer = await client.post(hook.url, content=body, headers=headers)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        return type(error).__name__
    return None if answer.is_success else f"status {answer.status_code}"


def signature(secret: str, name: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """Return the headers that show that `body`, called `name`, was sent by who has `secret`."""
    stamp = str(int(time.time() if at is None else at))
    signed = f"{name}.{stamp}.".encode() + body
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _name(hook: Webhook) -> str:
    # An address may hold a secret: whoever reads the log learns only whose it is.
    return f"the webhook at {httpx.URL(hook.url).host}"
