"""A second, robust reading of one command: by its parts instead of by a template.

What is to be done, how far, to what and with which exceptions are looked for wherever they stand.
Every word must be accounted for: a sentence with a word that nobody knows is not understood, so
that talk about the home is not taken for a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from steward.plan.parts.atoms import Token

_ALIKE = {
    frozenset({"on", "open"}): "turn_open",
    frozenset({"off", "close"}): "turn_close",
    frozenset({"on", "turn_open"}): "turn_open",
    frozenset({"open", "turn_open"}): "turn_open",
    frozenset({"off", "turn_close"}): "turn_close",
    frozenset({"close", "turn_close"}): "turn_close",
    frozenset({"stop", "turn_close"}): "turn_close",
    frozenset({"off", "stop"}): "off",
    frozenset({"out", "off"}): "off",
    frozenset({"out", "clean"}): "clean",
    frozenset({"pause", "stop"}): "pause",
    frozenset({"on", "play"}): "play",
    frozenset({"turn_open", "play"}): "play",
    frozenset({"on", "clean"}): "clean",
    frozenset({"turn_open", "clean"}): "clean",
    frozenset({"on", "mow"}): "mow",
    frozenset({"on", "dock"}): "dock",
    frozenset({"open", "unlock"}): "unlock",
    frozenset({"turn_open", "unlock"}): "unlock",
    frozenset({"turn_open", "lock"}): "unlock",
    frozenset({"turn_close", "lock"}): "lock",
    frozenset({"turn_open", "mute"}): "mute",
    frozenset({"on", "mute"}): "mute",
    frozenset({"lock", "close"}): "lock",
    frozenset({"on", "shuffle"}): "shuffle",
    frozenset({"turn_open", "shuffle"}): "shuffle",
    frozenset({"play", "shuffle"}): "shuffle",
    frozenset({"off", "shuffle"}): "unshuffle",
    frozenset({"turn_close", "shuffle"}): "unshuffle",
    frozenset({"stop", "shuffle"}): "unshuffle",
    frozenset({"on", "repeat"}): "repeat",
    frozenset({"turn_open", "repeat"}): "repeat",
    frozenset({"off", "repeat"}): "unrepeat",
    frozenset({"turn_close", "repeat"}): "unrepeat",
    frozenset({"stop", "repeat"}): "unrepeat",
    frozenset({"on", "oscillate"}): "oscillate",
    frozenset({"turn_open", "oscillate"}): "oscillate",
    frozenset({"off", "oscillate"}): "unoscillate",
    frozenset({"turn_close", "oscillate"}): "unoscillate",
    frozenset({"stop", "oscillate"}): "unoscillate",
}
"""What two verbs in one command come to; all other pairs contradict each other."""

_SIGNALS = ("up", "down", "more", "less", "toomuch", "toolittle", "quantity", "color", "white")
_MARKS = ("bit", "half_scale", "double", "max", "min", "half", "all", "everything", "home", "here")
_PASSED = ("fill", "verb", "to", "by", "percent", "degree", "kelvin", "others", "keepers")
KELVIN_FROM = 1000
"""A bare number from here on is a colour temperature, for nothing else at home is as large."""


@dataclass(frozen=True)
class Amount:
    """A number that was said and its unit: "", "percent", "degree" or "kelvin"."""

    number: float
    unit: str = ""


@dataclass(frozen=True)
class Frame:
    """The parts of a command.

    `act` is the verb ("on", "open", "mute", ... or ""), `quantity` what is to change, `sign` the
    direction of a relative change, `scale` a factor, `level` "max", "min" or "half". `groups` are
    the concepts of each thing named, `spared` those of the exceptions.
    """

    act: str = ""
    quantity: str = ""
    sign: int = 0
    scale: float = 0.0
    amount: Amount | None = None
    level: str = ""
    color: str = ""
    kelvin: int = 0
    mode: str = ""
    slight: bool = False
    complaint: bool = False
    groups: tuple[frozenset[str], ...] = ()
    plural: bool = False
    marks: frozenset[str] = frozenset()
    spared: tuple[frozenset[str], ...] = ()

    @property
    def every(self) -> bool:
        """Whether all things of the kind are meant."""
        return bool({"all", "everything", "home"} & self.marks) or bool(self.spared)


@dataclass
class _Parts:
    acts: set[str] = field(default_factory=set[str])
    ups: set[int] = field(default_factory=set[int])
    quantities: set[str] = field(default_factory=set[str])
    complaints: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    numbers: list[tuple[int, Token]] = field(default_factory=list[tuple[int, Token]])
    found: dict[str, str] = field(default_factory=dict[str, str])
    groups: list[set[str]] = field(default_factory=lambda: [set()])
    marks: set[str] = field(default_factory=set[str])
    plural: bool = False


def read(said: Sequence[Token], spared: Sequence[Sequence[Token]] = ()) -> Frame | None:
    """Return the command that `said` gives, None when it is none or a word is not understood.

    `spared` are the words of each exception, which have been taken out of `said`.
    """
    if not said or any(not t.known or (t.has("neg", "who") and not t.atoms) for t in said):
        return None
    parts = _Parts()
    for position, token in enumerate(said):
        if not _take(parts, said, position, token):
            return None
    exceptions = tuple(_nouns(words) for words in spared)
    if any(not words for words in exceptions):
        return None
    return _framed(parts, said, exceptions)


def _nouns(said: Iterable[Token]) -> frozenset[str]:
    return frozenset(atom for token in said for atom in token.atoms)


def _take(parts: _Parts, said: Sequence[Token], position: int, token: Token) -> bool:
    """Put one word where it belongs; False when it belongs nowhere."""
    if token.number is not None or token.share is not None:
        parts.numbers.append((position, token))
        return True
    if token.has("kelvin") and position and said[position - 1].number is not None:
        large = (said[position - 1].number or 0) >= KELVIN_FROM
        if large:
            return True
    if token.has("mode"):
        parts.found["mode"] = token.senses["mode"]
        return True
    if token.has("color") and not _is_modifier(said, position):
        parts.found["color"] = token.senses["color"]
        return True
    measured = token.has("quantity") and not token.named
    if token.atoms and not measured and not _is_verb(said, position, token):
        parts.groups[-1].update(token.atoms)
        parts.plural = parts.plural or token.plural
        if token.has("all") and not token.named:
            parts.marks.add("all")
        return True
    if token.has("color"):
        return False
    if token.text == "的" and _is_scope(said, position):
        parts.marks.add("scope")
    if token.has("act") and not _is_preposition(said, position, token):
        parts.acts.add(token.senses["act"])
        return True
    if token.has("conj") and _begins_command(said, position):
        return False
    lists = token.has("conj") or (token.text == "," and _names_next(said, position))
    if lists and any(t.atoms for t in said[position + 1 :]) and parts.groups[-1]:
        parts.groups.append(set())
        return True
    return _signal(parts, token) or token.has(*_PASSED, "conj") or bool(token.atoms)


def _is_modifier(said: Sequence[Token], position: int) -> bool:
    """Tell whether a colour belongs to the name after it: "the green bedroom"."""
    return position + 1 < len(said) and bool(said[position + 1].atoms)


def _begins_command(said: Sequence[Token], position: int) -> bool:
    """Tell whether a verb follows "and" after a verb stood before it: these are two commands."""
    after = next((t for t in said[position + 1 :] if not t.has("fill")), None)
    verb = after is not None and after.has("verb", "act") and not after.atoms
    return verb and any(t.has("verb", "act") and not t.atoms for t in said[:position])


def _names_next(said: Sequence[Token], position: int) -> bool:
    """Tell whether a list goes on after a comma: "the kettle, the fan and the lamp"."""
    ended = not any(t.has("conj") for t in said[position + 1 :])
    if ended or not position or said[position - 1].has("act"):
        return False  # "rooms 2 and 3, lights on"; "lamp on, fan off"
    after = next((t for t in said[position + 1 :] if t.text not in ("the", "my", "our")), None)
    return after is not None and bool(after.atoms) and not after.has("act")


def _is_scope(said: Sequence[Token], position: int) -> bool:
    """Tell whether "的" says where things of a kind are: "卧室的灯" is each light there."""
    after = said[position + 1 : position + 2]
    return bool(after) and after[0].atoms == ("light",) and not after[0].named


def _signal(parts: _Parts, token: Token) -> bool:
    """Note what a word says of a change."""
    taken = False
    for kind in ("toomuch", "toolittle"):
        if token.has(kind):
            parts.complaints.append((token.senses[kind], -1 if kind == "toomuch" else 1))
            return True
    for kind, sign in (("more", 1), ("less", -1)):
        if token.has(kind):
            parts.quantities.add(token.senses[kind])
            parts.ups.add(sign)
            return True
    for kind, sign in (("up", 1), ("down", -1)):
        if token.has(kind):
            parts.ups.add(sign)
            taken = True
    if token.has("quantity"):
        parts.quantities.add(token.senses["quantity"])
        taken = True
    if token.has("white"):
        parts.found["white"] = token.senses["white"]
        taken = True
    for kind in _MARKS:
        if token.has(kind):
            parts.marks.add(kind)
            taken = True
    return taken


def _is_verb(said: Sequence[Token], position: int, token: Token) -> bool:
    """Tell whether a word that can be a thing or a verb ("lock") is the verb here.

    It is when there is no other verb and it stands first or last among the words that matter.
    """
    if token.named or not token.has("act"):
        return False
    others = [t for i, t in enumerate(said) if i != position and t.has("act")]
    if any(not t.atoms for t in others):
        return False
    content = [i for i, t in enumerate(said) if t.atoms or t.has("act")]
    alone = len(content) == 1 and not any(t.has("everything") for t in said)
    return position in (content[0], content[-1]) and not alone


def _is_preposition(said: Sequence[Token], position: int, token: Token) -> bool:
    """Tell whether "on" stands before a value or a place while something else is the verb."""
    if token.text != "on":
        return False
    after = next((t for t in said[position + 1 :] if not t.has("fill") or t.has("conj")), None)
    if after is None:
        return False
    if after.number is not None or after.share is not None:
        return True
    others = any(t.has("act") and i != position for i, t in enumerate(said))
    return (others and bool(after.atoms)) or after.has("quantity")


def _framed(
    parts: _Parts, said: Sequence[Token], spared: tuple[frozenset[str], ...]
) -> Frame | None:
    act = one_act(parts.acts)
    amount = _amount(parts, said)
    if act is None or amount is None or len(parts.ups) > 1 or len(parts.quantities) > 1:
        return None
    number, absolute = amount
    quantity = next(iter(parts.quantities), "")
    sign = next(iter(parts.ups), 0)
    complaint = False
    if parts.complaints and not sign and not act and number is None:
        quantity, sign = parts.complaints[0]
        complaint = True
    elif parts.complaints and not quantity and parts.complaints[0][0] != "light":
        quantity = parts.complaints[0][0]
    if number is not None and absolute:
        sign = 0
    scale = 0.5 if "half_scale" in parts.marks else 2.0 if "double" in parts.marks else 0.0
    if scale and number is not None:
        return None
    if scale and act == "off":
        act = ""  # "cut it in half"
    level = next((name for name in ("max", "min", "half") if name in parts.marks), "")
    groups = tuple(frozenset(group) for group in parts.groups if group)
    return Frame(
        act=act,
        quantity=quantity,
        sign=sign,
        scale=scale,
        amount=number,
        level=level,
        color=parts.found.get("color", ""),
        kelvin=int(parts.found.get("white", "0")),
        mode=parts.found.get("mode", ""),
        slight="bit" in parts.marks,
        complaint=complaint,
        groups=groups,
        plural=parts.plural,
        marks=frozenset(parts.marks),
        spared=spared,
    )


def one_act(acts: set[str]) -> str | None:
    """Return what the verbs come to, None when they contradict each other."""
    if len(acts) < 2:
        return next(iter(acts), "")
    return _ALIKE.get(frozenset(acts))


def _amount(parts: _Parts, said: Sequence[Token]) -> tuple[Amount | None, bool] | None:
    """Return the number with its unit and whether it is a goal; None for more than one number."""
    numbers = parts.numbers
    if len(numbers) > 1:
        numbers = [(i, t) for i, t in numbers if not t.has("fill")]
    if len(numbers) == 1 and numbers[0][1].has("fill") and not _unit_after(said, numbers[0][0]):
        numbers = []
    if not numbers:
        return None, False
    if len(numbers) > 1:
        return None
    position, token = numbers[0]
    before = next((t for t in reversed(said[:position]) if t.has("to") or not t.has("fill")), None)
    absolute = (before is not None and before.has("to")) or not parts.ups
    if token.share is not None:
        return Amount(token.share, "percent"), absolute or True
    unit = _unit_after(said, position)
    number = token.number or 0.0
    if not unit and number >= KELVIN_FROM:
        unit = "kelvin"
    return Amount(number, unit), absolute


def _unit_after(said: Sequence[Token], position: int) -> str:
    after = said[position + 1] if position + 1 < len(said) else None
    for unit in ("percent", "degree", "kelvin"):
        if after is not None and after.has(unit):
            if unit == "kelvin" and (said[position].number or 0) < KELVIN_FROM:
                return ""
            return unit
    return ""
