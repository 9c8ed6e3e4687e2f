from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tiny_weights

from steward.errors import UserError
from steward.lab.shrink import model
from steward.lab.shrink.choices import LETTERS, prompt, read_set, score
from steward.lab.shrink.scores import log_shares
from steward.models.ahead.network import Network, Past

ROW = ["What is one and one?", "two", "three", "four", "five", "A"]


def write(path: Path, *rows: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def test_the_layouts_of_mmlu_ceval_and_cmmlu_are_read(tmp_path: Path) -> None:
    write(tmp_path / "mmlu" / "test" / "plain_sums_test.csv", ROW, ROW)
    write(tmp_path / "mmlu" / "dev" / "plain_sums_dev.csv", ROW)
    heads = ["id", "question", "A", "B", "C", "D", "answer", "explanation"]
    write(tmp_path / "ceval" / "val" / "law_val.csv", heads, ["0", *ROW, "since"])
    write(tmp_path / "ceval" / "test" / "law_test.csv", heads[:-2], ["0", *ROW[:-1]])
    write(tmp_path / "cmmlu" / "test" / "law.csv", ["", "Question", *"ABCD", "Answer"], ["0", *ROW])
    asked, examples = read_set(tmp_path / "mmlu")
    assert [each.subject for each in asked + examples] == ["plain_sums"] * 3
    for name in ("ceval", "cmmlu"):
        (found,), none = read_set(tmp_path / name)
        assert (found.subject, found.text, found.answer) == ("law", ROW[0], "A")
        assert found.options == tuple(ROW[1:5])
        assert none == ()


def test_wrong_sets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no questions"):
        read_set(tmp_path)
    write(tmp_path / "test" / "x.csv", [*ROW[:-1], "E"])
    with pytest.raises(UserError, match="no question"):
        read_set(tmp_path)
    (tmp_path / "test" / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot read"):
        read_set(tmp_path)


def test_a_question_is_written_as_the_harness_writes_it(tmp_path: Path) -> None:
    write(tmp_path / "test" / "plain_sums_test.csv", ROW)
    write(tmp_path / "dev" / "plain_sums_dev.csv", [*ROW[:-1], "C"])
    (question,), examples = read_set(tmp_path)
    head = "The following are multiple choice questions (with answers) about plain sums.\n\n"
    body = "What is one and one?\nA. two\nB. three\nC. four\nD. five\nAnswer:"
    assert prompt(question, []) == head + body
    assert prompt(question, examples) == f"{head}{body} C\n\n{body}"


def test_the_likeliest_letter_is_the_answer(tmp_path: Path) -> None:
    """Marks each question by what the model itself finds likeliest: all are right then."""
    path = tmp_path / "m.gguf"
    model.write(tiny_weights.weights("qwen3", layers=2), path)
    write(tmp_path / "test" / "x_test.csv", *([f"{n}?", *"wxyz", "A"] for n in range(5)))
    questions, _ = read_set(tmp_path)
    network = Network(path)
    rows = []
    for question in questions:
        context = network.tokenize(prompt(question, []).encode())
        found = []
        for letter in LETTERS:
            tokens = network.tokenize(f"{prompt(question, [])} {letter}".encode())
            past = Past(network, context=256, threads=1, batch=256)
            past.compute(tokens, [True] * len(tokens))
            shares = log_shares(np.stack([past.scores(n) for n in range(len(tokens))]))
            places = range(len(context), len(tokens))
            found.append(sum(float(shares[n - 1, tokens[n]]) for n in places))
        rows.append([question.text, *"wxyz", LETTERS[int(np.argmax(found))]])
    write(tmp_path / "test" / "x_test.csv", *rows)
    told = score(path, tmp_path, threads=1, shots=0, most=4, on=lambda *_: None)
    assert (told.questions, told.share, told.error) == (4, 1.0, 0.0)
