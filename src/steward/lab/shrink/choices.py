"""Multiple-choice sets in the layout of MMLU, C-Eval and CMMLU, scored by likelihood.

As the lm-evaluation-harness does (https://github.com/EleutherAI/lm-evaluation-harness): the letter
that the model finds likeliest after the question is its answer. A set is a folder with CSV files:
`test/` or `val/`, and examples in `dev/`; MMLU's have no headings.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np

from steward.errors import UserError
from steward.lab.shrink.scores import log_shares
from steward.models.ahead.network import Network, Past

LETTERS = ("A", "B", "C", "D")
_BATCH = 64
_HINT = "give a folder with test/ or val/, with CSV files of question, A, B, C, D, answer"


@dataclass(frozen=True)
class Question:
    """A question of a `subject` with its four options and the letter of the right one."""

    subject: str
    text: str
    options: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Score:
    """The share of `questions` that were answered rightly, with its standard error."""

    name: str
    questions: int
    share: float
    error: float


def read_set(folder: Path) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Return the questions of a set, and the examples that may stand before them.

    Raises:
        UserError: the folder has no such files, or one has other columns.
    """
    asked = next((part for part in ("test", "val") if _rows(folder / part)), None)
    if asked is None:
        raise UserError(f"{folder} has no questions with answers", hint=_HINT)
    return _rows(folder / asked), _rows(folder / "dev")


def prompt(question: Question, examples: Sequence[Question]) -> str:
    """Return what the model reads before it answers; examples are those of the subject."""
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in question.text)
    subject = question.subject.replace("_", " ")
    head = (
        f"以下是中国关于{subject}的单项选择题，请选出其中的正确答案。\n\n"
        if chinese
        else f"The following are multiple choice questions (with answers) about {subject}.\n\n"
    )
    mark = "答案：" if chinese else "Answer:"
    shown = [f"{_asked(each)}{mark} {each.answer}\n\n" for each in examples]
    return f"{head}{''.join(shown)}{_asked(question)}{mark}"


def score(
    path: Path,
    folder: Path,
    *,
    threads: int,
    shots: int,
    most: int,
    on: Callable[[int, int], None],
) -> Score:
    """Let a model answer at most so many questions, evenly taken, after `shots` examples each.

    Raises:
        UserError: the folder is no such set.
        ModelError: the model cannot be run, or a question is too long for it.
    """
    questions, examples = read_set(folder)
    count = min(most, len(questions))
    chosen = [questions[at * len(questions) // count] for at in range(count)]
    network = Network(path)
    begin = network.tokenize(b"", special=True)[:1]
    prompts = []
    for question in chosen:
        before = [each for each in examples if each.subject == question.subject][:shots]
        text = prompt(question, before)
        context = begin + network.tokenize(text.encode())
        answers = [
            (begin + network.tokenize(f"{text} {letter}".encode()))[len(context) :]
            for letter in LETTERS
        ]
        prompts.append((context, answers))
    room = max(len(context) + max(map(len, answers)) for context, answers in prompts)
    past = Past(network, context=room, threads=threads, batch=_BATCH)
    right = 0
    for done, (question, (context, answers)) in enumerate(zip(chosen, prompts, strict=True)):
        likely = [_likelihood(past, context, answer) for answer in answers]
        right += LETTERS[int(np.argmax(likely))] == question.answer
        on(done + 1, count)
    share = right / count
    return Score(folder.name, count, share, sqrt(share * (1 - share) / count))


def _likelihood(past: Past, context: Sequence[int], answer: Sequence[int]) -> float:
    """Return the logarithm of the share of `answer` after `context`."""
    total = 0.0
    tokens = [*context, *answer]
    # The last token of the context is computed anew: its logits are those of the last call.
    same = next(
        (n for n, (a, b) in enumerate(zip(past.tokens, tokens, strict=False)) if a != b),
        min(len(past.tokens), len(tokens)),
    )
    at = min(same, len(context) - 1)
    past.keep(at)
    while at < len(tokens) - 1:
        end = min(at + _BATCH, len(tokens) - 1)
        past.compute(tokens[at:end], [place >= len(context) - 1 for place in range(at, end)])
        for place in range(max(at, len(context) - 1), end):
            row = log_shares(past.scores(place - at)[None])[0]
            total += float(row[tokens[place + 1]])
        at = end
    return total


def _asked(question: Question) -> str:
    options = zip(LETTERS, question.options, strict=True)
    return f"{question.text.strip()}\n" + "".join(f"{a}. {text}\n" for a, text in options)


def _rows(folder: Path) -> tuple[Question, ...]:
    found: list[Question] = []
    for path in sorted(folder.glob("*.csv")):
        subject = path.stem
        for suffix in ("_test", "_val", "_dev"):
            subject = subject.removesuffix(suffix)
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.reader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UserError(f"cannot read {path}: {error}", hint=_HINT) from error
        found += [_question(path, subject, row) for row in _columns(rows)]
    return tuple(question for question in found if question.answer)


def _columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return question, options and answer of each row, by the headings or by their order."""
    if not rows:
        return []
    headings = [heading.strip().lower() for heading in rows[0]]
    wanted = ["question", "a", "b", "c", "d"]
    if not set(wanted) <= set(headings):
        return [list(row) for row in rows]
    places = [headings.index(name) for name in wanted]
    if "answer" not in headings:
        return []
    places.append(headings.index("answer"))
    return [[row[at] if at < len(row) else "" for at in places] for row in rows[1:]]


def _question(path: Path, subject: str, row: Sequence[str]) -> Question:
    if len(row) != len(LETTERS) + 2 or row[-1].strip().upper() not in (*LETTERS, ""):
        raise UserError(f"{path} has a row that is no question: {row!r:.80}", hint=_HINT)
    return Question(subject, row[0], tuple(row[1:5]), row[5].strip().upper())
