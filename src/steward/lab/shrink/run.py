"""Shrinking from one end to the other: check, pack, measure, write."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import to_jsonable_python

from steward.config import Config
from steward.errors import UserError
from steward.lab.evaluate.cases import read_sets
from steward.lab.fit.device import Device
from steward.lab.shrink.choices import read_set
from steward.lab.shrink.folder import load_folder
from steward.lab.shrink.model import F16, Weights, check_space, file_size, load
from steward.lab.shrink.quantise import LENGTH, OnStep, Quantise, refuse, tried
from steward.lab.shrink.report import HELD, Asked, Done, Parent, Report, report
from steward.lab.shrink.sensitivity import matrices
from steward.lab.shrink.target import Target
from steward.lab.shrink.text import Window, divide, read_texts, spread, windows
from steward.lab.shrink.work import digest
from steward.models.ahead.network import Network
from steward.models.disk import sha256, writing

_MEASURED = 8
"""Windows of each text that the report is made on."""
_UNKNOWN = "unknown: see where the parent came from"


@dataclass(frozen=True)
class Request:
    """What is wanted.

    The `model` is a GGUF file, or a folder of Hugging Face's; `wish` is the target on the `device`,
    which is this machine where `here`. `texts` are the owner's, `held` more to measure on; `sets`
    are of multiple choice, `homes` the butler's; `out` is the new file. `config` is the butler's:
    under its cache is kept what is found on the way.
    """

    model: Path
    wish: Target
    device: Device
    here: bool
    texts: Sequence[Path]
    held: Sequence[Path]
    sets: Sequence[Path]
    homes: Sequence[Path]
    out: Path
    config: Config
    threads: int = 0


def shrink(request: Request, on: OnStep) -> Report:
    """Write the smaller model to `out`, and its report beside it as JSON.

    The same request, started again after an interruption, goes on and ends with the same file.

    Raises:
        UserError: the target cannot be reached, or texts or `out` cannot be right.
        ModelError: the model is damaged or unknown, or there is no room.
    """
    check_free(request.out)
    weights = load_folder(request.model) if request.model.is_dir() else load(request.model)
    refuse(weights, request.wish, request.device)
    own_texts = read_texts(request.texts)
    more = {path.stem: read_texts([path]) for path in request.held}
    for folder in request.sets:
        read_set(folder)
    read_sets(request.homes)
    if request.model.is_file():
        divide(windows(Network(request.model), own_texts, LENGTH), _MEASURED)
        _windows(request.model, more)
    whole = file_size(weights, dict.fromkeys(matrices(weights), F16))
    # The original in F16, a copy of it that is changed, and two mixtures of at most half its size.
    check_space(request.config.paths.cache / "shrink" / "original.gguf", 3 * whole)
    check_space(request.out, request.wish.bytes or whole)
    step = Quantise(own_texts, request.wish, request.device, request.threads)
    parent = _sum(request.model)
    folder = request.config.paths.cache / "shrink" / digest(parent, own_texts, step.cores)
    small = step.run(weights, folder, on)
    exact = folder / "original.gguf"
    texts = {HELD: spread(step.divided(exact).held, _MEASURED), **_windows(exact, more)}
    asked = Asked(
        parent=Parent(weights.name, _licence(weights), parent),
        before=exact if request.model.is_dir() else request.model,
        exact=exact,
        small=step.own(folder) / "chosen.gguf",
        texts=texts,
        sets=request.sets,
        homes=request.homes,
        config=request.config,
        wish=request.wish,
        device=request.device,
        here=request.here,
        threads=step.cores,
    )
    recipe = (Done(step.name, {**step.settings, "types": _types(small)}),)
    found = report(asked, request.out.stem, tried(step.own(folder)), recipe, on)
    _deliver(asked.small, request.out, found)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def check_free(out: Path) -> None:
    """Refuse to write over what is no report that an interruption left behind.

    Raises:
        UserError: the file is there, or one beside it that its report would replace.
    """
    hint = "remove it, or name another file with --out"
    if out.exists():
        raise UserError(f"{out} is there already", hint=hint)
    beside = out.with_suffix(".json")
    try:
        said = json.loads(beside.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        said = None
    if not isinstance(said, dict) or not {"parent", "recipe", "sha256"} <= said.keys():
        raise UserError(f"{beside} is there already", hint=hint)


def _deliver(small: Path, out: Path, found: Report) -> None:
    """Put the report and the model where they are wanted, each whole or not at all."""
    said = json.dumps(to_jsonable_python(found), ensure_ascii=False, indent=1) + "\n"
    new = out.with_name(out.name + ".new")
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(small, new)
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        draft = out.with_name(out.stem + ".json.new")
        draft.write_text(said, encoding="utf-8")
        # The report first: who sees the model finds it there.
        draft.replace(out.with_suffix(".json"))
        new.replace(out)


def _windows(exact: Path, texts: Mapping[str, Sequence[str]]) -> dict[str, Sequence[Window]]:
    network = Network(exact)
    found: dict[str, Sequence[Window]] = {}
    for name, some in texts.items():
        cut = windows(network, some, LENGTH)
        if not cut:
            raise UserError(f"the text {name} is too short", hint="name one of a page at least")
        found[name] = spread(cut, _MEASURED)
    return found


def _sum(model: Path) -> str:
    """Return the SHA-256 of a file, or that of the names and sums of a folder's files."""
    if model.is_file():
        return sha256(model)
    files = sorted(path for path in model.iterdir() if path.is_file())
    lines = "".join(f"{sha256(path)}  {path.name}\n" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _licence(weights: Weights) -> str:
    entry = weights.entries.get("general.license")
    return str(entry.value) if entry is not None and entry.value else _UNKNOWN


def _types(small: Weights) -> str:
    """Return how many matrices have which type: "Q8_0 12, IQ4_NL 200"."""
    counts: dict[str, int] = {}
    for name in matrices(small):
        kind = small.kind(name).name
        counts[kind] = counts.get(kind, 0) + 1
    return ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
