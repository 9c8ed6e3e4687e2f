"""Whether a thing is there: what it, its bridge and its last will say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from steward.home.mqtt import templates
from steward.home.mqtt.thing import Thing


@dataclass(frozen=True, slots=True)
class Signal:
    """A topic that says whether a thing is there, and in which words."""

    topic: str
    template: str | None
    yes: str
    no: str


def signals(thing: Thing) -> tuple[Signal, ...]:
    """Return the topics that say whether `thing` is there; none means that it always is."""
    config = thing.config
    yes = str(config.get("payload_available", "online"))
    no = str(config.get("payload_not_available", "offline"))
    if (topic := thing.text("availability_topic")) is not None:
        return (Signal(topic, thing.text("availability_template"), yes, no),)
    listed = config.get("availability")
    found = []
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping) and isinstance(topic := each.get("topic"), str):
            template = each.get("value_template")
            found.append(
                Signal(
                    topic,
                    template if isinstance(template, str) else None,
                    str(each.get("payload_available", "online")),
                    str(each.get("payload_not_available", "offline")),
                )
            )
    return tuple(found)


def said(signal: Signal, payload: str) -> bool | None:
    """Return what `payload` says; None where it says neither.

    Raises:
        ValueError: the signal's template fails.
    """
    text = templates.value(signal.template, payload)
    return True if text == signal.yes else False if text == signal.no else None


def available(thing: Thing, heard: Mapping[str, bool], last: bool) -> bool:
    """Tell whether `thing` is there, by what was `heard` on each topic; `last` came latest."""
    listed = signals(thing)
    if not listed:
        return True
    each = [heard.get(signal.topic, False) for signal in listed]
    mode = thing.config.get("availability_mode", "latest")
    if mode == "all":
        return all(each)
    return any(each) if mode == "any" else last
