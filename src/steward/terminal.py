"""What the terminal shows: tables and progress bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table
from rich.text import Text

from steward.plan.explain import Asked, Deed, Explanation, Stretch
from steward.plan.owner.aliases import by_id
from steward.types import Entity, Risk, Taught, World

if TYPE_CHECKING:
    from steward.audio.diary import Entry as Wakened
    from steward.lab.doctor import Finding


def world_table(world: World) -> Table:
    """Return `world` as a table, area by area in the order of the home."""
    floors = {floor.id: floor.name for floor in world.floors}
    places = [(area.id, area.name, floors.get(area.floor or "", "")) for area in world.areas]
    title = f"{len(world.entities)} entities in {len(world.areas)} areas"
    if world.as_of is not None:
        title += f", not all as they are now: a part cannot be reached since {world.as_of:%H:%M}"
    table = Table(title=title)
    for heading in ("area", "entity", "name", "state"):
        table.add_column(heading)
    for area, name, floor in [*places, (None, "no area", "")]:
        place = f"{name} ({floor})" if floor else name
        for entity in (e for e in world.entities if e.area == area):
            names = " · ".join((entity.name, *entity.aliases[:1]))
            table.add_row(place, entity.id, names, _state(entity))
            place = ""
    return table


def found_table(world: World) -> Table:
    """Return how many things of each kind stand in each area of `world`."""
    table = Table(title=f"{len(world.entities)} entities in {len(world.areas)} areas")
    table.add_column("area")
    table.add_column("what is there", overflow="fold")
    for area, name in [*((area.id, area.name) for area in world.areas), (None, "no area")]:
        kinds = Counter(entity.domain for entity in world.entities if entity.area == area)
        if area is not None or kinds:
            table.add_row(name, ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    return table


def _state(entity: Entity) -> Text:
    text = entity.state + (f" {entity.unit}" if entity.unit else "")
    at = entity.attributes
    for key, form in (
        ("current_position", "{} %"),
        ("temperature", "{} °"),
        ("percentage", "{} %"),
        ("volume_level", "volume {}"),
    ):
        if at.get(key) is not None:
            text += f", {form.format(at[key])}"
    lively = entity.state in {"on", "open", "unlocked", "playing", "cleaning", "heat", "cool"}
    return Text(text, style="green" if lively else "")


def findings_table(findings: Sequence[Finding]) -> Table:
    """Return what the doctor found, a row a part, with the fix under what is wrong."""
    table = Table(title="steward doctor")
    for heading in ("", "part", "what was seen"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        mark = Text("ok", "green") if finding.ok else Text("BAD", "bold red")
        seen = Text(finding.seen)
        if finding.hint:
            seen.append(f"\nhint: {finding.hint}", "cyan")
        table.add_row(mark, finding.part, seen)
    return table


def evaluation_table(report: Mapping[str, Any]) -> Table:
    """Return the figures of an evaluation, as `lab.evaluate.report.report` gives them."""
    times = " · ".join(f"{p} {report[f'{p}_ms']} ms" for p in ("p50", "p90", "p99"))
    table = Table(title=f"{report['passed']} of {report['total']} right; {times}")
    for heading in ("by", "", "total", "right", "%", "wrong", "declined", "amiss"):
        table.add_column(heading, justify="left" if heading in ("by", "") else "right")
    for part, groups in report["by"].items():
        for name, n in groups.items():
            share = f"{100 * n['passed'] / max(1, n['total']):.1f}"
            counts = [str(n[key]) for key in ("wrong", "declined", "unanswered")]
            table.add_row(part, name, str(n["total"]), str(n["passed"]), share, *counts)
            part = ""
        table.add_section()
    return table


def words_table(words: Sequence[Taught], world: World) -> Table:
    """Return what the owner taught, a row a word, with the names of what is meant."""
    table = Table(title=f"{len(words)} words of yours")
    for heading in ("when you say", "", "it means"):
        table.add_column(heading, overflow="fold")
    for word in words:
        thing = by_id(word.meaning, world) if word.kind == "name" else None
        gone = Text("something that is gone", "red") if word.kind == "name" else Text(word.meaning)
        table.add_row(Text(word.phrase), word.kind, Text(thing.name) if thing else gone)
    return table


def diary_table(entries: Sequence[Wakened]) -> Table:
    """Return what woke him, a row a wake, numbered as `steward wake diary --false` takes it."""
    table = Table(title=f"{len(entries)} wakes")
    for heading in ("", "when", "word", "sure", "", "sound"):
        table.add_column(heading, overflow="fold")
    for number, entry in enumerate(entries, 1):
        marked = Text("false", "red") if entry.false else Text()
        when = entry.when.strftime("%Y-%m-%d %H:%M:%S")
        sure = f"{entry.sure:.2f}"
        table.add_row(str(number), when, entry.word, sure, marked, Text(str(entry.file)))
    return table


def examples_table(examples: Sequence[Mapping[str, Any]]) -> Table:
    """Return the owner's corrections, a row each: what was said, done, and meant."""
    table = Table(title=f"{len(examples)} corrections of yours")
    for heading in ("", "time", "said", "done", "meant"):
        table.add_column(heading, overflow="fold")
    for each in examples:
        done, meant = ("\n".join(_call(deed) for deed in each[key]) for key in _LABELS)
        said = f"{each['text']}\n{each['correction']}"
        table.add_row(str(each["id"]), str(each["time"]), Text(said), Text(done), Text(meant))
    return table


_LABELS = ("wrong", "right")


def _call(deed: Mapping[str, Any]) -> str:
    values = [f"{key}={value}" for key, value in deed["arguments"].items()]
    return " ".join((str(deed["capability"]), *values))


def explained(found: Explanation) -> RenderableType:
    """Return `found` for reading: first what would be done and why, then the view of each stage."""
    heard = Text(f"heard as {found.plain!r} ({found.language})", style="dim")
    if found.leans:
        heard.append(f"; may lean on a turn before: {', '.join(found.leans)}")
    return Group(
        Text(found.summary, style="bold"),
        Text(found.reason),
        heard,
        _cascade(found.stages, found.threshold),
        *_unasked(found),
        *(part for stretch in found.stretches for part in _stretch(stretch)),
    )


def _unasked(found: Explanation) -> tuple[Text, ...]:
    told = "it would be asked next, could only answer with words, and is not asked here"
    return tuple(Text(f"{stage}: {told}", style="dim") for stage in found.unasked)


def _cascade(stages: Sequence[Asked], threshold: float) -> Table:
    table = Table(title=f"the cascade: a plan needs {threshold:.2f}", title_justify="left")
    for heading in ("asked", "answered", "confidence"):
        table.add_column(heading)
    for asked in stages:
        answered = f"{asked.kind}: {asked.gap}" if asked.gap else asked.kind
        table.add_row(asked.stage, answered, f"{asked.confidence:.2f}")
    return table


def _stretch(stretch: Stretch) -> tuple[Table, Table]:
    views = Table(title=f"read by itself: {stretch.text}", title_justify="left")
    for heading in ("", "stage", "would", "confidence"):
        views.add_column(heading, overflow="fold")
    for view in stretch.views:
        mark = Text("→", "green") if view.stage == stretch.chosen else Text()
        told = Text("\n").join(_deed(deed) for deed in view.deeds)
        if view.gap:
            told = Text(f"{view.gap} {view.about}".strip(), "dim")
        if view.intents:
            told.append(f"\n{', '.join(view.intents)}", "dim")
        sure = "" if view.gap else f"{view.confidence:.2f}"
        views.add_row(mark, view.stage, told, sure)
    words = Table(show_header=False, box=None)
    for word, senses in stretch.words:
        words.add_row(f"  {word}", Text(", ".join(senses), "dim") if senses else Text("?", "red"))
    for each in stretch.candidates:
        fits = "whole name" if each.wholly else f"by {', '.join(each.words)}"
        words.add_row(f"  {each.name}", Text(f"{each.id}, {fits}", "cyan"))
    if stretch.others:
        words.add_row("", Text(f"and {stretch.others} more", "dim"))
    return views, words


def _deed(deed: Deed) -> Text:
    values = " ".join(f"{key}={value}" for key, value in deed.arguments.items())
    text = Text(" ".join(filter(None, (deed.capability, ", ".join(deed.names), values))))
    if deed.risk is Risk.GUARDED:
        text.append(" (asks first)", "yellow")
    return text


@contextmanager
def counting(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar for `total` things; yields a callback that takes how many are done."""
    with Progress(console=console) as bars:
        task = bars.add_task(what, total=total)
        yield lambda done: bars.update(task, completed=done)


@contextmanager
def steps(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each step of some work; yields a callback: its name, done, of how many."""
    with Progress(console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def on_step(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done)

        yield on_step


@contextmanager
def progress(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each thing that is fetched.

    Yields a callback that takes its name, the bytes done and the bytes in all.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), Remaining())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def on_progress(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=total)

        yield on_progress
