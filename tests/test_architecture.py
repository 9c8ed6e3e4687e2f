"""The shape of the code: who may import whom, how long things are, what is documented."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "steward"
MODULES = sorted(SOURCE.rglob("*.py"))
PYTHON = sorted(p for d in ("src", "tests", "bench", "docs") for p in (ROOT / d).rglob("*.py"))
MIDDLE = {"audio", "speech", "models", "plan", "home", "skills"}
BELOW = {
    "types": set[str](),
    "errors": {"types"},
    "config": {"types", "errors", "thinking"},
    "events": {"types", "thinking"},
    "lazy": set[str](),
    "hearing": {"types"},
    "thinking": set[str](),
    "statefile": {"errors"},
    **{
        part: {"types", "errors", "config", "events", "hearing", "thinking", "statefile"}
        for part in MIDDLE
    },
    "audit": {"types", "errors", "events", "thinking", "statefile", "outgoing"},
    "outgoing": {"types", "errors", "events", "statefile"},
    "persona": {"errors", "config", "plan"},
    "rehearsal": {"types", "errors", "events", "plan"},
    "tiers": {
        *("types", "errors", "config", "events", "thinking", "lazy", "pairing", "models", "plan")
    },
    "wiring": {
        "types",
        "tiers",
        "audit",
        "rehearsal",
        "persona",
        "config",
        "events",
        "hearing",
        "thinking",
        "lazy",
        "pairing",
        *MIDDLE,
    },
    "butler": {"types", "errors", "events", "hearing", "wiring", "plan", "skills"},
    "lab": {"types", "errors", "config", "events", "thinking", "wiring", "butler", *MIDDLE},
    "wyoming": {"types", "errors"},
    "pairing": {"types", "errors", "statefile"},
    "satellite": {"types", "errors", "hearing", "wyoming", "pairing", "audio", "speech"},
    "serve": {
        "wyoming",
        "pairing",
        "types",
        "persona",
        "errors",
        "audit",
        "outgoing",
        "config",
        "events",
        "hearing",
        "lazy",
        "thinking",
        "statefile",
        "butler",
        *MIDDLE,
    },
    "terminal": {"types", "lab", *MIDDLE},
    "cli": {
        "types",
        "tiers",
        "audit",
        "outgoing",
        "errors",
        "config",
        "events",
        "hearing",
        "terminal",
        "wiring",
        "butler",
        "persona",
        "serve",
        "satellite",
        "pairing",
        "lab",
        *MIDDLE,
    },
    "__init__": set[str](),
}
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_BUTLER_LINES = 300


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> list[str]:
    """Names of our own modules that `tree` imports, as dotted paths below `steward`."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            names += [f"{module}.{alias.name}" for alias in node.names]
    return [name.removeprefix("steward.") for name in names if name.startswith("steward.")]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_go_one_way(path: Path) -> None:
    part = part_of(path)
    allowed = BELOW[part] | {part}
    for name in imported(ast.parse(path.read_text())):
        target = name.split(".")[0]
        if target.startswith("__"):
            continue
        assert target in allowed, f"{part} must not import {target}"


def test_no_cycles() -> None:
    graph: dict[str, set[str]] = {}
    names = {".".join(p.relative_to(SOURCE).with_suffix("").parts) for p in MODULES}
    for path in MODULES:
        here = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        found = imported(ast.parse(path.read_text()))
        graph[here] = {
            target
            for name in found
            for target in (name, name.rpartition(".")[0])
            if target in names and target != here
        }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"cycle: {' -> '.join((*path, name))}"
        if name not in done:
            for target in sorted(graph[name]):
                visit(target, (*path, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text()
    limit = MAX_BUTLER_LINES if path == SOURCE / "butler.py" else MAX_FILE_LINES
    assert len(text.splitlines()) <= limit
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"


def public_definitions(tree: ast.Module) -> list[ast.AST]:
    found: list[ast.AST] = [tree]
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_"):
                continue
            found.append(node)
            if isinstance(node, ast.ClassDef):
                found += [
                    child
                    for child in node.body
                    if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
                    and not child.name.startswith("_")
                ]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_public_names_are_documented(path: Path) -> None:
    for node in public_definitions(ast.parse(path.read_text())):
        assert isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        name = getattr(node, "name", path.name)
        assert ast.get_docstring(node), f"{name} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_nothing_is_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            raises = any(isinstance(child, ast.Raise) for child in ast.walk(node))
            assert not broad or raises, f"line {node.lineno} swallows every error"


def test_tracked_files_stay_small_and_free_of_leftovers() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        file = ROOT / name
        if file.is_file():
            assert file.stat().st_size <= 45_000_000, f"{name} is too large"
        if file.suffix in {".py", ".md", ".toml", ".js", ".html", ".css"} and "vendor" not in name:
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"\b(TO" + "DO|FIX" + r"ME)\b", text), f"{name} has a leftover"
