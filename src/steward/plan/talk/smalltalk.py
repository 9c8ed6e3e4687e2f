"""Small talk: what is neither a command nor a question about the home, answered or declined.

The device's language model is far too small to be believed in what it writes, so it writes nothing
that is spoken. It judges: it goes on with a list of examples in which small talk is marked "chat"
and all else "other", and a grammar allows nothing but these words. A logistic curve makes a
calibrated confidence of the probability that it gives to "chat", and below the threshold the answer
is Unknown. Only a sentence with a cue of small talk is put to the model, which costs more than all
else that is done to understand it; the cue also chooses which of the butler's own replies is said.
`bench/smalltalk.py` fits the curves and measures; `bench/LOG.md` tells what did not work.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from steward.plan.cascade import Stage
from steward.plan.talk.chat import CUES, EXAMPLES, REPLIES
from steward.thinking import Generation, LanguageModel, Message
from steward.types import Context, Plan, Unknown, Utterance, Words, World

STAGE = "smalltalk"
LONGEST: Mapping[str, int] = {"en": 60, "zh": 20}
"""Characters. Small talk is short; what is longer wants more than a set phrase."""

_CHAT = "chat"
_OTHER = "other"
_OPTIONS = Generation(max_tokens=1, grammar=f'root ::= "{_CHAT}" | "{_OTHER}"')
_SYSTEM = (
    "You are Steward, a butler. If the sentence is small talk, write chat and a short polite "
    "reply. If it is a question, an order or unclear, write other."
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_DIGIT = re.compile(r"\d")
_EDGES = " \t\r\n.,;:!?。，；：！？…\"'"
_SURE = 20.0
"""Log-odds are cut here: beyond, the arithmetic of float32 logits means nothing."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Evidence to probability: 1 / (1 + exp(-(slope x log-odds + bias))), where there is a cue.

    `threshold` is a probability: from there on the butler replies.
    """

    slope: float
    bias: float
    threshold: float


CURVES: Mapping[str, Curve] = {
    "en": Curve(slope=1.074, bias=-1.856, threshold=0.921),
    "zh": Curve(slope=1.006, bias=-1.209, threshold=0.869),
}
"""By language: fitted by `bench/smalltalk.py --fit` on the calibration half of the labelled set."""


def talk_stage(model: Callable[[], Awaitable[LanguageModel]]) -> Stage:
    """Return small talk as a stage of the cascade; `model` is loaded when it is first needed."""

    async def talk(utterance: Utterance, _: World, __: Context) -> Plan:
        return await smalltalk(utterance, model)

    return talk


async def smalltalk(utterance: Utterance, model: Callable[[], Awaitable[LanguageModel]]) -> Plan:
    """Return Words when `utterance` is surely small talk, else Unknown.

    The confidence is the calibrated probability that the body is right. English and Chinese only:
    nothing was measured for others, so they are Unknown. The calibration holds for the default
    model; one without log-probabilities always leads to Unknown. Raises what the model raises.
    """
    text = normal(utterance.text)
    language = utterance.language or ("zh" if _HAN.search(text) else "en")
    if not may_be(text, language):
        return Plan(Unknown(), language, STAGE, 1.0)
    probability = calibrated(await ask(text, language, await model()), language)
    if probability < CURVES[language].threshold:
        return Plan(Unknown(), language, STAGE, 1.0 - probability)
    return Plan(Words(reply_to(text, language)), language, STAGE, probability)


def may_be(text: str, language: str) -> bool:
    """Tell whether a `normal` text can be small talk: short, without numbers, and with a cue."""
    short = 0 < len(text) <= LONGEST.get(language, 0)
    return short and not _DIGIT.search(text) and kind_of(text, language) != ""


def normal(text: str) -> str:
    """Return `text` as the examples are written: lower case, no punctuation at its ends."""
    return text.casefold().strip(_EDGES)


def kind_of(text: str, language: str) -> str:
    """Return the kind of a sentence of small talk, empty when no cue of `CUES` is in it."""
    edge = r"\b" if language == "en" else ""
    for kind, cue in CUES[language]:
        if re.search(f"{edge}(?:{cue}){edge}", text):
            return kind
    return ""


def reply_to(text: str, language: str) -> str:
    """Return the butler's reply; the same sentence always has the same one."""
    replies = REPLIES[language][kind_of(text, language)]
    return replies[zlib.crc32(text.encode()) % len(replies)]


def calibrated(odds: float, language: str) -> float:
    """Return the probability, 0 to 1, that a text with a cue is small talk, by the model's odds."""
    curve = CURVES[language]
    return 1.0 / (1.0 + math.exp(-(curve.slope * odds + curve.bias)))


def prompt(text: str, language: str) -> list[Message]:
    """Return the chat that ends in `text`; all before it never changes, so the model caches it."""
    messages = [Message("system", _SYSTEM)]
    for sentence, friendly in EXAMPLES[language]:
        # With the replies in view the model tells the two apart far better than without.
        answer = f"{_CHAT}: {reply_to(sentence, language)}" if friendly else _OTHER
        messages += [Message("user", sentence), Message("assistant", answer)]
    return [*messages, Message("user", text)]


async def ask(text: str, language: str, model: LanguageModel) -> float:
    """Return the model's log-odds, -20 to 20, of small talk against all else.

    One token tells: no word begins like the other. A model that answers outside the grammar gives
    -20.
    """
    said = ""
    logprob = 0.0
    chat = prompt(text, language)
    async for token in model.generate(chat, replace(_OPTIONS, stable=len(chat) - 1)):
        said += token.text
        logprob += token.logprob
    if said and _CHAT.startswith(said):
        return _log_odds(logprob)
    other = said and _OTHER.startswith(said) and logprob > -math.inf
    return -_log_odds(logprob) if other else -_SURE


def _log_odds(logprob: float) -> float:
    """Return the log-odds of a probability given by its logarithm, within plus and minus 20."""
    if logprob >= 0.0:
        return _SURE
    if logprob == -math.inf:
        return -_SURE
    return max(-_SURE, min(_SURE, logprob - math.log(-math.expm1(logprob))))
