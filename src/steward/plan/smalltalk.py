"""Small talk: what is neither a command nor a question about the home, answered or declined.

The device's language model is too small to be believed on anything, so it is asked one narrow
thing: to go on with a list of examples in which small talk is answered with "chat: …" and all else
with "other". The probability that it gives to "chat" is the evidence; `CURVES` turn it into the
calibrated probability that the sentence is small talk, and below `THRESHOLD` the answer is Unknown.
What passes is still thrown away when it claims to have done something. bench/smalltalk.py measures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from steward.types import Generation, LanguageModel, Message, Plan, Unknown, Utterance, Words

STAGE = "smalltalk"
THRESHOLD = 0.9
"""Calibrated probability from which a reply is given."""
LONGEST = {"en": 60, "zh": 20}
"""Characters; in the calibration half no small talk is longer, and long sentences want more."""
_YES = "chat"
_GRAMMAR = 'root ::= "chat: " [^\\n0-9]+ | "other"'
_MOST_TOKENS = 40
_SYSTEM = (
    "You are Steward, a butler. If the sentence is small talk, write chat and a short polite "
    "reply. If it is a question, an order or unclear, write other."
)


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic map from the log-odds of "chat" to a probability: 1 / (1 + exp(-(a x + b)))."""

    a: float
    b: float


CURVES: Mapping[str, Curve] = {"en": Curve(1.0, 0.0), "zh": Curve(1.0, 0.0)}
"""Fitted by `bench/smalltalk.py --fit` on the calibration half, by language."""

_SHOTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "en": (
        ("hello there", "chat: Hello. It is good to hear you."),
        ("what is the capital of norway", "other"),
        ("how are you this morning", "chat: I am well, thank you. How are you?"),
        ("turn on the snow machine", "other"),
        ("thank you so much", "chat: You are most welcome."),
        ("how much is twelve plus thirty", "other"),
        ("what are you called", "chat: I am Steward, your butler."),
        ("order me a taxi", "other"),
        ("are you a machine", "chat: I am a computer program, at your service."),
        ("i have a headache what should i take", "other"),
        ("tell me something funny", "chat: Why did the clock go home? It had run out of time."),
        ("where is my wallet", "other"),
        ("i am worn out", "chat: I am sorry to hear that. Do rest a little."),
        ("is the shed door open", "other"),
        ("life is wonderful today", "chat: I am glad to hear it."),
        ("what happened in the world today", "other"),
        ("you are clever", "chat: You are very kind."),
        ("of the and window", "other"),
        ("you are an idiot", "chat: I am sorry. I shall try to do better."),
        ("write me a speech", "other"),
        ("do you like flowers", "chat: I am a program, but I like to hear about them."),
        ("who discovered america", "other"),
        ("sleep tight", "chat: Good night. Sleep well."),
        ("it is too loud in here", "other"),
        ("so long", "chat: Goodbye. Have a good day."),
        ("phone the doctor", "other"),
    ),
    "zh": (
        ("你好啊", "chat: 您好，很高兴听到您的声音。"),
        ("挪威的首都是哪里", "other"),
        ("你今天好吗", "chat: 我很好，谢谢。您好吗？"),
        ("打开造雪机", "other"),
        ("谢谢你的帮助", "chat: 不客气。"),
        ("十二加三十等于多少", "other"),
        ("怎么称呼你", "chat: 我是管家Steward。"),
        ("帮我叫出租车", "other"),
        ("你是电脑吗", "chat: 我是一个电脑程序，为您服务。"),
        ("我头疼吃什么药", "other"),
        ("说个好笑的", "chat: 时钟为什么回家了？因为它没有时间了。"),
        ("我的钱包在哪里", "other"),
        ("我累坏了", "chat: 辛苦了，请好好休息。"),
        ("仓库的门开着吗", "other"),
        ("今天真高兴", "chat: 我也为您高兴。"),
        ("世界上发生了什么事", "other"),
        ("你很能干", "chat: 您过奖了。"),
        ("的和窗户", "other"),
        ("你是笨蛋", "chat: 对不起，我会努力做得更好。"),
        ("写一篇演讲稿", "other"),
        ("你喜欢花吗", "chat: 我是程序，不过很喜欢听您说。"),
        ("谁发现了美洲", "other"),
        ("睡个好觉", "chat: 晚安，祝您好梦。"),
        ("这里太吵了", "other"),
        ("下次见", "chat: 再见，祝您愉快。"),
        ("打电话给医生", "other"),
    ),
}
"""Examples, none of them in the labelled set that the gate is measured on."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_DIGIT = re.compile(r"\d")
_EDGES = " \t\n.,;:!?。，；：！？…\"'"
_CLAIM = re.compile(
    r"\b(i've|i have|i'll|i will|i just|i did|i can|i shall(?! try)|done|turned|switched|opened|"
    r"closed|locked|unlocked|started|stopped|set|ordered|booked|called|sent|added|"
    r"(?:is|are) (?:now )?(?:on|off|open|closed))\b"
    r"|已|打开|关闭|关掉|调到|启动|预订|发送|播放|设置|完成|这就|马上",
    re.IGNORECASE,
)


async def smalltalk(utterance: Utterance, model: LanguageModel) -> Plan:
    """Return Words when `utterance` is small talk beyond reasonable doubt, else Unknown.

    The confidence is the calibrated probability that the body is right: for Words that it is small
    talk, for Unknown that it is not. English and Chinese only: for others nothing was measured, and
    the answer is Unknown. The calibration holds for the default model; a model whose server gives
    no log-probabilities always comes out as Unknown. Raises what the model raises.
    """
    text = utterance.text.casefold().strip(_EDGES)
    language = utterance.language or ("zh" if _HAN.search(text) else "en")
    longest = LONGEST.get(language, 0)
    if not text or len(text) > longest or _DIGIT.search(text):
        return Plan(Unknown(), language, STAGE, 1.0)
    odds, reply = await ask(text, language, model)
    probability = calibrated(odds, language)
    if probability < THRESHOLD or not presentable(reply, language):
        return Plan(Unknown(), language, STAGE, min(1.0, 1.0 - probability))
    return Plan(Words(reply), language, STAGE, probability)


def calibrated(odds: float, language: str) -> float:
    """Return the probability that a sentence is small talk, given the model's log-odds for it."""
    curve = CURVES[language]
    if odds == -math.inf:
        return 0.0
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, curve.a * odds + curve.b))))


def presentable(reply: str, language: str) -> bool:
    """Tell whether a reply may be spoken: in the right language and claiming nothing."""
    if not reply or _CLAIM.search(reply) or _DIGIT.search(reply):
        return False
    return bool(_HAN.search(reply)) == (language == "zh")


def prompt(text: str, language: str) -> list[Message]:
    """Return the chat that ends in `text`; all before it is the same every time and so cached."""
    messages = [Message("system", _SYSTEM)]
    for asked, answer in _SHOTS[language]:
        messages += [Message("user", asked), Message("assistant", answer)]
    return [*messages, Message("user", text)]


async def ask(text: str, language: str, model: LanguageModel) -> tuple[float, str]:
    """Return the log-odds of "chat" against all else, and the reply (empty without one)."""
    options = Generation(max_tokens=_MOST_TOKENS, grammar=_GRAMMAR)
    tokens = [token async for token in model.generate(prompt(text, language), options)]
    said = ""
    logprob = 0.0
    for token in tokens:
        if len(said) < len(_YES):
            logprob += token.logprob
        said += token.text
    share = min(math.exp(logprob), 1.0 - 1e-9)
    if not said.startswith(_YES):
        share = 1.0 - share
    odds = math.log(share) - math.log1p(-share) if share > 0.0 else -math.inf
    tag, _, reply = said.partition(":")
    return odds, reply.strip() if tag == _YES else ""
