"""Timers of the home that a sentence names: "start the egg timer for six minutes"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from steward.plan.parts.atoms import joined_atoms, tokens
from steward.plan.parts.choose import Scene
from steward.plan.templates.acts import Draft, entity_ids
from steward.plan.templates.resolve import Step
from steward.plan.timing.times import read_time

START = "timer.start"
_FORMS: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(
        r"^(?:(?:set|put) )?(?P<head>.*\btimer),? (?:(?:going|running),? )?(?:(?:for|to|at) )?"
        r"(?P<length>.+?)(?:,? (?:please|go|start))*$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "^(?P<head>.*(?:计时器|定时器|倒计时|计时|[Tt]imer))"
        "(?:计时|设[为成定到]?|[定调][到成为]?|开|启动|跑|[来弄]个?)?[,，、 ]*"
        "(?P<length>\\d[^,，]*?)"
        "(?:[,，、 ]*(?:开始|启动)(?:吧|计时)?)?$"
    ),
}
_STARTING = {"en": "start {}", "zh": "启动{}"}
_BEGUN = re.compile("^(?:把|将|给|让|用|请)+")


def timed(text: str, language: str) -> Iterator[tuple[str, int]]:
    """Yield ways to start what the plain `text` names, each with how many seconds it shall run."""
    form = _FORMS.get(language.partition("-")[0])
    found = form.match(text) if form else None
    if found is None:
        return
    english = language.startswith("en")
    said = f"in {found['length']}" if english else f"{found['length']}后"
    time = read_time(said, language)
    seconds = time.when.get("after") if time is not None and not time.rest else None
    if not isinstance(seconds, int):
        return
    yield found["head"], seconds
    bare = _BEGUN.sub("", found["head"])
    yield _STARTING["en" if english else "zh"].format(bare), seconds


def lasting(step: Step, seconds: int) -> Step:
    """Return the step that starts a timer, with how long it shall run."""
    draft, meaning = step
    minutes, rest = divmod(seconds, 60)
    length = f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
    arguments = {**draft.arguments, "duration": length}
    return Draft(draft.capability, arguments, draft.slots), meaning


def is_named(text: str, step: Step, scene: Scene) -> bool:
    """Tell whether `step` is about one timer of this home whose whole name `text` says.

    "The timer" alone, and "the kitchen timer" where only the room is called so, are the butler's.
    """
    draft, _ = step
    meant = [t for t in scene.things if t.entity.id in entity_ids(draft)]
    said = joined_atoms(tokens(text, scene.world))
    return len(meant) == 1 and any(name <= said and name - {"timer"} for name in meant[0].names)
