"""What a label of the trained reader says, in words that the reading by parts knows.

The reader cannot name a thing: it says what is wanted and which words of the sentence matter. The
sentence is then read again with these words alone, so that whatever comes of it is of this home.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from steward.plan.parts.atoms import Token
from steward.thinking import Reading

_ACTS = (
    *("on", "off", "open", "close", "stop", "lock", "unlock", "play", "pause", "next"),
    *("previous", "mute", "unmute", "clean", "dock", "mow"),
)
_QUANTITIES = ("brightness", "volume", "temperature", "speed", "position", "humidity")
_STATES = ("on", "off", "open", "closed", "locked", "unlocked")
_FORMS: Mapping[str, Mapping[str, str]] = {
    "one": {},
    "any": {"any": ""},
    "all": {"all": ""},
    "which": {"which": ""},
    "count": {"count": ""},
}


def _senses() -> dict[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {act: {"act": act} for act in _ACTS}
    found["lit"] = {"toolittle": "light"}
    for quantity in _QUANTITIES:
        found[f"{quantity} +"] = {"quantity": quantity, "up": ""}
        found[f"{quantity} -"] = {"quantity": quantity, "down": ""}
        found[f"{quantity} ="] = {"quantity": quantity, "to": ""}
    found |= {"color =": {"to": ""}, "white =": {"to": ""}, "mode =": {"to": ""}}
    for state in _STATES:
        for form, senses in _FORMS.items():
            found[f"ask {state} {form}"] = {"state": state, **senses}
    found |= {f"ask {topic}": {"topic": sense} for topic, sense in _TOPICS.items()}
    found |= {f"ask {topic}": {"extreme": sense} for topic, sense in _EXTREMES.items()}
    found |= {
        "ask cleaning": {"state": "cleaning"},
        "ask home": {"state": "home"},
        "ask occupied": {"state": "occupied"},
        "ask list count": {"topic": "list", "count": ""},
        **{label: {"state": "detected"} for label in _ALARMS},
    }
    return found


_TOPICS = {
    "playing": "playing",
    "temperature": "degree",
    "humidity": "humidity",
    "co2": "carbon_dioxide",
    "pm25": "pm25",
    "battery": "battery",
    "power": "power",
    "energy": "energy",
    "pressure": "pressure",
    "target": "set",
    "volume": "volume",
    "weather": "weather",
    "forecast": "high",
    "rain": "rain",
    "calendar": "calendar",
    "when": "when",
    "list": "list",
    **{name: name for name in ("illuminance", "brightness", "position", "mode")},
}
_EXTREMES = {
    "hottest": "temperature max",
    "coldest": "temperature min",
    "dampest": "humidity max",
    "driest": "humidity min",
    "emptiest": "battery min",
}
_ALARMS = {"ask leak": "leak", "ask smoke": "smoke"}
SENSES = _senses()
"""What the word says that stands for a label; labels that are not here are not acted upon."""

ASKING = frozenset(label for label in SENSES if label.startswith("ask "))
"""Labels of questions."""

_DIARY = frozenset({"ask when", "ask calendar", "ask list", "ask list count"})
"""Questions about what somebody has written: any word may be a part of it."""
_PLACING = frozenset({"in", "on", "at", "from", "inside", "在"})
_ARTICLES = frozenset({"the", "my", "our", "a", "an"})
_OF = frozenset({"的", "里", "里面", "里的", "上", "上面", "那边"})

_UNITS = ("percent", "degree", "kelvin")
_SCOPES = ("here", "all", "everything", "home", "others", "half", "max", "min", "bit")
_MUCH = ("number", "share", "double", "half_scale")
_CONTENT = ("color", "white", "mode", "day", "share", "number")


def canonical(
    label: str, text: str, said: Sequence[Token], reading: Reading
) -> tuple[tuple[Token, ...], float]:
    """Return the words that matter, after one that stands for `label`, and how sure they are.

    `said` are the words of `text`. What names an exception stands last, after
    a word that says so. The sureness is that of the tag least sure, 0 to 1.
    """
    kept: list[Token] = []
    spared: list[Token] = []
    sure = 1.0
    for index, token in enumerate(said):
        after = said[index + 1].start if index + 1 < len(said) else len(text)
        end = token.start + len(text[token.start : after].rstrip())
        drop, keep, spare, _ = _mean(reading.tags[token.start : end])
        content = bool(token.atoms) or token.has(*_CONTENT) or not token.known
        if content:
            sure = min(sure, max(drop, keep, spare))
            if spare > max(drop, keep):
                if spared and said[index - 1].has("conj"):
                    spared.append(said[index - 1])
                spared.append(token)
            elif keep > drop:
                kept.append(token)
        elif token.has(*_SCOPES) or _is_unit(token, said[index - 1] if index else None, kept):
            kept.append(token)
    words = (Token(label, 0, SENSES[label]), *kept)
    if label in _ALARMS:
        words = (*words, Token(_ALARMS[label], 0, {"noun": ""}, (_ALARMS[label],)))
    if spared:
        words = (*words, Token("except", len(text), {"except": ""}), *spared)
    return words, sure


def _is_unit(token: Token, before: Token | None, kept: Sequence[Token]) -> bool:
    return token.has(*_UNITS) and before is not None and bool(kept) and kept[-1] is before


def _mean(rows: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


def overlooked(label: str, said: Sequence[Token], words: Sequence[Token]) -> Token | None:
    """Return the first of the words `said` that `words` leave out although it says what is meant.

    That is how much, a name of this home, a place or a thing after "in the", and a strange word
    before a noun that fits many; for an act on nothing named, any strange word, or the first one
    where none says what is wanted.
    """
    kept = {id(token) for token in words}
    acting = "act" in SENSES[label] or label not in ASKING
    which = set(_SCOPES) - {"bit"}
    bare = acting and not any(token.atoms or token.has(*which) for token in words[1:])
    if bare and not any(_says(label, token) for token in said):
        return said[0]
    for position, token in enumerate(said):
        if id(token) in kept:
            continue
        named = token.named and bool(token.atoms) and (token.text.isascii() or len(token.text) > 1)
        if acting and token.has(*_MUCH) and not token.has("fill"):
            return token
        if acting and (named or (not token.known and (bare or _qualifies(said, position, kept)))):
            return token
        strange = not token.known or (bool(token.atoms) and not token.has(*_SCOPES, "act"))
        if strange and label not in _DIARY and _is_placed(said, position):
            return token
    return None


def _says(label: str, token: Token) -> bool:
    """Tell whether a word says by itself what `label` wants: "pause", "stuffy"."""
    quantity, act = (SENSES[label].get(kind, "") for kind in ("quantity", "act"))
    if act:
        return token.senses.get("act") == act and not token.has("weak")
    return quantity in token.senses.values()


def _is_placed(said: Sequence[Token], position: int) -> bool:
    before = position - 1
    while before >= 0 and said[before].text in _ARTICLES:
        before -= 1
    return before >= 0 and said[before].text in _PLACING


def _qualifies(said: Sequence[Token], position: int, kept: Collection[int]) -> bool:
    """Tell whether a strange word stands before a noun that was kept: "the zorb lamp"."""
    after = next(
        (token for token in said[position + 1 :] if token.known and token.text not in _OF), None
    )
    return after is not None and id(after) in kept and bool(after.atoms) and not after.named
