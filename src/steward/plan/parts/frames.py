"""A second, robust reading of one command: by its parts instead of by a template.

What is to be done, how far, to what and with which exceptions are looked for wherever they stand.
Every word must be accounted for: a sentence with a word that nobody knows is not understood, so
that talk about the home is not taken for a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from steward.plan.language.lexicon import lexicon
from steward.plan.parts.amounts import KELVIN_FROM, UNITS, Amount, read_amount
from steward.plan.parts.atoms import Token
from steward.plan.parts.verbs import one_act

_SIGNALS = ("up", "down", "more", "less", "toomuch", "toolittle", "quantity", "color", "white")
_MARKS = (
    *("bit", "half_scale", "double", "max", "min", "half", "all", "everything", "home", "here"),
    *("total", "it", "pair"),
)
_PASSED = ("fill", "verb", "to", "by", *UNITS, "others", "keepers")
_THIS = frozenset({"this", "这个", "这间", "这"})
_ALL_ON = frozenset({"全开", "全亮"})
_PLEAS = frozenset({"别", "不要", "别再", "甭", "不用"})
WAYS = {"open": 1, "turn_open": 1, "close": -1, "turn_close": -1}
"""The verbs that move something, and which way."""
HERE = "*here"
"""The concept of the speaker's room, in a group of several: "the hall and in here"."""


@dataclass(frozen=True)
class Frame:
    """The parts of a command.

    `act` is the verb ("on", "open", "mute", ... or ""), `quantity` what is to change, `sign` the
    direction of a relative change, `scale` a factor, `level` "max", "min" or "half". `groups` are
    the concepts of each thing named, `spared` those of the exceptions, `paired` and `pointed` those
    of the noun that "both" and "this" stand before.
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
    paired: frozenset[str] = frozenset()
    pointed: frozenset[str] = frozenset()

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
    said = _all_on(_without_plea(said))
    if not said or any(
        not t.known or (t.has("neg", "who") and not t.atoms and not t.has("it")) for t in said
    ):
        return None
    if not spared and any(token.has("others") for token in said):
        return None  # "The other lights", and none was named: other than which?
    if _alternates(said):
        return None
    parts = _Parts()
    for position, token in enumerate(said):
        if not _take(parts, said, position, token):
            return None
    exceptions = tuple(_nouns(words) for words in spared)
    if any(not words for words in exceptions):
        return None
    if not any(parts.groups) and any(t.has("weak") for t in said if t.has("act")):
        return None
    frame = _framed(parts, said, exceptions)
    if frame and not frame.act and any(token.text == "draw" for token in said):
        return replace(frame, act="close")  # "Draw all the curtains."
    return replace(frame, act="run") if frame and _is_run(frame, said) else frame


def _is_run(frame: Frame, said: Sequence[Token]) -> bool:
    """Tell whether "run" is all that is said of what is named: "run the dishwasher"."""
    first = next((token.text for token in said if not token.has("fill")), "")
    bare = Frame(groups=frame.groups, plural=frame.plural, marks=frame.marks & {"all", "pair"})
    return first == "run" and frame == bare and bool(frame.groups)


def _without_plea(said: Sequence[Token]) -> list[Token]:
    """Take "不要太亮", "别那么亮", for the complaint that it is."""
    return [
        token
        for token, after in pairwise((*said, Token("", 0)))
        if not (token.text in _PLEAS and after.has("toomuch"))
    ]


def _all_on(said: Sequence[Token]) -> Sequence[Token]:
    """Take "灯全开" for all lights on; of a blind it says how far."""
    if not any("light" in t.atoms for t in said) or any(t.has("quantity") for t in said):
        return said
    every = {"all": "", "act": "turn_open"}
    return [replace(t, senses=every) if t.text in _ALL_ON else t for t in said]


def _alternates(said: Sequence[Token]) -> bool:
    """Tell whether two things have a verb each: "投影仪打开幕布打开" are two commands."""
    order = ""
    for position, token in enumerate(said):
        verb = token.has("act") and not token.atoms and not _is_preposition(said, position, token)
        letter = "n" if token.atoms else "v" if verb else ""
        order += letter if order[-1:] != letter else ""
    return "nvnv" in order or "vnvn" in order


def _nouns(said: Iterable[Token]) -> frozenset[str]:
    return frozenset(atom for token in said for atom in token.atoms)


def _take(parts: _Parts, said: Sequence[Token], position: int, token: Token) -> bool:
    """Put one word where it belongs; False when it belongs nowhere."""
    if token.number is not None or token.share is not None or token.has("gear"):
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
        parts.plural = parts.plural or (token.plural and not _is_owner(said, position))
        if token.has("all") and not token.named:
            parts.marks.add("all")
        if _are_rooms(said, position):
            parts.marks.add("rooms")
        return True
    if token.has("color"):
        return False
    if token.has("toomuch", "toolittle") and _is_wish(said, position):
        return _wish(parts, token)
    if token.text == "的" and _is_scope(said, position):
        parts.marks.add("scope")
    if token.senses.get("act") == "lit" and parts.groups[-1]:
        parts.groups[-1].add("light")  # "the kitchen light up a bit"
        parts.ups.add(1)
        return True
    if token.has("act") and not _is_preposition(said, position, token):
        parts.acts.add(token.senses["act"])
        parts.marks |= {"all"} & token.senses.keys()
        return True
    if token.has("conj") and _begins_command(said, position):
        return False
    lists = token.has("conj") or (token.text == "," and _names_next(said, position))
    after = any(t.atoms or t.has("here") for t in said[position + 1 :])
    if lists and after and (parts.groups[-1] or "here" in parts.marks):
        _close_group(parts)
        return True
    return _signal(parts, token) or token.has(*_PASSED, "conj") or bool(token.atoms)


def _close_group(parts: _Parts) -> None:
    """Begin another thing; "here" belongs to the one before it: "here and the hall"."""
    if "here" in parts.marks:
        parts.marks.remove("here")
        parts.groups[-1].add(HERE)
    parts.groups.append(set())


def _is_modifier(said: Sequence[Token], position: int) -> bool:
    """Tell whether a colour belongs to the name after it: "the green bedroom"."""
    return position + 1 < len(said) and bool(said[position + 1].atoms)


def _is_owner(said: Sequence[Token], position: int) -> bool:
    """Tell whether a plural is a possessive without its sign: "sannes lamp" is one lamp."""
    strange = all(atom.startswith("=") for atom in said[position].atoms)
    return strange and _is_modifier(said, position)


def _are_rooms(said: Sequence[Token], position: int) -> bool:
    """Tell whether several rooms are meant: "the bedrooms", "every room", "所有卧室"."""
    token, after = said[position], said[position + 1 : position + 2]
    if not lexicon().places.issuperset(token.atoms):
        return False
    counted = bool(position) and said[position - 1].has("all")
    english = token.text.isascii()
    return token.plural or (counted and not (english and after and after[0].atoms))


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
    return any(t.atoms == ("light",) and not t.named for t in said[position + 1 : position + 2])


def _is_wish(said: Sequence[Token], position: int) -> bool:
    """Tell whether a verb makes a wish of a complaint: "it's cold", but "make it cold"."""
    return said[position].text.startswith("it ") and position > 0 and said[position - 1].has("verb")


def _wish(parts: _Parts, token: Token) -> bool:
    """Note which way a temperature is wished; "make it dark" may mean lamps or blinds."""
    warm = token.senses.get("toomuch") == "temperature"
    if not warm and token.senses.get("toolittle") != "temperature":
        return False
    parts.quantities.add("temperature")
    parts.ups.add(1 if warm else -1)
    return True


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
    amount = read_amount(parts.numbers, said, moved=bool(parts.ups))
    if act is None or amount is None or len(parts.ups) > 1 or len(parts.quantities) > 1:
        return None
    number, absolute = amount
    if number is not None and number.unit and act == "off" and _is_taken_off(said):
        parts.ups.add(-1)
        act, absolute = "", False
    to = any(token.has("to") and not token.has("act") for token in said)
    if number is not None and not number.unit and act in _ENDING and not to:
        return None
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
    elif number is not None and not sign and act in WAYS:
        sign, act = WAYS[act], ""  # "close it by a fifth"
    scale = 0.5 if "half_scale" in parts.marks else 2.0 if "double" in parts.marks else 0.0
    if scale and number is not None:
        return None
    if scale and act == "off":
        act = ""  # "cut it in half"
    levels = [name for name in ("max", "min", "half") if name in parts.marks]
    if len(levels) > 1:
        return None
    if len(parts.groups) > 1 and not parts.groups[-1] and "here" in parts.marks:
        parts.marks.remove("here")
        parts.groups[-1].add(HERE)
    groups = tuple(frozenset(group) for group in parts.groups if group)
    return Frame(
        act=act,
        quantity=quantity,
        sign=sign,
        scale=scale,
        amount=number,
        level="".join(levels),
        color=parts.found.get("color", ""),
        kelvin=int(parts.found.get("white", "0")),
        mode=parts.found.get("mode", ""),
        slight="bit" in parts.marks and "total" not in parts.marks,
        complaint=complaint,
        groups=groups,
        plural=parts.plural,
        marks=frozenset(parts.marks),
        spared=spared,
        paired=_paired(said),
        pointed=_pointed(said),
    )


def _is_taken_off(said: Sequence[Token]) -> bool:
    """Tell whether "off" says less: "take five degrees off", "knock 10 percent off the volume"."""
    return any(t.text in _TAKING for t in said)


def _paired(said: Sequence[Token]) -> frozenset[str]:
    """Return the concepts of the plural noun after "both": "in both libraries", "两个卧室"."""
    rest = iter(said)
    noun = next((t for t in rest if t.has("pair")), None) and next(
        (t for t in rest if t.atoms), None
    )
    plural = noun is not None and (noun.plural or not noun.text.isascii())
    return frozenset(noun.atoms) if noun is not None and plural else frozenset()


_TAKING = frozenset({"take", "taking", "knock", "shave"})
_ENDING = frozenset({"off", "turn_close"})
"""Verbs that a bare number does not go with: it is part of a name that is not known."""


def _pointed(said: Sequence[Token]) -> frozenset[str]:
    """Return the concepts of the noun after "this": "this bathroom", "这个会议室"."""
    pairs = (after.atoms for token, after in pairwise(said) if token.text in _THIS)
    return frozenset(next(pairs, ()))
