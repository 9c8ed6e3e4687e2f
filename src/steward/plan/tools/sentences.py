"""The sentences by which an owner asks for the tools of other programs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from hassil.intents import Intents
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError
from hassil.recognize import RecognizeResult, recognize_all

from steward.errors import ConfigError
from steward.plan.language.text import HYPHEN, is_chinese
from steward.plan.templates.acts import Draft
from steward.plan.templates.grammar import Match
from steward.plan.templates.packaged import packaged
from steward.plan.templates.split import Part
from steward.types import Json, Meaning

INTENT = "StewardTool"
"""The intent of Calls to tools of other programs."""

_SLOT = re.compile(r"\{([^{}:]*)\}")
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = re.compile(r"[^\W_]")
_HINT = 'write it as "search my notes for {query}"'


@dataclass(frozen=True)
class Tool:
    """A tool that may be called: `says` are templates of sentences with the names of its arguments
    in braces, `arguments` what is always given with it."""

    capability: str
    says: tuple[str, ...] = ()
    arguments: Mapping[str, Json] = field(default_factory=dict[str, Json])


class Tools:
    """What an owner says to use the tools of other programs."""

    def __init__(self, tools: Sequence[Tool] = ()) -> None:
        """Take the sentences of `tools`.

        Raises:
            ConfigError: one of them is no template, or would fit anything that is said.
        """
        self._tools = {tool.capability: tool for tool in tools}
        self._said = {
            chinese: {
                tool.capability: said
                for tool in tools
                if (said := [_spelled(each) for each in tool.says if is_chinese(each) is chinese])
            }
            for chinese in (False, True)
        }
        for tool in tools:
            for sentence in tool.says:
                _check(tool, sentence)

    def read(self, text: str, language: str) -> Part | None:
        """Return the call that plain `text` asks for; None for any other sentence.

        Of several readings the one is meant that leaves the fewest words to the arguments.
        """
        chinese = language.partition("-")[0] == "zh"
        if not self._said[chinese]:
            return None
        intents = self._chinese if chinese else self._other
        found = [_match(each, text) for each in recognize_all(text, intents)]
        best = min(found, key=lambda match: sum(map(len, match.texts.values())), default=None)
        if best is None:
            return None
        tool = self._tools[best.intent]
        server, _, name = tool.capability.partition(".")
        slots: dict[str, Json] = {"said": text, "server": server, "tool": name}
        draft = Draft(tool.capability, {**tool.arguments, **best.texts})
        meaning = Meaning(INTENT, slots=slots)
        return Part(text, best, ((draft, meaning),))

    @cached_property
    def _chinese(self) -> Intents:
        return _intents(self._said[True], "zh-CN")

    @cached_property
    def _other(self) -> Intents:
        return _intents(self._said[False], "en")


NO_TOOLS = Tools()
"""What is said where there are none."""


def _intents(said: Mapping[str, Sequence[str]], code: str) -> Intents:
    slots = {name for each in said.values() for text in each for name in _SLOT.findall(text)}
    whole = packaged(code).intents
    return Intents.from_dict(
        {
            "language": code,
            "settings": {"ignore_whitespace": whole.settings.ignore_whitespace},
            "skip_words": list(whole.skip_words),
            "intents": {name: {"data": [{"sentences": list(each)}]} for name, each in said.items()},
            "lists": {name: {"wildcard": True} for name in slots},
        }
    )


def _match(result: RecognizeResult, text: str) -> Match:
    # Of free words the matcher drops the commas.
    words = {
        name: text[slice(*entity.text_span)].strip()
        for name, entity in result.entities.items()
        if entity.text_span
    }
    return Match(result.intent.name, "default", {}, words, frozenset(words))


def _spelled(sentence: str) -> str:
    """Return a template in the spelling of the sentences that it is compared with."""
    pieces = re.split(r"(\{[^{}]*\})", unicodedata.normalize("NFKC", sentence).replace("’", "'"))
    return "".join(each if each.startswith("{") else HYPHEN.sub(" ", each) for each in pieces)


def _check(tool: Tool, sentence: str) -> None:
    where = f"the sentence {sentence!r} of {tool.capability}"
    names = _SLOT.findall(sentence)
    for name in names:
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{where} has {name!r} in braces", hint=_HINT)
        if name in tool.arguments:
            raise ConfigError(f"{where} gives {name}, which is given always", hint=_HINT)
    if re.search(r"\}\s*\{", sentence):
        raise ConfigError(f"{where} has nothing between two arguments", hint=_HINT)
    # Nobody would be able to say anything else any more.
    if len(_WORDS.findall(re.sub(r"\[[^\]]*\]", "", _SLOT.sub("", sentence)))) < 2:
        raise ConfigError(f"{where} has no words of its own", hint=_HINT)
    try:
        parse_sentence(_spelled(sentence))
    except ParseError as error:
        raise ConfigError(f"{where} cannot be read: {error}", hint=_HINT) from error
