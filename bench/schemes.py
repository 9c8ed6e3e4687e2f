"""Schemes of decoding against plain llama.cpp, on three kinds of work, in the same run.

    python bench/schemes.py --work FOLDER [--heads FILE] [--draft GGUF] [--seconds 45] [--threads 1]
    python bench/schemes.py --work FOLDER --timed "tool calls" [--prompts 20]
    python bench/schemes.py --work FOLDER --costs
    python bench/schemes.py --work FOLDER --publish

Each prompt goes through llama.cpp's own server with its defaults, through our loop one token at a
time (the plain model's choices), and through each scheme, one after the other; the prompt but for
its last token has been computed before, for all. What differs from the plain choices is scored
again: how much better the plain model finds its own token there. llama.cpp's guesses are compared
with its own plain choices, and those with ours. What was found is kept in FOLDER, so that a run may
last `--seconds` and go on later. Only `--timed` measures times, of one work on a machine that does
nothing else: each scheme has a process of its own, one after the other, for the threads of several
would be in each other's way, and llama.cpp's own defaults most of all. `--costs` tells what a batch
costs beside a single token, and so how often a guess must be right to pay.
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
from steward.models.ahead.guess import Quotes, Repeats, Smaller, shared
from steward.models.ahead.heads import Heads, find_heads
from steward.models.ahead.network import Network, Past
from steward.models.ahead.rules import Rules, Vocabulary
from steward.models.ahead.template import prompt_of
from steward.models.disk import sha256
from steward.models.store import Store
from works import WORKS, Task

MODEL = ("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
CONTEXT = 2048
SPINS = "300000"
NOTE = (
    "Checked are prompts whose text is compared with the plain choices, by our own loop one token "
    "at a time; where it differs, a tie is at most 0.05 logits apart, and more is wrong. The map "
    "of llama.cpp is compared with llama.cpp, whose server computes the prompt in other pieces "
    "than our loop; this moves every score that follows, so there a tie is at most 0.25 apart."
)
SERVER, MAP, PLAIN = "llama.cpp", "llama.cpp, n-gram map", "one by one"
JUMP, REPEATS, QUOTES = "jump-ahead", "repeats", "jump-ahead, quotes"
HEADS, DRAFT = "jump-ahead, quotes, heads", "jump-ahead, quotes, draft model"
SURE = 0.8
"""From which chance of being right heads and a draft model guess."""
TIE = 0.05
"""Logits: what float noise of other batch shapes moves. Measured: see the table."""
OTHER_PROMPT = 0.25
"""Logits: the same two tokens after one prompt, computed in five ways, were -0.09 to 0.16 apart."""
COSTS = "costs.json"
BATCHES = (1, 2, 3, 4, 5, 6, 8, 12, 16)


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
    """Schemes on one model: the one in `only`, or all."""

    def __init__(
        self, path: Path, heads: Path | None, draft: Path | None, threads: int, only: str | None
    ) -> None:
        self.network = Network(path)
        self.scored = only is None
        self.vocabulary = Vocabulary(self.network)
        self.cores = threads or psutil.cpu_count(logical=False) or 1
        kinds = {SERVER: "NONE", MAP: "NGRAM_MAP_K"}
        self.servers = {
            name: server(path, kind, threads)
            for name, kind in kinds.items()
            if only in (None, name)
        }
        quotes = Quotes(self.network)
        made: dict[str, Callable[[], Decoder]] = {
            PLAIN: lambda: Decoder(self.past(), forced=False),
            JUMP: lambda: Decoder(self.past()),
            REPEATS: lambda: Decoder(self.past(), [Repeats(3, 6)], forced=False),
            QUOTES: lambda: Decoder(self.past(), [quotes]),
        }
        if heads is not None:
            with_states = self.past(states=True)
            trained = Heads(with_states, heads, SURE)
            made[HEADS] = lambda: Decoder(with_states, [quotes, trained])
        if draft is not None:
            smaller = Past(Network(draft), context=CONTEXT, threads=self.cores)
            drafting = Smaller(smaller, 3, SURE)
            made[DRAFT] = lambda: Decoder(self.past(), [quotes, drafting])
        self.decoders = {name: make() for name, make in made.items() if only in (None, name)}

    def past(self, *, states: bool = False) -> Past:
        """Return an empty past."""
        return Past(self.network, context=CONTEXT, threads=self.cores, states=states)

    def answers(self, work: str, number: int, task: Task) -> list[Answer]:
        """Return what each scheme answers."""
        prompt = self.network.tokenize(
            prompt_of(self.network.template, task.messages).encode(), special=True
        )
        # Without a grammar nothing is forced, and both are the same as one by one.
        same = () if task.options.grammar else (JUMP, QUOTES)
        names = [name for name in self.decoders if name not in same]
        found = [self._server(name, work, number, task, prompt) for name in self.servers]
        found += [self._own(name, work, number, task, prompt) for name in names]
        if not self.scored:
            return found
        by_name = {each.scheme: each for each in found}
        return [
            self._scored(each, by_name[SERVER if each.scheme == MAP else PLAIN], prompt)
            for each in found
        ]

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
        if answer.tokens == plain.tokens or answer.text == plain.text:
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

    def _server(self, name: str, work: str, number: int, task: Task, prompt: list[int]) -> Answer:
        request: dict[str, Any] = {
            "prompt": prompt,
            "max_tokens": 1,
            "temperature": 0,
            "cache_prompt": True,
        }
        asked(self.servers[name], request)
        request["max_tokens"] = task.options.max_tokens
        if task.options.grammar is not None:
            request["grammar"] = task.options.grammar
        if self.scored:
            # They come with the tokens, and cost time.
            request["logprobs"] = 1
        start = time.perf_counter()
        answer = asked(self.servers[name], request)
        seconds = time.perf_counter() - start
        choice, told = answer["choices"][0], answer["timings"]
        said = (choice["logprobs"] or {}).get("content", ())
        tokens = tuple(each["id"] for each in said if not self.network.is_end(each["id"]))
        drafted = {"guessed": told.get("draft_n", 0), "right": told.get("draft_n_accepted", 0)}
        return Answer(work, number, name, seconds, choice["text"], tokens, **drafted)


def server(path: Path, scheme: str, threads: int) -> Any:
    """Return llama.cpp's server with its own defaults, and one slot; `threads` 0: its default."""
    import xllamacpp

    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(path)
    chosen.n_ctx, chosen.n_parallel, chosen.verbosity = CONTEXT, 1, -1
    chosen.fit_params = chosen.ui = False
    if threads:
        chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = threads
    kinds = xllamacpp.common_speculative_type
    chosen.speculative.types = [getattr(kinds, f"COMMON_SPECULATIVE_TYPE_{scheme}")]
    return xllamacpp.Server(chosen)


def asked(server: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Return the server's whole answer."""
    heard: list[Any] = []

    def hear(chunk: Any) -> bool:
        heard.append(chunk)
        return False

    server.handle_completions(json.dumps(request), hear)
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


def costs(path: Path, file: Path, threads: int) -> None:
    """Measure what a batch of each size costs beside a single token, and write it."""
    cores = threads or psutil.cpu_count(logical=False) or 1
    past = Past(Network(path), context=CONTEXT, threads=cores)
    past.compute([1] * 100, [False] * 99 + [True])
    taken: dict[int, list[float]] = {size: [] for size in BATCHES}
    for size in BATCHES * 20:
        start = time.perf_counter()
        past.compute([1] * size, [True] * size)
        taken[size].append(time.perf_counter() - start)
        past.keep(100)
    least = {size: min(seconds) for size, seconds in taken.items()}
    found = {size: round(seconds / least[1], 2) for size, seconds in least.items()}
    file.write_text(json.dumps({"ms": 1000 * least[1], "batches": found}), encoding="utf-8")


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
    checked = [] if scheme == PLAIN else [each for each in answers if not each.timed]
    tie = OTHER_PROMPT if scheme in (SERVER, MAP) else TIE
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
        "ties": sum(gap <= tie for gap in gaps) if checked else None,
        "wrong": sum(gap > tie for gap in gaps) if checked else None,
        "largest_gap": round(max(gaps, default=0.0), 4) if checked else None,
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--heads", type=Path, help="without: those that steward tune would try")
    parser.add_argument("--draft", type=Path)
    parser.add_argument("--costs", action="store_true")
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--timed", choices=WORKS)
    parser.add_argument("--only", help="the scheme of this process")
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    file = given.work / "schemes.jsonl"
    store = Store(Config().paths.cache)
    path = store.file(*MODEL)
    heads = given.heads or find_heads(store.root.parent, sha256(path))
    bench = partial(Bench, path, heads, given.draft, given.threads, given.only)
    if given.costs:
        costs(path, given.work / COSTS, given.threads)
    elif given.publish:
        tell(summed(read(file)), given.work / COSTS)
    elif given.only:
        clock(bench, file, given.prompts, given.timed)
    elif given.timed:
        free = given.timed != "tool calls"
        own = [PLAIN, REPEATS] if free else [PLAIN, JUMP, QUOTES]
        own += [HEADS] * (heads is not None) + [DRAFT] * (given.draft is not None)
        for name in (SERVER, MAP, *own):
            command = [sys.executable, *sys.argv, "--only", name]
            # As OpenMP waits by itself, for all of them.
            environment = {**os.environ, "GOMP_SPINCOUNT": SPINS}
            subprocess.run(command, check=True, env=environment)
    else:
        check(bench, file, given.prompts, given.seconds)


def tell(rows: list[dict[str, Any]], costs: Path) -> None:
    """Write the table, and what batches cost if that was measured."""
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
    found = json.loads(costs.read_text(encoding="utf-8")) if costs.exists() else {}
    batches = found.get("batches", {})
    told = ", ".join(f"{size}: {times}" for size, times in batches.items())
    note = f"{NOTE} Times a single token that a batch costs: {told}." if told else NOTE
    body = table(list(columns), cells) + f"\n\n{note}{busy()}"
    publish("schemes", "Schemes of decoding", {"rows": rows, "batches": batches}, body)


if __name__ == "__main__":
    main()
