"""What several verbs in one command come to: "pause" and "stop", "打开" and "静音"."""

from __future__ import annotations

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
    frozenset({"turn_open", "mow"}): "mow",
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


def one_act(acts: set[str]) -> str | None:
    """Return what the verbs come to, None when they contradict each other."""
    if len(acts) < 2:
        return next(iter(acts), "")
    return _ALIKE.get(frozenset(acts))
