"""Three kinds of work for a small language model: calls of tools, chat, questions on a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from steward.serve.openai.raw import messages_of, options_of
from steward.serve.openai.shapes import Chat
from steward.thinking import Generation, Message

MOST = 24
"""Tokens of an answer in words; a call ends by itself."""
_PLACES = ("kitchen", "bedroom", "hall", "garden", "bathroom", "office")
_THINGS = ("ceiling light", "fan", "radio", "blind")
_DEVICES = tuple(f"{place} {thing}" for place, thing in product(_PLACES, _THINGS))
_ASKED = (
    "turn on the {}",
    "please switch the {} off",
    "could you start the {}?",
    "is the {} still on?",
    "set a timer of ten minutes for the {}",
    "the {} should be at forty percent",
    "I do not need the {} any more",
    "the {} is too loud",
    "put the {} on the shopping list",
)
_TOPICS = (
    "rain",
    "bread",
    "the moon",
    "a good night's sleep",
    "bees",
    "old clocks",
    "learning French",
    "the sea",
    "tomatoes",
    "winter",
    "trains",
    "a small garden",
    "tea",
    "chess",
    "house plants",
    "running",
    "cats",
    "the piano",
    "maps",
    "glass",
)
_SAID = (
    "Tell me about {}.",
    "What do people like about {}?",
    "Give me three tips about {}.",
    "Write a short poem about {}.",
    "Explain {} to a child.",
    "What is the history of {}?",
    "Why does {} matter?",
    "Write two sentences on {}.",
    "What should I know about {}?",
    "Ask me a question about {}.",
)
_ABOUT = (
    "What is this text about?",
    "Repeat the first sentence of the text.",
    "Repeat the last sentence of the text.",
    "Write the text again in fewer words.",
    "List the names that stand in the text.",
    "Correct the text and write it again.",
    "What does the text say first?",
    "Who would read this?",
    "Write the text as a list.",
    "Copy the text.",
)
_PASSAGE = 1200
"""Characters of a document: some 300 tokens."""


@dataclass(frozen=True)
class Task:
    """One request to a language model."""

    messages: tuple[Message, ...]
    options: Generation


def calls() -> list[Task]:
    """Return 216 requests that are answered with a call of one of four tools."""
    return [_call(asked.format(device)) for device in _DEVICES for asked in _ASKED]


def chats() -> list[Task]:
    """Return 200 requests in words."""
    return [_plain(said.format(topic)) for topic in _TOPICS for said in _SAID]


def documents() -> list[Task]:
    """Return 200 requests about twenty passages of Steward's own documents."""
    root = Path(__file__).parents[1]
    text = "\n\n".join(
        (root / name).read_text(encoding="utf-8") for name in ("docs/architecture.md", "README.md")
    )
    passages = [text[at * _PASSAGE : (at + 1) * _PASSAGE] for at in range(20)]
    return [_plain(f"{passage}\n\n{about}") for passage in passages for about in _ABOUT]


WORKS: dict[str, Callable[[], Sequence[Task]]] = {
    "tool calls": calls,
    "chat": chats,
    "documents": documents,
}


def _plain(text: str) -> Task:
    return Task((Message("user", text),), Generation(MOST, scored=False))


def _call(text: str) -> Task:
    device = {"enum": list(_DEVICES)}
    chat = Chat.model_validate(
        {
            "model": "raw",
            "messages": [{"role": "user", "content": text}],
            "tool_choice": "required",
            "max_tokens": 96,
            "tools": [
                _tool("turn_on", device=device),
                _tool("turn_off", device=device),
                _tool("set_timer", minutes={"type": "integer"}, device=device),
                _tool("add_item", item={"type": "string", "maxLength": 40}),
            ],
        }
    )
    return Task(tuple(messages_of(chat)), options_of(chat))


def _tool(name: str, **properties: object) -> dict[str, object]:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "parameters": parameters}}
