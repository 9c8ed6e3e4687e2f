"""Schemes of decoding against plain llama.cpp, on three kinds of work, in the same run.

    python bench/schemes.py --work FOLDER [--draft GGUF] [--seconds 45] [--threads 1]
    python bench/schemes.py --work FOLDER --timed "tool calls" [--prompts 20]
    python bench/schemes.py --work FOLDER --publish

Each prompt goes through llama.cpp's own server with its defaults, through our loop one token at a
time (the plain model's choices), and through each scheme, one after the other; the prompt but for
its last token has been computed before, for all. What differs from the plain choices is scored
again: how much better the plain model finds its own token there. What was found is kept in FOLDER,
so that a run may last `--seconds` and go on later. Only `--timed` measures times, of one work on a
machine that does nothing else: each scheme has a process of its own, one after the other, for the
threads of several would be in each other's way, and llama.cpp's own defaults most of all.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from results import busy, publish, table
from steward.config import Config
from steward.models.ahead.decode import Count, Decoder, Wish
from steward.models.ahead.gbnf import lark_of
from steward.models.ahead.guess import Guesser, Quotes, Repeats, Smaller, shared
from steward.models.ahead.network import Network, Past
from steward.models.ahead.rules import Rules, Vocabulary
from steward.models.ahead.template import prompt_of
from steward.models.store import Store
from works import WORKS, Task

MODEL = ("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
CONTEXT = 2048
SPINS = "300000"
NOTE = (
    "Checked are prompts whose text is compared with the plain choices, by our own loop one token "
    "at a time; where it differs, a tie is at most 0.05 logits apart, and more is wrong. What "
    "llama.cpp's server answers is timed and not compared."
)
SERVER, MAP, PLAIN = "llama.cpp", "llama.cpp, n-gram map", "one by one"
JUMP, REPEATS, QUOTES = "jump-ahead", "repeats", "jump-ahead, quotes"
DRAFT = "draft model"
TIE = 0.05
"""Logits: what float noise of other batch shapes moves. Measured: see the table."""


@dataclass(frozen=True)
class Answer:
    """What one scheme made of one prompt; `gap` is in logits, where it differs from plain."""

    work: str
    prompt: int
    scheme: str
    seconds: float
    text: str
    tokens: tuple[int, ...] = ()
    gap: float | None = None
    computed: int = 0
    guessed: int = 0
    right: int = 0
    ended: int = 0
    timed: bool = False


class Bench:
    """Schemes on one model: those in `only`, or all of our own."""

    def __init__(self, path: Path, draft: Path | None, threads: int, only: str | None) -> None:
        self.network = Network(path)
        self.vocabulary = Vocabulary(self.network)
        self.cores = threads or psutil.cpu_count(logical=False) or 1
        kinds = {SERVER: "NONE", MAP: "NGRAM_MAP_K"}
        self.servers = {only: server(path, kinds[only])} if only in kinds else {}
        made: dict[str, tuple[list[Guesser], bool]] = {
            PLAIN: ([], False),
            JUMP: ([], True),
            REPEATS: ([Repeats(3, 6)], False),
            QUOTES: ([Quotes(self.network)], True),
        }
        if draft is not None:
            smaller = Past(Network(draft), context=CONTEXT, threads=self.cores)
            made[DRAFT] = ([Smaller(smaller, 3)], False)
        self.decoders = {
            name: Decoder(self.past(), guessers, forced=forced)
            for name, (guessers, forced) in made.items()
            if only in (None, name)
        }

    def past(self) -> Past:
        """Return an empty past."""
        return Past(self.network, context=CONTEXT, threads=self.cores)

    def answers(self, work: str, number: int, task: Task) -> list[Answer]:
        """Return what each scheme answers."""
        found = [self._server(name, work, number, task) for name in self.servers]
        prompt = self.network.tokenize(
            prompt_of(self.network.template, task.messages).encode(), special=True
        )
        # Without a grammar nothing is forced, and both are the same.
        names = [
            name for name in self.decoders if task.options.grammar or not name.startswith(JUMP)
        ]
        made = [self._own(name, work, number, task, prompt) for name in names]
        if PLAIN not in self.decoders:
            return found + made
        return found + [self._scored(each, made[0], prompt) for each in made]

    def _own(self, name: str, work: str, number: int, task: Task, prompt: list[int]) -> Answer:
        decoder, grammar = self.decoders[name], task.options.grammar
        rules = None if grammar is None else Rules(self.vocabulary, lark_of(grammar))
        for _ in decoder.answer(prompt, Wish(1)):
            pass
        decoder.past.keep(len(prompt) - 1)
        decoder.count = Count()
        start = time.perf_counter()
        tokens = tuple(
            each.token for each in decoder.answer(prompt, Wish(task.options.max_tokens), rules)
        )
        seconds = time.perf_counter() - start
        text = b"".join(map(self.network.piece, tokens)).decode(errors="replace")
        return Answer(work, number, name, seconds, text, tokens, **asdict(decoder.count))

    def _scored(self, answer: Answer, plain: Answer, prompt: list[int]) -> Answer:
        if answer.text == plain.text:
            return answer
        at = shared(answer.tokens, plain.tokens)
        past = self.decoders[PLAIN].past
        past.keep(len(prompt) - 1)
        for token in (*prompt[-1:], *plain.tokens[:at]):
            past.compute([token], [True])
        scores = past.scores(0)
        ends = self.network.end
        mine = answer.tokens[at] if at < len(answer.tokens) else ends
        its = plain.tokens[at] if at < len(plain.tokens) else ends
        gap = abs(float(scores[its] - scores[mine]))
        return Answer(**{**asdict(answer), "gap": gap})

    def _server(self, name: str, work: str, number: int, task: Task) -> Answer:
        request: dict[str, Any] = {
            "messages": [asdict(message) for message in task.messages],
            "max_tokens": 1,
            "temperature": 0,
            "cache_prompt": True,
        }
        asked(self.servers[name], request)
        request["max_tokens"] = task.options.max_tokens
        if task.options.grammar is not None:
            request["grammar"] = task.options.grammar
        start = time.perf_counter()
        answer = asked(self.servers[name], request)
        seconds = time.perf_counter() - start
        text = answer["choices"][0]["message"]["content"] or ""
        return Answer(work, number, name, seconds, text)


def server(path: Path, scheme: str) -> Any:
    """Return llama.cpp's server with its own defaults, and one slot."""
    import xllamacpp

    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(path)
    chosen.n_ctx, chosen.n_parallel, chosen.verbosity = CONTEXT, 1, -1
    chosen.fit_params = chosen.ui = False
    kinds = xllamacpp.common_speculative_type
    chosen.speculative.types = [getattr(kinds, f"COMMON_SPECULATIVE_TYPE_{scheme}")]
    return xllamacpp.Server(chosen)


def asked(server: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Return the server's whole answer."""
    heard: list[Any] = []

    def hear(chunk: Any) -> bool:
        heard.append(chunk)
        return False

    server.handle_chat_completions(json.dumps(request), hear)
    last = heard[-1][0] if isinstance(heard[-1], list) else heard[-1]
    answer: dict[str, Any] = json.loads(last) if isinstance(last, str) else last
    return answer


def check(bench: Callable[[], Bench], file: Path, prompts: int, seconds: float) -> None:
    """Answer prompts that have no answers yet, for at most `seconds`."""
    done = {(each.work, each.prompt) for each in read(file) if not each.timed}
    tasks = {work: make() for work, make in WORKS.items()}
    # One work after the other: the prompts of one begin alike, and are computed once.
    todo = [
        (work, number) for work in tasks for number in range(prompts) if (work, number) not in done
    ]
    made, end = bench() if todo else None, time.monotonic() + seconds
    for work, number in todo:
        if made is None or time.monotonic() > end:
            break
        write(file, made.answers(work, number, tasks[work][number]))


def clock(bench: Callable[[], Bench], file: Path, prompts: int, work: str) -> None:
    """Time the first `prompts` of `work`."""
    made = bench()
    for number, task in enumerate(WORKS[work]()[:prompts]):
        write(file, [replace(each, timed=True) for each in made.answers(work, number, task)])


def write(file: Path, answers: Sequence[Answer]) -> None:
    """Append `answers` to what was kept."""
    with file.open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(answer)) + "\n" for answer in answers)


def read(file: Path) -> list[Answer]:
    """Return what was kept."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return [Answer(**{**json.loads(line), "tokens": ()}) for line in lines]


def summed(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Return a row for each work and scheme."""
    base = {
        (each.work, each.prompt): each.seconds
        for each in answers
        if each.timed and each.scheme == SERVER
    }
    kinds = dict.fromkeys((work, each.scheme) for work in WORKS for each in answers)
    found = [
        (work, scheme, [each for each in answers if (each.work, each.scheme) == (work, scheme)])
        for work, scheme in kinds
    ]
    return [row(work, scheme, mine, base) for work, scheme, mine in found if mine]


def row(
    work: str, scheme: str, answers: Sequence[Answer], base: dict[tuple[str, int], float]
) -> dict[str, Any]:
    """Return the figures of one scheme; `base` has the seconds of plain llama.cpp."""
    timed = [each for each in answers if each.timed]
    ratios = [base[each.work, each.prompt] / each.seconds for each in timed]
    # Times are taken of one scheme a process, with no plain choices to compare with.
    checked = [] if scheme in (SERVER, MAP, PLAIN) else [e for e in answers if not e.timed]
    gaps = [each.gap for each in checked if each.gap is not None]
    guessed, batches = sum(e.guessed for e in answers), sum(e.computed for e in answers)
    tokens = batches + sum(each.right + each.ended for each in answers)
    return {
        "work": work,
        "scheme": scheme,
        "timed": len(timed),
        "median_ms": round(1000 * statistics.median(e.seconds for e in timed)) if timed else None,
        "speed": round(statistics.median(ratios), 2) if ratios else None,
        "right": round(sum(e.right for e in answers) / guessed, 3) if guessed else None,
        "tokens_a_batch": round(tokens / batches, 2) if batches else None,
        "checked": len(checked) or None,
        "ties": sum(gap <= TIE for gap in gaps) if checked else None,
        "wrong": sum(gap > TIE for gap in gaps) if checked else None,
        "largest_gap": round(max(gaps, default=0.0), 4) if checked else None,
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--draft", type=Path)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--timed", choices=WORKS)
    parser.add_argument("--only", help="the scheme of this process")
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    file = given.work / "schemes.jsonl"
    path = Store(Config().paths.cache).file(*MODEL)
    bench = partial(Bench, path, given.draft, given.threads, given.only)
    if given.publish:
        tell(summed(read(file)))
    elif given.only:
        clock(bench, file, given.prompts, given.timed)
    elif given.timed:
        free = given.timed != "tool calls"
        own = [PLAIN, REPEATS] if free else [PLAIN, JUMP, QUOTES]
        for name in (SERVER, MAP, *own, *([DRAFT] if given.draft else [])):
            command = [sys.executable, *sys.argv, "--only", name]
            # As OpenMP waits by itself, for all of them.
            environment = {**os.environ, "GOMP_SPINCOUNT": SPINS}
            subprocess.run(command, check=True, env=environment)
    else:
        check(bench, file, given.prompts, given.seconds)


def tell(rows: list[dict[str, Any]]) -> None:
    """Write the table."""
    columns = {
        "work": "work",
        "scheme": "scheme",
        "ms an answer": "median_ms",
        "times llama.cpp": "speed",
        "guesses right": "right",
        "tokens a batch": "tokens_a_batch",
        "checked": "checked",
        "ties": "ties",
        "wrong": "wrong",
    }
    cells = [["-" if row[key] is None else row[key] for key in columns.values()] for row in rows]
    body = table(list(columns), cells) + f"\n\n{NOTE}{busy()}"
    publish("schemes", "Schemes of decoding", {"rows": rows}, body)


if __name__ == "__main__":
    main()
