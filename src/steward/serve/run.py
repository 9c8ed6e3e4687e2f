"""Runs the web server in the running event loop, until a signal or cancellation ends it."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager

import uvicorn
from starlette.applications import Starlette

from steward.audit import Audit
from steward.config import LOOPBACK, Config, Server
from steward.errors import ConfigError, DeviceError, PortError
from steward.serve.app import app
from steward.serve.butler import Butler
from steward.serve.device import Machine
from steward.serve.mounted import Mounted
from steward.serve.tokens import Tokens, opened

MAX_MESSAGE_BYTES = 1024 * 1024
"""Longest WebSocket message; a longer one closes its connection before it is read."""
WAITING_MESSAGES = 16
"""Incoming messages of one page that wait in memory; beyond that its network waits."""
GRACE_SECONDS = 3
"""Time that open requests have to end when the server stops."""
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - names to recognise
"""Where this machine itself reaches a server that listens on every address."""

_log = logging.getLogger(__name__)


async def serve(
    butler: Butler,
    config: Config,
    on_ready: Callable[[str], None],
    others: Sequence[Mounted] = (),
    machine: Machine | None = None,
) -> None:
    """Serve `butler` until SIGINT, SIGTERM or cancellation; then end every turn and return.

    `on_ready` is called once with the page's address, when connections are accepted. The butler's
    `run` runs as long as the server does, and so do the `others` that share its address. The page
    shows `machine`.

    Raises:
        PortError: the address is in use, is not this machine's, or may not be used.
        ConfigError: others on the network could reach it, and nobody has a token.
        DeviceError: the certificate or its key cannot be used.
        StateError: the tokens cannot be read.
    """
    state = config.paths.state
    with opened(state) as tokens, closing(Audit(state, config.audit.days)) as audit:
        _check_tokens(config.server, tokens)
        async with AsyncExitStack() as stack:
            for other in others:
                await stack.enter_async_context(other.running())
            routes = [other.route for other in others]
            site = app(butler, config, tokens, audit, routes, machine)
            if config.hub.listen == "on":
                from steward.serve.hub.open import opened as hub

                await stack.enter_async_context(hub(butler, site, config, tokens))
            await _serve(butler, config, site, on_ready)


def _check_tokens(server: Server, tokens: Tokens) -> None:
    if server.host not in LOOPBACK and not tokens.all():
        raise ConfigError(
            f"host {server.host} is open to the network, and nobody has a token",
            hint="make one: steward token create phone --scope admin",
        )


async def _serve(
    butler: Butler, config: Config, site: Starlette, on_ready: Callable[[str], None]
) -> None:
    settings = uvicorn.Config(
        site,
        log_config=None,
        access_log=False,  # addresses may carry the token
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_max_queue=WAITING_MESSAGES,
        limit_concurrency=256,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=config.server.cert,
        ssl_keyfile=config.server.key,
    )
    _load(settings, config.server)
    # Below this it logs addresses with their queries, and headers: tokens are in both.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    listener = _listen(config.server)
    server = _Server(settings, lambda: on_ready(_url(config.server, listener)))
    watching = asyncio.create_task(butler.run())
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        with _signals(server):
            await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done() and not serving.done() and watching.exception() is None:
                # Nothing to watch is no reason to stop serving.
                await asyncio.wait({serving})
    finally:
        server.should_exit = True
        watching.cancel()
        await asyncio.wait({serving, watching})
        listener.close()
    serving.result()
    if not watching.cancelled():
        watching.result()


def _load(settings: uvicorn.Config, server: Server) -> None:
    try:
        settings.load()
    except (OSError, ssl.SSLError) as error:
        raise DeviceError(
            f"https cannot be used with {server.cert} and {server.key}: {error}",
            hint="[server] cert and key name PEM files that belong together",
        ) from error


class _Server(uvicorn.Server):
    """uvicorn's server, without its signal handling: it re-raises SIGTERM before we can tidy up."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `_signals`."""
        yield


@contextmanager
def _signals(server: uvicorn.Server) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        # The second signal does not wait for open connections.
        _log.info("stopping on %s", number.name)
        server.force_exit = server.should_exit
        server.should_exit = True

    caught = (signal.SIGINT, signal.SIGTERM)
    for number in caught:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def _listen(server: Server) -> socket.socket:
    try:
        found = socket.getaddrinfo(
            server.host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = found[0]
        listener = socket.create_server(address[:2], family=family, backlog=128)
    except (OSError, UnicodeError) as error:
        raise _port_error(server, error) from error
    # Each connection takes it over. asyncio sets it only where the protocol is named, and without
    # it the second half of an answer waits 40 ms for the other side to confirm the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _port_error(server: Server, error: Exception) -> DeviceError:
    where = f"{server.host}:{server.port}"
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return PortError(
            f"cannot listen on {where}: another program uses this port (maybe another Steward)",
            hint="stop it, or choose another port: [server] port = 0 lets the system choose",
        )
    if number == errno.EACCES:
        return PortError(
            f"cannot listen on {where}: not permitted", hint="choose a port above 1023"
        )
    return PortError(
        f"cannot listen on {where}: {error}", hint="set [server] host to an address of this machine"
    )


def _url(server: Server, listener: socket.socket) -> str:
    host = WILDCARDS.get(server.host, server.host)
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if server.cert else "http"
    return f"{scheme}://{shown}:{listener.getsockname()[1]}/"
