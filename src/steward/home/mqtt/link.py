"""A connection to an MQTT broker, by aiomqtt."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from steward.config import MqttConfig
from steward.errors import ConfigError, PeerError
from steward.home.following import AGAIN, ending

if TYPE_CHECKING:
    from aiomqtt import Client

KEEPALIVE = 15
"""Seconds after which a silent connection is looked into, in whole ones."""
_WAITING = 50_000
"""Most messages that wait to be read; a broker that sends faster loses the newest."""


def check(config: MqttConfig) -> None:
    """Make sure that a broker can be spoken to as `config` says, as far as this machine goes.

    Raises:
        ConfigError: the password or the certificates cannot be read.
    """
    _password(config)
    _tls(config)


@asynccontextmanager
async def connected(
    config: MqttConfig, *, patience: float, last_will: tuple[str, str] | None = None
) -> AsyncIterator[Client]:
    """Connect to the broker of `config`, and disconnect at the end.

    Every connection is a new session: what was on its way when one broke is not sent again.
    The broker has `patience` seconds for each answer. `last_will` is the topic and the retained
    payload that the broker publishes when the connection breaks.

    Raises:
        ConfigError: the password or the certificates cannot be read.
        PeerError: the broker cannot be reached, refuses, or the connection broke.
    """
    check(config)
    import aiomqtt

    # It logs each failure that it also raises.
    quiet = logging.getLogger("steward.aiomqtt")
    quiet.setLevel(logging.CRITICAL)
    will = None
    if last_will is not None:
        will = aiomqtt.Will(last_will[0], last_will[1], qos=1, retain=True)
    where = f"the MQTT broker at {config.host}:{config.at_port}"
    try:
        async with aiomqtt.Client(
            config.host,
            config.at_port,
            username=config.user,
            password=_password(config),
            identifier=f"steward-{uuid.uuid4().hex[:12]}",
            tls_context=_tls(config),
            will=will,
            logger=quiet,
            timeout=patience,
            keepalive=KEEPALIVE,
            max_queued_incoming_messages=_WAITING,
            # Small messages, each waiting for its answer: without this every other one takes 40 ms.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        ) as client:
            client.pending_calls_threshold = _WAITING
            if ending():
                raise asyncio.CancelledError
            yield client
    except aiomqtt.MqttError as error:
        raise PeerError(
            f"{where}: {error}",
            hint="check host, port, user, password and TLS in [mqtt], and that the broker runs",
        ) from error


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Run `works` until the first ends or fails, which is then raised; the others are cancelled.

    Unlike a TaskGroup of Python 3.11 it leaves no trace of a cancellation in the task that waits,
    so that this can tell whether it was asked to end itself.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Again and again: what they wait for may swallow one cancellation (`following.ending`).
        while left := [task for task in tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=AGAIN)
    for task in done:
        task.result()


def _password(config: MqttConfig) -> str | None:
    if config.password_file is None:
        return None
    try:
        return config.password_file.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"mqtt.password_file: {config.password_file} cannot be read: {error}",
            hint="write the broker's password into that file, readable by Steward only",
        ) from error


def _tls(config: MqttConfig) -> ssl.SSLContext | None:
    if config.tls == "off":
        return None
    try:
        made = ssl.create_default_context(cafile=None if config.ca is None else str(config.ca))
        if config.certificate is not None:
            made.load_cert_chain(config.certificate, config.key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"mqtt: the certificates cannot be used: {error}",
            hint="`ca`, `certificate` and `key` name PEM files",
        ) from error
    return made
