"""The tools of other programs that the owner lets him use, as a Skill."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from steward.config import McpServer
from steward.errors import PeerError
from steward.skills.mcp.peer import NotDone, Peer, Unconfirmed
from steward.types import Call, Capability, Done, Failed, Outcome


class McpTools:
    """Carries out Calls by the tools of `servers`; a capability is named "server.tool".

    The value of a Done is {"text": …}, and "cut" where there was more than is kept.
    """

    def __init__(self, servers: Mapping[str, McpServer]) -> None:
        """Remember `servers`; none is started before it is needed, or `watch` runs."""
        self._servers = servers
        self._peers = {name: Peer(name, server) for name, server in servers.items()}

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """The tools that the configuration names, with the risk that it gives them."""
        return tuple(
            Capability(f"{name}.{tool}", risk=given.risk)
            for name, server in self._servers.items()
            for tool, given in server.tools.items()
        )

    async def perform(self, call: Call) -> Outcome:
        """Ask the server of `call` for it, once."""
        name, _, tool = call.capability.partition(".")
        peer = self._peers.get(name)
        if peer is None or tool not in self._servers[name].tools:
            return Failed(call.id, "unsupported", f"there is no tool {call.capability}")
        try:
            return Done(call.id, await peer.call(tool, call.arguments))
        except LookupError as error:
            return Failed(call.id, "unsupported", str(error))
        except NotDone as error:
            return Failed(call.id, "error" if error.reached else "invalid", str(error))
        except Unconfirmed as error:
            return Failed(call.id, "unconfirmed", str(error))
        except PeerError as error:
            return Failed(call.id, "unavailable", error.message)

    async def watch(self) -> None:
        """Keep the servers started until cancelled; then end them."""
        try:
            async with asyncio.TaskGroup() as group:
                for peer in self._peers.values():
                    group.create_task(peer.keep())
        finally:
            await self.close()

    async def close(self) -> None:
        """End the connections, and the servers that were started for them."""
        await asyncio.gather(*(peer.close() for peer in self._peers.values()))
