"""`steward mcp`: the butler for other programs, and their tools for him."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steward.butler import Butler
from steward.cli.console import AsJson, out, print_json, run
from steward.config import Config
from steward.errors import PeerError, UserError
from steward.wiring import Parts, assemble

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

app = typer.Typer(
    help="Let other programs use him by MCP, and him use theirs.",
    epilog="Example: steward mcp serve",
    no_args_is_help=True,
)


def server(butler: Butler, parts: Parts) -> Server[Any]:
    """Return the MCP server of `butler`, who is made of `parts`."""
    from steward.serve.mcp.door import Powers, mcp_server

    skills = (*parts.skills, parts.home)
    able = tuple(each for skill in skills for each in skill.capabilities)
    return mcp_server(butler, Powers(able, parts.rules))


@app.command(epilog="Example: steward mcp serve")
def serve(context: typer.Context) -> None:
    """Speak MCP by standard input and output, for a program that starts this command."""
    run(_serve(context.obj))


async def _serve(config: Config) -> None:
    parts = assemble(config)
    offered = server(Butler(parts), parts)
    from mcp.server.stdio import stdio_server

    # Timers and plans are left to the server that runs all day: what rings here, nobody hears.
    watching = asyncio.create_task(parts.home.watch())
    try:
        async with stdio_server() as (read, write):
            await offered.run(read, write, offered.create_initialization_options())
    finally:
        watching.cancel()
        await asyncio.wait({watching})


@app.command(epilog="Example: steward mcp tools notes")
def tools(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Its name in the configuration.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the MCP servers of the configuration offer, and which of it he may use."""
    config: Config = context.obj
    servers = config.mcp.servers
    if not servers or (name is not None and name not in servers):
        raise UserError(
            f"there is no MCP server {name}" if name else "no MCP server is configured",
            hint="add [mcp.servers.NAME] with a `command` or a `url`",
        )
    found = run(_offered(config, [name] if name else list(servers)))
    if as_json:
        print_json(found)
    else:
        _print(found)
    if any("error" in offer for offer in found.values()):
        raise typer.Exit(PeerError.exit_code)


def _print(found: Mapping[str, dict[str, Any]]) -> None:
    for server_name, offer in found.items():
        lines = [server_name]
        if "error" in offer:
            lines += [f"  {offer['error']}", f"  hint: {offer['hint']}"]
        for tool in offer.get("tools", ()):
            takes = ", ".join(tool["takes"]) or "nothing"
            lines += [f"  {tool['name']} ({tool['risk'] or 'not used'})", f"    {tool['about']}"]
            lines.append(f"    takes: {takes}")
        out.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


async def _offered(config: Config, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return by server what it offers, {"tools": […]}, or why not, {"error": …, "hint": …}."""
    from steward.skills.mcp.peer import Peer

    found: dict[str, dict[str, Any]] = {}
    for name in names:
        peer, used = Peer(name, config.mcp.servers[name]), config.mcp.servers[name].tools
        try:
            offered = await peer.tools()
        except PeerError as error:
            found[name] = {"error": error.message, "hint": error.hint}
            continue
        finally:
            await peer.close()
        found[name] = {
            "tools": [
                {
                    "name": tool.name,
                    "about": " ".join((tool.description or "").split())[:200],
                    "takes": list(tool.input_schema.get("properties", {})),
                    "risk": used[tool.name].risk.value if tool.name in used else None,
                }
                for tool in offered.values()
            ]
        }
    return found
