"""Home Assistant's value templates, in a sandbox: they come from whoever may write to the broker.

A template is an expression: it has no loops, no macros and no includes, so that its work is bounded
by its length, and what makes texts long is bounded by `MAX_TEXT`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from jinja2 import Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from steward.types import Json

_T = TypeVar("_T")

MAX_TEMPLATE = 4096
"""Longest template, in characters; Zigbee2MQTT's longest is a sixth of it."""
MAX_TEXT = 65_536
"""Longest text that a template may make, or get, in characters."""
_REFUSED = (
    nodes.For,
    nodes.Macro,
    nodes.CallBlock,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
    nodes.FilterBlock,
)
_METHODS = """
lower upper strip lstrip rstrip split startswith endswith title capitalize replace get items keys
values index find count isdigit isnumeric isalpha removeprefix removesuffix
"""
_FILTERS = """
abs capitalize default d first float int join last length list lower max min round string sum title
trim upper
"""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%", "+", "~"})

    def __init__(self) -> None:
        super().__init__(autoescape=False, cache_size=0)
        self.globals = {"int": _int, "float": _float, "round": round, "iif": _iif}
        self.filters = {key: each for key, each in self.filters.items() if key in _FILTERS.split()}
        self.filters |= {
            "int": _int,
            "float": _float,
            "iif": _iif,
            "is_defined": lambda value: value,
            "replace": _replaced,
            "from_json": json.loads,
            "to_json": json.dumps,
            "tojson": json.dumps,
            "regex_replace": _unsupported,
        }

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse what would make a text or a number very long."""
        texts = [each for each in (left, right) if isinstance(each, str | list | tuple)]
        if operator == "**" or (operator == "%" and texts):
            raise TemplateError(f"{operator} is not for templates of discovery")
        if operator == "*" and texts:
            raise TemplateError("a text is not multiplied")
        if sum(map(len, texts)) > MAX_TEXT:
            raise TemplateError("too long a text")
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> None:
        """Let no text be formatted: a width makes it as long as it likes."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Let texts and mappings be asked for what shortens them, and nothing else be called."""
        return attr in _METHODS.split() and super().is_safe_attribute(obj, attr, value)

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a method that is safe; `replace` may not make a text long."""
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, str) and getattr(obj, "__name__", "") == "replace":
            return _replaced(owner, *map(str, args[:2]))
        return super().call(context, obj, *args, **kwargs)


def _int(value: Any, default: int = 0, base: int = 10) -> int:
    try:
        return int(str(value), base) if base != 10 else int(float(value))
    except (TypeError, ValueError, OverflowError):
        return default


def _float(value: Any, default: float = 0.0) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default


def _iif(value: Any, yes: Any = True, no: Any = False, none: Any = None) -> Any:
    return none if value is None and none is not None else (yes if value else no)


def _replaced(text: Any, old: str, new: str) -> str:
    whole = str(text)
    if len(whole) + whole.count(old) * len(new) > MAX_TEXT:
        raise TemplateError("too long a text")
    return whole.replace(old, new)


def _unsupported(*_: Any) -> str:
    raise TemplateError("this filter is not known here")


_SANDBOX = _Sandbox()


@lru_cache(maxsize=4096)
def _compiled(template: str) -> Template:
    if len(template) > MAX_TEMPLATE:
        raise TemplateError("too long a template")
    tree = _SANDBOX.parse(template)
    if any(True for _ in tree.find_all(_REFUSED)):
        raise TemplateError("a template of discovery has no loops, macros or includes")
    compiled: Template = _SANDBOX.from_string(tree)
    return compiled


def check(template: str) -> None:
    """Make sure that `template` can be used.

    Raises:
        ValueError: it cannot; the message says why.
    """
    _guarded(lambda: _compiled(template), template)


def value(template: str | None, payload: str) -> str:
    """Return what `template` makes of a device's `payload`, which is `value` and `value_json`.

    Without a template it is the payload itself.

    Raises:
        ValueError: the template fails on this payload.
    """
    if template is None:
        return payload
    found: dict[str, Any] = {"value": payload}
    loaded = _json(payload)
    if loaded is not None:
        found["value_json"] = loaded
    return _rendered(template, found)


def command(template: str | None, named: Mapping[str, Json]) -> str:
    """Return the payload that `template` makes of a command; without one, its `value`.

    Raises:
        ValueError: the template fails.
    """
    return str(named["value"]) if template is None else _rendered(template, named)


def _rendered(template: str, named: Mapping[str, Any]) -> str:
    def render() -> str:
        text = _compiled(template).render(named)
        if len(text) > MAX_TEXT:
            raise TemplateError("too long a text")
        return text.strip()

    return _guarded(render, template)


def _guarded(work: Callable[[], _T], template: str) -> _T:
    try:
        return work()
    # A template is somebody else's program: whatever it raises is its own fault.
    except Exception as error:
        raise ValueError(f"the template {template!r:.80} fails: {error}") from error


def _json(payload: str) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None
