"""`steward fit`: which model this machine, or another device, can carry, and how fast."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from steward.cli.console import AsJson, log, out, print_json
from steward.errors import UserError

if TYPE_CHECKING:
    from steward.lab.fit.choose import Candidate, Wish
    from steward.lab.fit.device import Device
    from steward.lab.fit.prediction import Prediction, Range
    from steward.lab.fit.settings import Settings
    from steward.models.shape import Shape

_PREFIXES = ("", "k", "m", "g", "t")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([kmgt]?)(i?)b?(?:/s)?", re.IGNORECASE)
_SHOWN = 20
_DEVICES = 5


def fit(
    context: typer.Context,
    models: Annotated[
        list[str] | None,
        typer.Argument(help="Files, addresses, hf:OWNER/REPOSITORY, or names: qwen3-0.6b."),
    ] = None,
    device: Annotated[str, typer.Option(help='Another device: "pi 5", "rtx 3060".')] = "",
    bandwidth: Annotated[str, typer.Option(help="Its memory's, if not listed: 68GB/s.")] = "",
    memory: Annotated[str, typer.Option(help="Its size, or at most this much: 8GB.")] = "",
    tokens: Annotated[int, typer.Option("--context", min=1, help="Room in tokens.")] = 2048,
    prompt: Annotated[int, typer.Option(min=1, help="Tokens of a question.")] = 512,
    answer: Annotated[int, typer.Option(min=1, help="Tokens of an answer.")] = 128,
    kv: Annotated[str, typer.Option(help="Type of the KV cache: F16, Q8_0, Q4_0.")] = "F16",
    batch: Annotated[int, typer.Option(min=1, help="Prompt tokens computed at once.")] = 128,
    threads: Annotated[int, typer.Option(min=0, help="0: the physical cores.")] = 0,
    gpu: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of the layers on a graphics card.")
    ] = None,
    draft: Annotated[str, typer.Option(help="A smaller model that proposes tokens.")] = "",
    kind: Annotated[str, typer.Option("--quant", help="Quantisation of a named model.")] = "Q4_K_M",
    choose: Annotated[
        bool, typer.Option("--choose", help="Rank what meets the wishes below.")
    ] = False,
    quality: Annotated[float | None, typer.Option(min=0, help="Wish: published MMLU, %.")] = None,
    latency: Annotated[
        float | None, typer.Option(min=0, help="Wish: seconds to the first sound.")
    ] = None,
    speed: Annotated[float | None, typer.Option(min=0, help="Wish: tokens a second.")] = None,
    again: Annotated[bool, typer.Option("--probe", help="Measure this machine anew.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write it as a page to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Predict the memory and speed of models, on this machine or on another device."""
    from steward.cli.named import shape_named
    from steward.lab.fit.choose import Wish
    from steward.lab.fit.settings import Settings

    on = device_named(context.obj.paths, device, bandwidth, memory, again=again)
    settings = Settings(
        context=tokens,
        prompt=min(prompt, tokens),
        answer=answer,
        batch=batch,
        threads=threads,
        cache=_cache(kv),
        gpu=gpu,
        draft=shape_named(draft, kind) if draft else None,
    )
    wish = Wish(quality, latency, speed, round(size(memory)) if memory else None)
    # Of a device that is described, it is the size, and no wish.
    wished = choose or {quality, latency, speed} != {None} or (memory and not bandwidth)
    if html is not None:
        _write_page(html, on, models or (), settings, kind)
    elif models:
        _show_models(on, [shape_named(model, kind) for model in models], settings, as_json)
    elif wished:
        _show_choice(on, settings, wish, as_json)
    else:
        _show_all(on, settings, kind, as_json)


def size(text: str) -> float:
    """Return the bytes, or bytes/s, that "8GB", "16 GiB" or "68GB/s" say; raises UserError."""
    found = _SIZE.fullmatch(text.strip())
    if not found or not (number := float(found[1])):
        raise UserError(f"{text!r:.40} is no size", hint="write it as 8GB, or 68GB/s")
    base = 1024.0 if found[3] else 1000.0
    return number * base ** _PREFIXES.index(found[2].lower())


def _cache(kv: str) -> str:
    from steward.models.formats import BY_NAME

    known = ("F32", "F16", "BF16", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0", "IQ4_NL")
    if kv.upper() not in known or kv.upper() not in BY_NAME:
        raise UserError(f"no KV cache is of type {kv!r:.20}", hint=f"there are {', '.join(known)}")
    return kv.upper()


def device_named(paths: Any, name: str, bandwidth: str, memory: str, *, again: bool) -> Device:
    """Return the device that the options describe, or this machine; raises UserError."""
    if bandwidth:
        from steward.lab.fit.described import described

        return described(name, size(bandwidth), size(memory) if memory else None)
    if name:
        from steward.lab.fit.catalogue import find

        return find(name)
    from steward.lab.fit.probe import STEPS, this_machine
    from steward.models.store import Store

    with Progress(console=log, transient=True) as progress:
        task = progress.add_task("this machine", total=STEPS + 1)

        def on(what: str) -> None:
            progress.update(task, description=f"measuring {what}", advance=1)

        return this_machine(Store(paths.cache), paths.state, on, again=again)


def _write_page(
    file: Path, on: Device, models: Sequence[str], settings: Settings, kind: str
) -> None:
    from steward.cli.named import shape_named
    from steward.lab.fit.carries import candidate, carried, write
    from steward.lab.fit.page import render

    said = [candidate(shape_named(model, kind), on, settings) for model in models]
    write(render(on, said or tuple(carried(on, settings, kind)), settings), file)
    log.print(f"wrote {file}", highlight=False, markup=False, soft_wrap=True)


def _show_models(on: Device, shapes: list[Shape], settings: Settings, as_json: bool) -> None:
    from steward.lab.fit.predict import predict

    said = [
        (shape, predict(shape, on, replace(settings, context=min(settings.context, shape.context))))
        for shape in shapes
    ]
    if as_json:
        print_json(
            {"device": _device_json(on), "models": [_json(s.name, p) for s, p in said]},
        )
        return
    _show_device(on)
    for shape, predicted in said:
        out.print(_details(shape, predicted))


def _show_all(on: Device, settings: Settings, kind: str, as_json: bool) -> None:
    from steward.lab.fit.choose import listed

    every = listed(on, settings, kind)
    if as_json:
        print_json({"device": _device_json(on), "models": [_candidate_json(c) for c in every]})
        return
    _show_device(on)
    out.print(
        "Nine of ten figures lie between the two given; sound: the first of a spoken answer. "
        "GB: weights that are kept twice included; ✗: does not fit even if they are kept once."
    )
    out.print(_table(f"What it carries, in {kind}", every))


def _show_choice(on: Device, settings: Settings, wish: Wish, as_json: bool) -> None:
    from steward.lab.fit.choose import devices_for, ranked, shrink

    found = tuple(ranked(on, settings, wish))
    smaller = () if found else shrink(on, settings, wish)
    elsewhere: list[tuple[Device, Candidate]] = []
    if not found:
        from steward.lab.fit.catalogue import devices

        with log.status("Looking for a device that would do …"):
            elsewhere = list(devices_for(devices(), settings, wish))[:_DEVICES]
    if as_json:
        print_json(
            {
                "device": _device_json(on),
                "wish": asdict(wish),
                "models": [_candidate_json(each) for each in found],
                "smaller": [_candidate_json(each) for each in smaller],
                "devices": [
                    {"device": other.name, "price": other.price, **_candidate_json(best)}
                    for other, best in elsewhere
                ],
            }
        )
        return
    _show_device(on)
    if found:
        out.print(_table("What meets the wish, the best first", found[:_SHOWN]))
        return
    out.print("Nothing listed meets the wish on this device.")
    if smaller:
        out.print(_table("The nearest, with less quality", smaller[:_SHOWN]))
    for other, best in elsewhere:
        price = f"${other.price:,.0f}" if other.price else "price unknown"
        out.print(f"  {other.name} ({price}) would do: {best.member.name} in {best.kind}")


def _show_device(on: Device) -> None:
    free = f", {on.free / 1e9:.1f} GB free" if on.free is not None else ""
    out.print(
        f"[bold]{escape(on.name)}[/]: {on.bandwidth / 1e9:.1f} GB/s, "
        f"{on.arithmetic() / 1e9:,.0f} GFLOP/s, "
        f"{on.memory / 1e9:.1f} GB{free}, {on.cores} cores ({escape(on.source)})",
        highlight=False,
    )


def _table(title: str, rows: Sequence[Candidate]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("model", overflow="fold")
    for heading in ("as", "MMLU", "GB", "tokens/s", "reads/s", "sound, s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in rows:
        said = each.predicted
        style = "" if said.fits else "dim"
        table.add_row(
            each.member.name,
            each.kind,
            f"{each.member.mmlu:.0f}" if each.member.mmlu is not None else "?",
            f"{said.memory.total / 1e9:.1f}" + ("" if said.fits else " ✗"),
            _ends(said.decode),
            _ends(said.prefill),
            _ends(said.spoken),
            style=style,
        )
    return table


def _details(shape: Shape, said: Prediction) -> Table:
    table = Table(
        title=f"{escape(shape.name)}, {shape.parameters / 1e6:,.0f} M parameters", show_header=False
    )
    parts = said.memory
    rows = {
        "memory": _memory(said),
        "  weights": f"{parts.weights / 1e9:.2f} GB",
        "  KV cache": f"{parts.cache / 1e9:.3f} GB",
        "  buffers": f"{parts.buffers / 1e9:.3f} GB",
        "  process": f"{parts.overhead / 1e9:.3f} GB",
        "answers": _between(said.decode) + " tokens/s",
        "reads": _between(said.prefill) + " tokens/s",
        "first token": _between(said.first_token, " s"),
        "first sound": _between(said.spoken, " s"),
        "1,000 answers": _thousand(said),
        "battery": f"{said.battery:.1f} h of answers" if said.battery else "not known",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _memory(said: Prediction) -> str:
    total = f"{said.memory.total / 1e9:.2f} GB"
    if said.fits and said.memory.total > said.room:
        total += f", at least {said.needed / 1e9:.2f},"
    fits = "fits" if said.fits else "does not fit: what is read from disk is a hundredfold slower"
    return f"{total} of {said.room / 1e9:.2f} GB: {fits}"


def _thousand(said: Prediction) -> str:
    if said.joules is None:
        return "power not known"
    cost = f", ${said.cost:.3f}" if said.cost is not None else ""
    return f"{said.joules / 3.6e6:.3f} kWh{cost}"


def _between(figure: Range, unit: str = "") -> str:
    return f"{figure.likely:.3g}{unit} ({figure.low:.3g}-{figure.high:.3g})"


def _ends(figure: Range) -> str:
    low, high = (f"{float(f'{end:.2g}'):g}" for end in (figure.low, figure.high))
    return f"{low}-{high}"


def _device_json(on: Device) -> dict[str, object]:
    said = asdict(on)
    del said["aliases"]
    return said


def _json(name: str, said: Prediction) -> dict[str, object]:
    return {"model": name, **asdict(said), "total": said.memory.total}


def _candidate_json(each: Candidate) -> dict[str, object]:
    member = each.member
    return {
        **_json(member.name, each.predicted),
        "quantisation": each.kind,
        "family": member.family,
        "licence": member.licence,
        "mmlu": member.mmlu,
    }
