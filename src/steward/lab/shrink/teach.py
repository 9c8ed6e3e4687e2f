"""Let a larger model answer questions and say why, so that a small one can learn from both."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path

from steward.errors import UserError
from steward.lab.shrink.lessons import Example
from steward.models.disk import writing
from steward.thinking import Generation, LanguageModel, Message

_ASKED = {
    False: "Give the reason in one short sentence after “Reason:”, then on a new line the answer "
    "alone, as short as can be, after “Answer:”.",
    True: "先在“理由：”后面用一句短话说明理由，再另起一行，在“答案：”后面只写答案，越短越好。",
}
_ANSWER = re.compile(
    r"(?:reason|理由)\s*[:：]\s*(?P<reason>.+?)\s*\n\s*\**(?:answer|答案)\s*[:：]\s*(?P<answer>.+)",
    re.IGNORECASE | re.DOTALL,
)
_CHINESE = re.compile(r"[㐀-鿿]")
_LONGEST = 200
"""Tokens of a reason and an answer."""


async def teach(
    model: LanguageModel, questions: Sequence[str], out: Path, on: Callable[[int, int], None]
) -> int:
    """Ask each question that `out` has no answer to yet, and append what came as a line of JSON.

    Returns how many answers did not have the form that was asked for, and were left out.

    Raises:
        UserError: `out` holds something else.
        PeerError: the model cannot be reached.
        ModelError: the disk is full.
    """
    known = _kept(out)
    wrong = 0
    for at, question in enumerate(questions, 1):
        if question not in known:
            said = await _said(model, question)
            found = read(question, said)
            if found is None:
                wrong += 1
            else:
                line = json.dumps(asdict(found), ensure_ascii=False) + "\n"
                with writing(out), out.open("a", encoding="utf-8") as file:
                    file.write(line)
        on(at, len(questions))
    return wrong


def read(question: str, said: str) -> Example | None:
    """Return the example in what a model said, None where it is not in the form asked for."""
    found = _ANSWER.search(said)
    if found is None:
        return None
    reason, answer = (found[name].strip(" *\n") for name in ("reason", "answer"))
    return Example(question, answer, reason) if reason and answer else None


async def _said(model: LanguageModel, question: str) -> str:
    task = _ASKED[bool(_CHINESE.search(question))]
    options = Generation(max_tokens=_LONGEST, scored=False)
    messages = (Message("system", task), Message("user", question))
    async with aclosing(model.generate(messages, options)) as answer:
        return "".join([token.text async for token in answer])


def _kept(out: Path) -> set[str]:
    """Return the questions that are answered; half a line, of a run that was killed, is removed."""
    if not out.exists():
        return set()
    text = out.read_text(encoding="utf-8", errors="replace")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        with writing(out):
            out.write_text(whole, encoding="utf-8")
    try:
        return {str(json.loads(line)["question"]) for line in whole.splitlines() if line.strip()}
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{out} holds no examples", hint="name another file with --out") from error
