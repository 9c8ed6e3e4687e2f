"""The general language model as it is, without the butler."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence

from steward.errors import UserError
from steward.models.schema import grammar_of
from steward.serve.openai.shapes import CalledFunction, CalledTool, Chat, ChatMessage, Tool
from steward.thinking import Generation, LanguageModel, Message
from steward.types import Json

_TOOLS = (
    "You may call one of these functions. To call one, answer with nothing but a JSON object "
    '{"name": the function, "arguments": its arguments}:\n'
)
_ANY_OBJECT: Mapping[str, Json] = {"type": "object"}
_START = "start: "
_CALL_OR_WORDS = "start: call | WORDS\nWORDS: /[^{](.|\\n)*/\ncall: "
"""An answer that begins with a brace is a call, any other is words."""


def messages_of(chat: Chat) -> list[Message]:
    """Return the chat as the model shall see it, its tools and their results in words."""
    found = [_message(message) for message in chat.messages]
    if tools := tools_of(chat):
        listed = "\n".join(json.dumps(tool.function.model_dump()) for tool in tools)
        found.insert(0, Message("system", _TOOLS + listed))
    return found


def tools_of(chat: Chat) -> Sequence[Tool]:
    """Return the tools that the model may call.

    Raises:
        UserError: the one that it must call is not among them.
    """
    choice = chat.tool_choice
    if choice == "none":
        return ()
    if isinstance(choice, str):
        return chat.tools
    named = [tool for tool in chat.tools if tool.function.name == choice.function.name]
    if not named:
        raise UserError(
            f"there is no tool {choice.function.name!r} to call", hint="list it under tools"
        )
    return named


def options_of(chat: Chat) -> Generation:
    """Return how to generate: the grammar holds the model to its tools, or to a JSON schema.

    Raises:
        UserError: a schema cannot be used.
    """
    temperature = 0.0 if chat.temperature is None else chat.temperature
    adapters = tuple(sorted(chat.adapters.items()))
    return Generation(
        chat.most,
        temperature,
        _grammar(chat),
        chat.seed or 0,
        adapters=adapters,
        scored=False,
    )


def _grammar(chat: Chat) -> str | None:
    if tools := tools_of(chat):
        calls: list[Json] = [_call(tool) for tool in tools]
        grammar = grammar_of({"anyOf": calls} if len(calls) > 1 else calls[0])
        return grammar.replace(_START, _CALL_OR_WORDS, 1) if chat.tool_choice == "auto" else grammar
    form = chat.response_format
    if form.type == "json_schema" and form.json_schema is not None:
        return grammar_of(form.json_schema.schema_)
    return None if form.type == "text" else grammar_of(_ANY_OBJECT)


def _call(tool: Tool) -> Json:
    return {
        "type": "object",
        "properties": {
            "name": {"const": tool.function.name},
            "arguments": tool.function.parameters,
        },
        "required": ["name", "arguments"],
        "additionalProperties": False,
    }


def called(chat: Chat, text: str) -> CalledTool | None:
    """Return the call that `text` is, if it is one; a model that was not held may say anything."""
    names = {tool.function.name for tool in tools_of(chat)}
    try:
        said = json.loads(text) if names else None
    except ValueError:
        return None
    if not isinstance(said, dict) or said.get("name") not in names:
        return None
    arguments = json.dumps(said.get("arguments", {}), ensure_ascii=False)
    function = CalledFunction(name=said["name"], arguments=arguments)
    return CalledTool(id=f"call_{uuid.uuid4().hex[:24]}", function=function)


async def pieces(model: LanguageModel, chat: Chat) -> AsyncGenerator[str, None]:
    """Yield the model's answer piece by piece."""
    async for token in model.generate(messages_of(chat), options_of(chat)):
        yield token.text


def _message(message: ChatMessage) -> Message:
    match message.role:
        case "user":
            return Message("user", message.text)
        case "tool":
            return Message("user", f"The function returned: {message.text}")
        case "assistant":
            calls = [
                f'{{"name": "{call.function.name}", "arguments": {call.function.arguments}}}'
                for call in message.tool_calls
            ]
            return Message("assistant", "\n".join([message.text, *calls]).strip())
        case _:
            return Message("system", message.text)
