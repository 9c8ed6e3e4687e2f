"""The MCP server that lets other programs use the butler, whatever they are connected by."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from pydantic_core import to_json

from steward import __version__
from steward.errors import StewardError
from steward.events import Acted, Planned, Replied
from steward.plan.risk import Rules, hold
from steward.plan.risk import yes as yes_to
from steward.serve.butler import Butler
from steward.serve.guard import origin
from steward.serve.mcp import offer
from steward.serve.mcp.consent import MAX_ASKED, OVER, Consent
from steward.types import (
    Call,
    Calls,
    Capability,
    Done,
    Failed,
    Json,
    Meaning,
    Origin,
    Plan,
    Question,
    Unknown,
    Utterance,
    Words,
)

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp.server.lowlevel import Server
    from mcp_types import (
        CallToolRequestParams,
        CallToolResult,
        InputRequiredResult,
        ListResourcesResult,
        ListResourceTemplatesResult,
        ListToolsResult,
        PaginatedRequestParams,
        ReadResourceRequestParams,
        ReadResourceResult,
    )

DOOR = "mcp"
"""The door of an Origin."""
MAX_CONVERSATION = 64
"""Characters of the name of a conversation that count."""
HOME = "steward://home"
LISTS = "steward://lists/"
READ: Mapping[str, tuple[str, str]] = {
    "steward://timers": ("timers.status", "The timers that run."),
    "steward://plans": ("schedule.list", "What is planned for later."),
}
"""What can be read besides the home and its lists: by which capability, and what it is."""


@dataclass(frozen=True)
class Powers:
    """What the butler can do, and what of it needs a yes."""

    capabilities: Sequence[Capability]
    rules: Rules


@dataclass(frozen=True)
class Said:
    """What came of a turn."""

    reply: str
    plan: Plan | None
    done: bool


def mcp_server(butler: Butler, powers: Powers) -> Server[Any]:
    """Return the server; it has no transport yet."""
    from mcp.server.lowlevel import Server

    door = _Door(butler, powers)
    return Server(
        "steward",
        version=__version__,
        title="Steward",
        instructions=offer.INSTRUCTIONS,
        on_list_tools=door.tools,
        on_call_tool=door.call,
        on_list_resources=door.resources,
        on_list_resource_templates=door.templates,
        on_read_resource=door.read,
    )


@dataclass
class _Door:
    butler: Butler
    powers: Powers
    consent: Consent = field(default_factory=Consent)
    standing: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """By conversation, the question that its last turn ended with, and its language."""
    locks: WeakValueDictionary[str, asyncio.Lock] = field(
        default_factory=WeakValueDictionary[str, asyncio.Lock]
    )

    async def tools(
        self, _: ServerRequestContext[Any, Any], __: PaginatedRequestParams | None
    ) -> ListToolsResult:
        from mcp_types import ListToolsResult, Tool, ToolAnnotations

        return ListToolsResult(
            tools=[
                Tool(
                    name=name,
                    description=told,
                    input_schema=offer.schema(name),
                    annotations=ToolAnnotations(read_only_hint=reads),
                )
                for name, (told, _, reads) in offer.TOOLS.items()
            ]
        )

    async def call(
        self, context: ServerRequestContext[Any, Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        given = dict(params.arguments or {})
        wrong = _wrong(params.name, given)
        if wrong:
            return _result(wrong, error=True)
        try:
            if params.name == "say":
                return await self._say(context, params, given)
            if params.name == "act":
                return await self._act(context, params, given)
            if params.name == "look":
                return _result(offer.look(await self.butler.world(), given.get("words", "")))
            found = offer.capabilities(self.powers.capabilities, given.get("domain", ""))
            return _result(to_json(found).decode())
        except StewardError as error:
            return _result(str(error), error=True)
        except LookupError as error:
            return _result(str(error.args[0]), error=True)

    async def _say(
        self,
        context: ServerRequestContext[Any, Any],
        params: CallToolRequestParams,
        given: Mapping[str, Any],
    ) -> CallToolResult | InputRequiredResult:
        who = _origin(context)
        about = json.dumps([who.who, given], sort_keys=True)
        named = str(given.get("conversation", ""))[:MAX_CONVERSATION]
        conversation = f"{DOOR}\n{who.who}\n{named}"
        answer, state = self.consent.taken(params, about), params.request_state or ""
        if answer is None:
            state = secrets.token_hex(16)
            said = await self._first(given, conversation, who, state)
            body = said.plan.body if said.plan is not None else None
            if not isinstance(body, Question) or not body.calls:
                return _result(said.reply, error=not said.done)
            asked = await self.consent.ask(context, body.text, about, state)
            if not isinstance(asked, bool | str):
                return asked
            answer = asked
        return await self._answered(answer, conversation, who, state)

    async def _first(
        self, given: Mapping[str, Any], conversation: str, who: Origin, state: str
    ) -> Said:
        """Run the turn of a sentence, which `state` stands for where it ends with a question."""
        async with self._lock(conversation):
            # A yes is no sentence like others: a model may have made it up.
            self._stand(conversation, None)
            self.butler.hush(conversation)
            utterance = Utterance(given["text"], given.get("language"))
            said = await self._turn(utterance, conversation, who)
            if said.plan is not None and isinstance(said.plan.body, Question):
                self._stand(conversation, (state, said.plan.language))
            return said

    async def _answered(
        self, answer: bool | str, conversation: str, who: Origin, state: str
    ) -> CallToolResult:
        """Carry out what was asked about, if the person said yes and nothing was said since."""
        async with self._lock(conversation):
            stood, language = self.standing.get(conversation, ("", "en"))
            if stood != state:
                return _result(OVER if answer is True else str(answer), error=True)
            self._stand(conversation, None)
            if answer is not True:
                self.butler.hush(conversation)
                return _result(str(answer), error=True)
            said = await self._turn(yes_to(language), conversation, who)
            return _result(said.reply, error=not said.done)

    def _lock(self, conversation: str) -> asyncio.Lock:
        return self.locks.setdefault(conversation, asyncio.Lock())

    def _stand(self, conversation: str, question: tuple[str, str] | None) -> None:
        self.standing.pop(conversation, None)
        if question is not None:
            self.standing[conversation] = question
            for old in list(self.standing)[:-MAX_ASKED]:
                del self.standing[old]

    async def _turn(self, said: Utterance, conversation: str, who: Origin) -> Said:
        reply, plan, done = "", None, True
        turn = self.butler.turn(said, conversation=conversation, origin=who)
        async with aclosing(turn) as events:
            async for event in events:
                if isinstance(event, Planned):
                    plan = event.plan
                    done = not isinstance(plan.body, Unknown)
                elif isinstance(event, Acted) and isinstance(event.outcome, Failed):
                    done = False
                elif isinstance(event, Replied):
                    reply = event.reply.text
        return Said(reply, plan, done)

    async def _act(
        self,
        context: ServerRequestContext[Any, Any],
        params: CallToolRequestParams,
        given: Mapping[str, Any],
    ) -> CallToolResult | InputRequiredResult:
        who, capability = _origin(context), str(given["capability"])
        world = await self.butler.world()
        arguments = offer.arguments(given.get("arguments") or {}, world)
        about = json.dumps([who.who, capability, arguments], sort_keys=True)
        call = Call("c1", capability, Meaning(DOOR), arguments)
        held = hold(Plan(Calls((call,)), "en", DOOR, 1.0), world, self.powers.rules).body
        if isinstance(held, Words):
            return _result(held.text, error=True)
        if isinstance(held, Question):
            answer = self.consent.taken(params, about)
            if answer is None:
                state = secrets.token_hex(16)
                question = f"{held.text} ({capability} {json.dumps(arguments)})"
                asked = await self.consent.ask(context, question, about, state)
                if not isinstance(asked, bool | str):
                    return asked
                answer = asked
            if answer is not True:
                return _result(str(answer), error=True)
        outcome = await self.butler.perform(capability, arguments, origin=who)
        if isinstance(outcome, Failed):
            return _result(f"Not done ({outcome.reason}): {outcome.message}", error=True)
        return _result(to_json(outcome.value, inf_nan_mode="null").decode())

    async def resources(
        self, _: ServerRequestContext[Any, Any], __: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        from mcp_types import ListResourcesResult, Resource

        world = await self.butler.world()
        lists = [each for each in world.entities if each.domain == "todo"]
        told = {
            HOME: "The home as it is: rooms, things and their states.",
            **{uri: what for uri, (_, what) in READ.items()},
            **{LISTS + each.id: f"What is on the list {each.name}." for each in lists},
        }
        return ListResourcesResult(
            resources=[
                Resource(uri=uri, name=uri.removeprefix("steward://"), description=what)
                for uri, what in told.items()
            ]
        )

    async def templates(
        self, _: ServerRequestContext[Any, Any], __: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        from mcp_types import ListResourceTemplatesResult, ResourceTemplate

        told = "What there is in one room."
        room = ResourceTemplate(uri_template=f"{HOME}/{{area}}", name="room", description=told)
        return ListResourceTemplatesResult(resource_templates=[room])

    async def read(
        self, context: ServerRequestContext[Any, Any], params: ReadResourceRequestParams
    ) -> ReadResourceResult:
        from mcp.shared.exceptions import MCPError
        from mcp_types import INVALID_PARAMS, ReadResourceResult, TextResourceContents

        uri = str(params.uri)
        text = await self._read(uri, _origin(context))
        if text is None:
            raise MCPError(INVALID_PARAMS, f"there is no {uri[:200]}")
        kind = "application/json" if text[:1] in "[{" else "text/plain"
        return ReadResourceResult(
            contents=[TextResourceContents(uri=uri, text=text, mime_type=kind)]
        )

    async def _read(self, uri: str, who: Origin) -> str | None:
        world = await self.butler.world()
        if uri == HOME:
            return to_json(world, inf_nan_mode="null").decode()
        room = uri.removeprefix(f"{HOME}/")
        if room in {area.id for area in world.areas}:
            inside = tuple(each for each in world.entities if each.area == room)
            return to_json(inside, inf_nan_mode="null").decode()
        capability, arguments = READ.get(uri, ("", ""))[0], dict[str, Json]()
        if uri.removeprefix(LISTS) in {each.id for each in world.entities}:
            capability, arguments = "todo.get_items", {"entity_id": [uri.removeprefix(LISTS)]}
        if not capability:
            return None
        outcome = await self.butler.perform(capability, arguments, origin=who)
        return to_json(outcome.value).decode() if isinstance(outcome, Done) else outcome.message


def _wrong(tool: str, given: Mapping[str, Any]) -> str:
    """Return what is wrong with the arguments of a call, "" for nothing."""
    if tool not in offer.TOOLS:
        return f"there is no tool {tool[:64]!r}; there are {', '.join(offer.TOOLS)}"
    properties = offer.TOOLS[tool][1]
    missing = [name for name in offer.REQUIRED.get(tool, ()) if name not in given]
    if missing:
        return f"{tool} needs {', '.join(missing)}"
    for name, value in given.items():
        if name not in properties:
            return f"{tool} takes no {name[:64]!r}; it takes {', '.join(properties)}"
        wanted = dict if properties[name]["type"] == "object" else str
        if not isinstance(value, wanted):
            return f"{name} is to be {properties[name]['type']}"
    return ""


def _result(text: str, *, error: bool = False) -> CallToolResult:
    from mcp_types import CallToolResult, TextContent

    return CallToolResult(content=[TextContent(text=text)], is_error=error)


def _origin(context: ServerRequestContext[Any, Any]) -> Origin:
    """Return who calls: by HTTP whom the guard let in, else the program that started this one."""
    if context.request is None:
        return Origin(DOOR)
    return origin(context.request, DOOR)
