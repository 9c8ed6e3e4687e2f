"""llama.cpp's GBNF, as far as it is regular, to llguidance's form of Lark.

https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
"""

from __future__ import annotations

import re

from steward.errors import ModelError

_RULE = re.compile(r"^\s*([A-Za-z][\w-]*)\s*::=\s*", re.MULTILINE)
_PART = re.compile(
    r'"(?P<text>(?:[^"\\]|\\.)*)"|(?P<set>\[(?:[^\]\\]|\\.)*\])|(?P<name>[A-Za-z][\w-]*)'
    r"|(?P<sign>[()|*+?.]|\{\d+(?:,\d*)?\})|(?P<space>\s+|#.*)"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MOST = 1 << 18
"""Characters of the longest expression."""


def lark_of(grammar: str) -> str:
    """Return `grammar` for llguidance; what is in its form already stays as it is.

    Raises:
        ModelError: a rule is missing, or leads to itself.
    """
    if grammar.startswith("%llguidance"):
        return grammar
    pieces = _RULE.split(grammar)
    rules = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    expression = _expression("root", rules, ())
    return f"start: /{expression.replace('/', chr(92) + '/')}/"


def _expression(name: str, rules: dict[str, str], above: tuple[str, ...]) -> str:
    if name not in rules or name in above:
        raise _unusable(f"rule {name!r} " + ("leads to itself" if name in above else "is missing"))
    body, at, made = rules[name], 0, ""
    while at < len(body):
        found = _PART.match(body, at)
        if found is None or len(made) > _MOST:
            raise _unusable(f"rule {name!r} cannot be read at {body[at : at + 20]!r}")
        at = found.end()
        if found["text"] is not None:
            made += f"(?:{_escaped(_unescaped(found['text']))})"
        elif found["name"]:
            made += _expression(found["name"], rules, (*above, name))
        else:
            made += found["set"] or found["sign"] or ""
    return f"(?:{made})"


def _escaped(text: str) -> str:
    """Return an expression for `text` on one line, for a line's end would end the rule."""
    return "".join(_NAMED.get(sign) or re.escape(sign) for sign in text)


def _unescaped(text: str) -> str:
    named = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(
        r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))",
        lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else named.get(m[3], m[3]),
        text,
    )


def _unusable(why: str) -> ModelError:
    return ModelError(
        f"the grammar cannot be looked ahead in: {why}",
        hint="run the model without looking ahead: steward tune --forget MODEL",
    )
