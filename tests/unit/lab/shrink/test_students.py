"""`steward prune` and `steward distil`, from the command to files that llama.cpp runs."""

from __future__ import annotations

import json
from pathlib import Path

import decoders
import pytest
from typer.testing import CliRunner

from steward.cli import app
from steward.errors import UserError
from steward.lab.shrink.model import load, write
from steward.models.ahead.network import Network

pytest.importorskip("jax", reason="needs the extra train")

from steward.lab.shrink.lessons import Example, lesson_of, read_examples

TEXT = "turn on the heater of the hall, then turn off the fan in the kitchen. " * 40


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model, a text, and a cache of its own."""
    config = tmp_path / "config.toml"
    config.write_text(f'[paths]\ncache = "{tmp_path / "cache"}"\n')
    monkeypatch.chdir(tmp_path)
    write(decoders.model("llama", layers=3), tmp_path / "m.gguf")
    (tmp_path / "notes.txt").write_text(TEXT)
    return tmp_path


def run(*words: str) -> str:
    """Run the command; return what it prints."""
    found = CliRunner().invoke(app, ["--config", "config.toml", *words])
    if found.exception is not None:
        raise found.exception
    return found.stdout


def test_a_model_is_pruned_and_taught_by_what_it_was(folder: Path) -> None:
    pruning = ("prune", "m.gguf", "--texts", "notes.txt", "--out", "few.gguf", "--json")
    parts = ("--layers", "1", "--neurons", "0.3", "--heads", "1", "--groups", "1", "--words")
    told = json.loads(run(*pruning, *parts, "--zeros", "wanda", "--share", "0.1"))
    assert told["after"]["parameters"] < told["before"]["parameters"]
    few = load(folder / "few.gguf")
    assert few.entries["llama.block_count"].value == 2
    assert few.entries["llama.attention.head_count"].value == 1
    small = Network(folder / "few.gguf")
    assert small.size < len(decoders.vocabulary())
    learning = ("distil", "few.gguf", "--teacher", "m.gguf", "--texts", "notes.txt")
    recipe = ("--steps", "3", "--batch", "2", "--hidden", "0.5", "--rate", "0.003", "--soft", "0.5")
    more = ("--out", "taught.gguf", "--bits", "4", "--temperature", "1.5", "--seed", "3", "--json")
    (folder / "why.jsonl").write_text('{"question": "hot?", "answer": "no", "reason": "off"}\n')
    figures = json.loads(run(*learning, *recipe, *more, "--examples", "why.jsonl"))
    assert len(figures["curve"]) == 3
    assert figures["recipe"]["bits"] == 4
    assert figures == json.loads((folder / "taught.curve.json").read_text())
    assert load(folder / "taught.gguf").kind("blk.0.ffn_up.weight").name == "Q4_0"
    assert Network(folder / "taught.gguf").size == small.size
    assert not list((folder / "cache" / "shrink").iterdir())


def test_the_table_shows_what_it_cost_and_how_it_learnt(folder: Path) -> None:
    assert "perplexity" in run(
        "prune", "m.gguf", "--texts", "notes.txt", "--out", "few.gguf", "--layers", "1"
    )
    said = run(
        *("distil", "few.gguf", "--texts", "notes.txt", "--out", "taught.gguf"),
        *("--steps", "2", "--batch", "2"),
    )
    assert "loss" in said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--out", "few.gguf"), "nothing is to be left out"),
        (("--out", "few.gguf", "--layers", "3"), "3 of 3 layers"),
        (("--out", "few.bin", "--layers", "1"), "no name of a model"),
        (("--out", "m.gguf", "--layers", "1"), "is there already"),
    ],
)
def test_impossible_wishes_are_refused_at_once(
    words: tuple[str, ...], why: str, folder: Path
) -> None:
    with pytest.raises(UserError, match=why):
        run("prune", "m.gguf", "--texts", "notes.txt", *words)
    assert sorted(path.name for path in folder.glob("*.gguf")) == ["m.gguf"]


def test_too_little_text_is_refused(folder: Path) -> None:
    (folder / "notes.txt").write_text("turn on the light")
    with pytest.raises(UserError, match="too"):
        run("prune", "m.gguf", "--texts", "notes.txt", "--out", "few.gguf", "--layers", "1")


def test_only_answers_and_reasons_of_examples_count(folder: Path) -> None:
    network = Network(folder / "m.gguf")
    lesson = lesson_of(network, [Example("hot?", "no", "it is off"), Example("on?", "yes")], 32)
    assert len(lesson.rows) == 3
    said = [
        b"".join(network.piece(int(token)) for token in row[counts > 0]).decode()
        for row, counts in zip(lesson.rows, lesson.counts, strict=True)
    ]
    assert said == ["no", "it is off", "yes"]
    with pytest.raises(UserError, match="tokens"):
        lesson_of(network, [Example("?" * 40, "no")], 32)


@pytest.mark.parametrize(
    "line", ["no json", "[1]", '{"question": "a"}', '{"question": 1, "answer": 2}']
)
def test_a_line_that_is_no_example_is_refused(line: str, tmp_path: Path) -> None:
    path = tmp_path / "why.jsonl"
    path.write_text('{"question": "a", "answer": "b"}\n\n' + line)
    with pytest.raises(UserError, match="line 3"):
        read_examples(path)
