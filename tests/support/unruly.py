"""An MCP server that misbehaves in every way: what a home's other programs do on a bad day.

Started as `python unruly.py JOURNAL [PORT]`, it writes a line to JOURNAL for every call that it
does; with a port it is spoken to by HTTP.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)

WORD: dict[str, Any] = {"type": "object", "properties": {"word": {"type": "string"}}}
SCHEMAS: dict[str, dict[str, Any]] = {
    "count": {
        "type": "object",
        "properties": {
            "word": {"type": "string"},
            "times": {"type": "integer", "minimum": 1, "maximum": 9},
            "tone": {"enum": ["Loud", "Soft"]},
        },
        "required": ["word", "times"],
        "additionalProperties": False,
    },
    "crash": WORD,
    "hang": WORD,
    "huge": WORD,
    "flood": WORD,
    "refuse": WORD,
    "lie": WORD,
    "remote": {"type": "object", "properties": {"word": {"$ref": "http://127.0.0.1:9/x.json"}}},
    "greedy": {
        "type": "object",
        "properties": {"word": {"type": "string", "pattern": "^(a+)+$"}},
    },
    "nonsense": {"type": "object", "properties": {"word": {"type": 5}}},
}
PROMISE = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def _done(tool: str, arguments: dict[str, Any]) -> CallToolResult:
    if tool == "crash":
        os._exit(3)
    if tool == "hang":
        time.sleep(3600)
    if tool == "refuse":
        return CallToolResult(content=[TextContent(text="the oven is hot")], is_error=True)
    if tool == "lie":
        return CallToolResult(content=[], structured_content={"n": "many"})
    sizes = {"huge": 1_000_000, "flood": 16_000_000}
    text = "y" * sizes.get(tool, 0) or " ".join(map(str, arguments.values()))
    return CallToolResult(content=[TextContent(text=text)])


def unruly(journal: Path) -> Server[Any]:
    """Return the server, which notes in `journal` what it does."""

    async def tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> Any:
        return ListToolsResult(
            tools=[
                Tool(
                    name=name,
                    input_schema=schema,
                    output_schema=PROMISE if name == "lie" else None,
                )
                for name, schema in SCHEMAS.items()
            ]
        )

    async def call(_: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        with journal.open("a") as file:
            file.write(f"{params.name} {params.arguments}\n")
        return _done(params.name, params.arguments or {})

    return Server("unruly", on_list_tools=tools, on_call_tool=call)


async def _main() -> None:
    server = unruly(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        site = uvicorn.Config(
            server.streamable_http_app(), port=int(sys.argv[2]), log_level="error"
        )
        await uvicorn.Server(site).serve()
        return
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(_main)
