"""Sentence templates of one language: those of Home Assistant and our own, ready to be matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

import home_assistant_intents
import yaml
from hassil.expression import (
    Alternative,
    Expression,
    Group,
    ListReference,
    RuleReference,
    Sentence,
)
from hassil.intents import IntentData, Intents, WildcardSlotList
from home_assistant_intents.languages import LANGUAGES

SAME_LANGUAGE = {"no": "nb", "nn": "nb", "cmn": "zh", "iw": "he", "in": "id"}
"""Other codes for a language that has a grammar (IANA Language Subtag Registry)."""

NAMES = frozenset({"name", "area", "floor"})
"""The slot lists that are filled with the names of a home."""

OWN = "own"
"""Metadata key of the templates in `sentences/`."""

_NONE = frozenset[str]()
_OfRule: TypeAlias = Callable[[str], tuple[frozenset[str], frozenset[str]]]


@dataclass(frozen=True)
class Template:
    """One sentence template and what a text must have for it to match.

    `fragments` is in conjunctive normal form: of each set, the text has at least one. `named` are
    the lists of this home's names that every reading of the template uses; `domains` those that a
    name may be of, None for any. `wild` tells that it has a place for any words at all.
    """

    intent: str
    data: IntentData
    fragments: tuple[frozenset[str], ...]
    named: frozenset[str]
    domains: frozenset[str] | None
    wild: bool


@dataclass(frozen=True)
class Packaged:
    """The grammar and the answers of one language; `code` is the one that hassil knows it by.

    `exact` and `wild` are its templates, `fragments` all literal texts that any of them requires.
    """

    code: str
    intents: Intents
    exact: tuple[Template, ...]
    wild: tuple[Template, ...]
    fragments: frozenset[str]
    responses: Mapping[str, Any]


def code_of(language: str) -> str | None:
    """Return the packaged grammar that suits `language` best, or None when there is none.

    Chinese is always the mainland's, as its text is converted to simplified characters.
    """
    primary = language.partition("-")[0].lower()
    primary = SAME_LANGUAGE.get(primary, primary)
    if primary == "zh":
        return "zh-CN"
    known: list[str] = sorted(LANGUAGES)
    exact = [code for code in known if code.lower() == language.lower().replace("_", "-")]
    same = [code for code in known if code == primary]
    regional = [code for code in known if code.partition("-")[0] == primary]
    return next(iter(exact + same + regional), None)


@cache
def packaged(code: str) -> Packaged:
    """Load the grammar `code`, one of those that `code_of` returns (about half a second)."""
    data = dict(home_assistant_intents.get_intents(code) or {})
    responses = data.pop("responses", {})
    _add_own(data, code.partition("-")[0])
    intents = Intents.from_dict(data)
    lists = _of(intents.expansion_rules)
    templates = tuple(
        _template(name, single, intents, lists)
        for name, intent in intents.intents.items()
        for block in intent.data
        for single in _singles(block)
    )
    return Packaged(
        code,
        intents,
        tuple(template for template in templates if not template.wild),
        tuple(template for template in templates if template.wild),
        frozenset(f for template in templates for clause in template.fragments for f in clause),
        responses,
    )


def _add_own(data: dict[str, Any], primary: str) -> None:
    """Add the file of our own sentences to `data`, which is in the same format."""
    file = resources.files("steward.plan.templates") / "sentences" / f"{primary}.yaml"
    if not file.is_file():
        return
    own = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    intents = dict(data["intents"])
    for name, intent in own["intents"].items():
        blocks = [{**block, "metadata": {OWN: True}} for block in intent["data"]]
        intents[name] = {"data": [*intents.get(name, {}).get("data", []), *blocks]}
    data["intents"] = intents
    data["lists"] = {**data.get("lists", {}), **own.get("lists", {})}
    data["expansion_rules"] = {**data.get("expansion_rules", {}), **own.get("expansion_rules", {})}
    data["skip_words"] = [*own.get("skip_words", []), *data.get("skip_words", [])]


def _singles(block: IntentData) -> Iterable[IntentData]:
    """Split a block into one per template, so that each can be left out on its own."""
    return (replace(block, sentence_texts=[text]) for text in block.sentence_texts)


def _template(intent: str, data: IntentData, intents: Intents, lists: _OfRule) -> Template:
    sentence = data.sentences[0]
    rules = {**intents.expansion_rules, **data.expansion_rules}
    needed, possible = _lists(sentence.expression, _of(rules) if data.expansion_rules else lists)
    domains = data.requires_context.get("domain")
    if isinstance(domains, Mapping):
        domains = domains.get("value")
    return Template(
        intent,
        data,
        tuple(sorted(sentence.get_required_clauses(rules), key=len)),
        needed & NAMES,
        None if domains is None else frozenset([domains] if isinstance(domains, str) else domains),
        any(isinstance(intents.slot_lists.get(name), WildcardSlotList) for name in possible),
    )


def _of(rules: Mapping[str, Sentence]) -> _OfRule:
    """Return a function that tells the lists of a rule; many templates share the same few."""

    @cache
    def lists(name: str) -> tuple[frozenset[str], frozenset[str]]:
        return _lists(rules[name].expression, lists) if name in rules else (_NONE, _NONE)

    return lists


def _lists(expression: Expression, of_rule: _OfRule) -> tuple[frozenset[str], frozenset[str]]:
    """Return the lists that every, and that some, text matched by `expression` has a value of."""
    if isinstance(expression, ListReference):
        named = frozenset([expression.list_name])
        return named, named
    if isinstance(expression, RuleReference):
        return of_rule(expression.rule_name)
    if not isinstance(expression, Group) or not expression.items:
        return _NONE, _NONE
    parts = [_lists(item, of_rule) for item in expression.items]
    needed, possible = zip(*parts, strict=True)
    join = frozenset.intersection if isinstance(expression, Alternative) else frozenset.union
    return join(*needed), frozenset.union(*possible)
