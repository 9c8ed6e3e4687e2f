"""What the model is asked for its heads to learn from: chats, calls of tools, texts to work on."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from steward.lab.reader.homes import GeneratedHome, generate
from steward.models.schema import grammar_of
from steward.thinking import Message
from steward.types import Json

_CHATS = (
    "Tell me something about {}.",
    "What is {}?",
    "Write a short story about {}.",
    "Write a poem about {}.",
    "How does {} work?",
    "Give me five ideas about {}.",
    "What are the advantages and disadvantages of {}?",
    "List three facts on {}.",
    "I want to know more about {}. Where do I begin?",
    "Explain {} in simple words.",
    "Why do people care about {}?",
    "Can you summarise what matters about {}?",
    "Write an email to a friend about {}.",
    "What should a beginner know about {}?",
    "Compare {} with {}.",
    "What do {} and {} have in common?",
    "Make a plan for a day about {}.",
    "Is it true that {} is good for you?",
)
_TEXTS = (
    "Summarise this text.",
    "Write this text again.",
    "What is the main idea?",
    "Make a list of what the text says.",
    "Repeat the beginning of this text.",
    "Rewrite it in simple words.",
)
_ASKED = (
    "{} on please",
    "switch {} on",
    "turn off the {}",
    "can you turn the {} off",
    "set {} to {number} percent",
    "remind me of the {} in {number} minutes",
    "stop the {}",
    "is the {} running?",
    "I would like the {} on",
    "make sure that the {} is off",
    "we need a new {}",
    "{number} minutes for the {}",
)
_PARAMETERS: tuple[tuple[str, str], ...] = (
    ("turn_on", "device"),
    ("turn_off", "device"),
    ("set_level", "device level"),
    ("get_state", "device"),
    ("set_timer", "minutes"),
    ("start_timer", "minutes device"),
    ("add_to_list", "item"),
    ("open", "device"),
    ("close", "device"),
    ("play", "device item"),
    ("set_temperature", "degrees"),
    ("send_message", "item"),
)
_SYSTEMS = (
    "You may call one of these functions. To call one, answer with nothing but a JSON object "
    '{"name": the function, "arguments": its arguments}:\n',
    "Answer with a call of one of these functions, as JSON:\n",
)
_MOST_DEVICES = 12


@dataclass(frozen=True)
class Prompt:
    """A request; `grammar` holds the answer, `most` are its tokens at most."""

    messages: tuple[Message, ...]
    most: int
    grammar: str | None = None


def chats(rng: random.Random) -> Iterator[Prompt]:
    """Yield questions that are answered in words."""
    while True:
        said = rng.choice(_CHATS).format(*rng.sample(_subjects(), 2))
        yield Prompt((Message("user", said),), rng.choice((32, 64, 96)))


def texts(rng: random.Random, told: Sequence[str]) -> Iterator[Prompt]:
    """Yield requests to work on a text that the model itself has `told`."""
    while True:
        said = f"{rng.choice(told)}\n\n{rng.choice(_TEXTS)}"
        yield Prompt((Message("user", said),), 48)


def calls(rng: random.Random, each: int = 16) -> Iterator[Prompt]:
    """Yield commands in generated homes, answered with calls; `each` in one home with its tools."""
    while True:
        devices = _devices(generate(rng))
        if not devices:
            continue
        tools = [
            _tool(rng, name, given.split(), devices)
            for name, given in rng.sample(_PARAMETERS, rng.randint(2, 4))
        ]
        system = rng.choice(_SYSTEMS) + "\n".join(map(json.dumps, tools))
        grammar = grammar_of({"anyOf": [_call(tool) for tool in tools]})
        for _ in range(each):
            asked = rng.choice(_ASKED).format(rng.choice(devices), number=rng.randint(1, 99))
            yield Prompt((Message("system", system), Message("user", asked)), 96, grammar)


def _devices(home: GeneratedHome) -> list[str]:
    names = [entity.name for entity in home.world.entities if entity.name.isascii()]
    return names[:_MOST_DEVICES]


def _tool(
    rng: random.Random, name: str, given: Sequence[str], devices: Sequence[str]
) -> dict[str, Json]:
    kinds: dict[str, Json] = {
        "device": {"enum": list(devices)},
        # Without bounds a small model says zeros without end.
        "minutes": {"type": "integer", "minimum": 1, "maximum": 999},
        "level": {"type": "integer", "minimum": 0, "maximum": 100},
        "degrees": {"type": "integer", "minimum": 5, "maximum": 35},
        "item": {"type": "string", "maxLength": 40},
    }
    parameters: dict[str, Json] = {
        "type": "object",
        "properties": {key: kinds[key] for key in given},
        "required": list(given),
        "additionalProperties": False,
    }
    description = rng.choice(("", "", name.replace("_", " ")))
    return {"name": name, "description": description, "parameters": parameters}


def _call(tool: dict[str, Json]) -> Json:
    return {
        "type": "object",
        "properties": {"name": {"const": tool["name"]}, "arguments": tool["parameters"]},
        "required": ["name", "arguments"],
        "additionalProperties": False,
    }


@cache
def _subjects() -> tuple[str, ...]:
    text = (resources.files("steward.lab.heads") / "subjects.txt").read_text(encoding="utf-8")
    return tuple(text.split("\n")[:-1])
