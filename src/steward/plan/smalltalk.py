"""Small talk: what is neither a command nor a question about the home, answered or declined.

The device's language model is far too small to be believed in what it writes, so it writes nothing
that is spoken. It goes on with a list of examples, in which small talk is marked "chat" and its
kind, and all else "other"; a grammar allows nothing but that. The probabilities that it gives to
"chat" and to the kind are the evidence, a logistic curve makes one calibrated confidence of them,
and below the threshold the answer is Unknown. The reply is one of the butler's own for the kind.
`bench/smalltalk.py` fits the curves and measures; `bench/LOG.md` tells what did not work.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from steward.plan.chat import EXAMPLES, KINDS, REPLIES
from steward.types import Generation, LanguageModel, Message, Plan, Unknown, Utterance, Words

STAGE = "smalltalk"
LONGEST: Mapping[str, int] = {"en": 60, "zh": 20}
"""Characters. Small talk is short; what is longer wants more than a set phrase."""

_CHAT = "chat"
_OTHER = "other"
_ENDINGS = " | ".join(f'"{kind}"' for kind in KINDS)
_OPTIONS = Generation(
    max_tokens=12, grammar=f'root ::= "{_CHAT} " kind | "{_OTHER}"\nkind ::= {_ENDINGS}'
)
_SYSTEM = (
    "If the sentence is small talk, write chat and its kind. If it is a question, an order or "
    "unclear, write other."
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_DIGIT = re.compile(r"\d")
_EDGES = " \t\r\n.,;:!?。，；：！？…\"'"
_SURE = 20.0
"""Log-odds are cut here: beyond, the arithmetic of float32 logits means nothing."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the model says of a sentence.

    `odds` are the log-odds of small talk against all else, `kind` the likeliest kind of it (empty
    when the model preferred "other"), `kind_logprob` the logarithm of the kind's probability given
    that it is small talk.
    """

    odds: float
    kind: str
    kind_logprob: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Evidence to probability: 1 / (1 + exp(-(odds x `odds` + kind x `kind_logprob` + bias)))."""

    odds: float
    kind: float
    bias: float
    threshold: float


CURVES: Mapping[str, Curve] = {
    "en": Curve(odds=1.0, kind=0.0, bias=0.0, threshold=0.9),
    "zh": Curve(odds=1.0, kind=0.0, bias=0.0, threshold=0.9),
}
"""By language: fitted by `bench/smalltalk.py --fit` on the calibration half of the labelled set."""


async def smalltalk(utterance: Utterance, model: LanguageModel) -> Plan:
    """Return Words when `utterance` is surely small talk, else Unknown.

    The confidence is the calibrated probability that the body is right. English and Chinese only:
    nothing was measured for others, so they are Unknown. The calibration holds for the default
    model; one without log-probabilities always leads to Unknown. Raises what the model raises.
    """
    text = normal(utterance.text)
    language = utterance.language or ("zh" if _HAN.search(text) else "en")
    if not text or len(text) > LONGEST.get(language, 0) or _DIGIT.search(text):
        return Plan(Unknown(), language, STAGE, 1.0)
    evidence = await ask(text, language, model)
    probability = calibrated(evidence, language)
    if not evidence.kind or probability < CURVES[language].threshold:
        return Plan(Unknown(), language, STAGE, 1.0 - probability)
    replies = REPLIES[language][evidence.kind]
    # By the sentence, so that the same sentence always makes the same plan.
    reply = replies[zlib.crc32(text.encode()) % len(replies)]
    return Plan(Words(reply), language, STAGE, probability)


def normal(text: str) -> str:
    """Return `text` as the examples are written: lower case, no punctuation at its ends."""
    return text.casefold().strip(_EDGES)


def calibrated(evidence: Evidence, language: str) -> float:
    """Return the probability, 0 to 1, that a sentence is small talk of the evidence's kind."""
    curve = CURVES[language]
    score = curve.odds * evidence.odds + curve.kind * evidence.kind_logprob + curve.bias
    return 1.0 / (1.0 + math.exp(-max(-_SURE * 5, min(_SURE * 5, score))))


def prompt(text: str, language: str) -> list[Message]:
    """Return the chat that ends in `text`; all before it never changes, so the model caches it."""
    messages = [Message("system", _SYSTEM)]
    for sentence, kind in EXAMPLES[language]:
        answer = f"{_CHAT} {kind}" if kind else _OTHER
        messages += [Message("user", sentence), Message("assistant", answer)]
    return [*messages, Message("user", text)]


async def ask(text: str, language: str, model: LanguageModel) -> Evidence:
    """Let `model` judge one sentence, in one generation of a few tokens."""
    said = ""
    first = second = 0.0
    async for token in model.generate(prompt(text, language), _OPTIONS):
        if len(said) < len(_CHAT):
            first += token.logprob
        else:
            second += token.logprob
        said += token.text
    mark, _, kind = said.partition(" ")
    if mark == _CHAT and kind in KINDS:
        return Evidence(_log_odds(first), kind, max(-_SURE, second))
    if said == _OTHER:
        return Evidence(-_log_odds(first), "", 0.0)
    return Evidence(-_SURE, "", 0.0)


def _log_odds(logprob: float) -> float:
    """Return the log-odds of a probability given by its logarithm, within plus and minus 20."""
    if logprob >= 0.0:
        return _SURE
    if logprob == -math.inf:
        return -_SURE
    return max(-_SURE, min(_SURE, logprob - math.log(-math.expm1(logprob))))
