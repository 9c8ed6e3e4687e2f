"""Whether a sentence is an open question: not a command, and nothing about this home.

What is taken for one may leave this device, so whatever could be about the home is none: a name of
it, a room or a kind of device that is meant as one that is here ("the window", "my fridge"), or a
place or a thing that is only pointed at ("upstairs", "why is it so warm").
"""

from __future__ import annotations

import re

from steward.plan.language.text import is_chinese
from steward.plan.parts.atoms import things, tokens
from steward.types import Context, World

STAGE = "asking"
"""The name of the stage in a Plan."""

_POLITE = re.compile(
    r"^(?:(?:hey|ok|okay|so|well|and|please|jarvis|steward)[, ]+)*"
    r"(?:(?:can|could|would|will) you (?:please )?(?=(?:tell|explain|describe|recommend|suggest|"
    r"translate|summari|write|find out|look up|teach|define|compare|give)))?"
    r"(?:(?:do you know|i(?:'d| would) (?:like|love) to know|i wonder|tell me)[, ]+"
    r"(?=(?:what|who|why|when|where|which|how|if|whether)\b))?",
    re.IGNORECASE,
)
_ASKS_EN = re.compile(
    r"^(?:what(?:'s|s)?|who(?:'s|s|m|se)?|why|when|where(?:'s)?|which|how|if|whether|"
    r"(?:is|are|was|were|do|does|did|should|can) (?!you\b|we\b|everyone|anyone|someone|"
    r"anybody|somebody)|"
    r"tell me (?:about|a|an|some|the story)|explain|describe|recommend|suggest|translate|"
    r"summari[sz]e|compose|write (?:me )?(?:a|an|some)|find out|look up|define|compare|teach me|"
    r"give me (?:a|an|some) (?:\w+ )?(?:recipe|idea|example|fact|tip|summary|poem|joke|story)s?)\b",
    re.IGNORECASE,
)
_ASKS_ZH = re.compile(
    r"什么|为什么|为何|怎么|怎样|如何|谁|哪|多少|多高|多远|多久|多大|多长|多重|几|吗[?？]?$|呢[?？]?$|"
    r"是不是|能不能|可不可以|会不会|有没有|解释|讲讲|讲一|讲个|介绍|翻译|推荐|写一|写首|写篇|告诉我|查一下|总结"
)
_ORDERS_ZH = re.compile(
    r"^(?:请|麻烦|帮我|帮忙|给我|能不能|可不可以|可以)*"
    r"(?:把(?!.*翻译)|将|打开|关掉|关上|关闭|开启|调|设|锁|播放|暂停|停止|启动|拉|升|降|加到|提醒)"
)
_HERE_EN = re.compile(
    r"\b(?:here|upstairs|downstairs|inside|indoors?|outside|outdoors?|at home|"
    r"(?:this|our|my|the) (?:room|house|home|flat|apartment|place|building|plant|office|floor)|"
    r"my|our|mine|ours|we|us|it(?!'s safe)|this one|that one|these|those|someone|anyone|everyone|"
    r"right now|now|today|tonight|tomorrow|yesterday|still|currently|left (?:on|open)|"
    r"(?:turned|switched|left) (?:on|off)|running|unlocked|locked|timer|alarm|reminder|calendar|"
    r"appointment|meeting|shopping list|to-?do|you|your|weather|forecast|rooms?|batter(?:y|ies)|"
    r"sensors?|thermometers?|humidity|scenes?|playing|song|charged?|internet|"
    r"wi-?fi|anything|moment|anywhere|around|back|awake|asleep|(?:mon|tues|"
    r"wednes|thurs|fri|satur|sun)day|week(?:end)?|(?:out|in|up|down) there|in already|"
    r"(?:is|are|'s) \w+(?: \w+)? (?:on|off|open|closed|shut|in|out|home|coming|occupied))\b"
    r"|\b(?:on|off|open|closed|shut|in|home|coming|occupied|lowest|lower|highest|coldest|warmest|"
    r"hottest)\s*[?.]?$",
    re.IGNORECASE,
)
_HERE_ZH = re.compile(
    r"这里|这儿|这边|家里|屋里|屋内|室内|室外|外面|里面|楼上|楼下|我家|我们|咱|我的|我(?!想知道|很好奇)|现在|今天|今晚|明天|昨天|"
    r"刚才|刚刚|目前|这个|那个|它|开着|关着|没关|锁了|锁好|闹钟|定时|提醒|天气|预报|房间|哪间|哪屋|温度|湿度|电量|电池|传感器|场景|你|您|"
    r"(?:下|上|本|这)?(?:周|星期|礼拜)[一二三四五六日天末几]?|下午|上午|晚上|早上(?!好)|几度|多少度|多少电|还剩|还有多少|"
    r"网|在放|这歌|安排|活动|日程|日历|清单|待办|会议|有人|谁在|在家"
)
_SAID_TO_ME = re.compile(
    r"给我(?=讲|介绍|解释|推荐|写|翻译|说|查|总结)|帮我(?=查|找|翻译|写|推荐|解释|总结)|告诉我|我想知道|"
    r"\b(?:tell|give|teach|write|recommend|show|find) me\b",
    re.IGNORECASE,
)
"""Where who asks names himself, and nothing of his."""
_PEOPLE_EN = re.compile(
    r"\b(?:my|our) (?:friends?|wife|husband|partner|mother|mom|mum|father|dad|sister|brother|son|"
    r"daughter|boss|teacher|colleagues?|neighbou?rs?|ears?|eyes?|skin|hair|feet|hands?)\b",
    re.IGNORECASE,
)
_GENERAL_EN = re.compile(
    r"^(?:why do(?:es)?|how do(?:es)?|what (?:makes|causes|happens (?:when|if))|"
    r"what(?: is|'s) an?|explain|describe|write|suggest|recommend|compose|translate|"
    r"how far is it from|how long does an?|how many \w+ are)\b",
    re.IGNORECASE,
)
"""What asks how the world is: there "the moon" is none of this home."""
_GOES_ON = re.compile(
    r"^(?:and|or|but|what about|how about|make it|something|shorter|longer|another|say it)\b|"
    r"^(?:那|再|换|更|短一?点|长一?点|还有)",
    re.IGNORECASE,
)
"""What goes on where an answer ended; a home's stages were asked before."""
_DEFINITE = frozenset({"the", "my", "our", "this", "that", "these", "those", "all", "any"})
_INDEFINITE = frozenset({"a", "an"})
_GENERIC_ZH = re.compile(
    r"什么是|是什么意思|的?原理|发明|的?工作|怎么做的|的?历史|有什么区别|的?区别|好处|坏处|为什么叫|"
    r"形成|有用吗|祝福|怎么挑|怎样挑"
)
_WAITS_EN = re.compile(
    r"[,; ]*\b(?:when(?:ever)? you (?:can|have (?:a|some|the)? ?(?:moment|minute|time|chance)|"
    r"get (?:a|the) (?:moment|minute|chance|time)|are free)|no (?:rush|hurry)|"
    r"(?:it|this|that) can wait|there(?:'s| is) no (?:rush|hurry)|take your time|"
    r"at your leisure)\b[,;. ]*",
    re.IGNORECASE,
)
_WAITS_ZH = re.compile(
    r"[，,。；; ]*(?:等?你?(?:什么时候)?有(?:空|时间)(?:的?时候|的?时|了|再)?|"
    r"方便的?时候|不着急|不急|不用急|可以等|慢慢来|回头(?=帮|告诉|再))(?:的话)?[，,。；; ]*"
)


def without_waiting(text: str) -> tuple[str, bool]:
    """Return `text` without what says that its answer can wait ("when you can"), and whether."""
    pattern = _WAITS_ZH if is_chinese(text) else _WAITS_EN
    rest = pattern.sub(" " if not is_chinese(text) else "", text).strip(" ,;，；")
    return (rest, True) if rest and rest != text.strip(" ,;，；") else (text, False)


def is_open(text: str, world: World, context: Context) -> bool:
    """Tell whether `text`, in English or Chinese, is an open question that is not about `world`.

    After one that was answered, what leans on it ("how old is he?") is one, too.
    """
    chinese = is_chinese(text)
    folded = _POLITE.sub("", text.strip(), count=1)
    said = _SAID_TO_ME.sub("", folded)
    asks = _ASKS_ZH.search(text) if chinese else _ASKS_EN.match(folded)
    leans = bool(context.exchanges) and context.exchanges[-1].plan.stage == STAGE
    asks = asks or (_GOES_ON.match(text.strip()) if leans else None)
    if not asks or (chinese and _ORDERS_ZH.match(text)):
        return False
    said = _PEOPLE_EN.sub("", said)
    general = not chinese and _GENERAL_EN.match(folded) is not None
    if general:
        said = re.sub(r"\b(?:you|it from)\b", "", said)
    here = (_HERE_ZH if chinese else _HERE_EN).search(_without_leaning(said, leans=leans))
    return not here and not _names_the_home(text, world, chinese=chinese, general=general)


def _without_leaning(text: str, *, leans: bool) -> str:
    """Return `text` without the words that point at what was said before, where that is known."""
    return re.sub(r"\b(?:it|this|that|these|those)\b|它|这个|那个", "", text) if leans else text


def _names_the_home(text: str, world: World, *, chinese: bool, general: bool) -> bool:
    """Tell whether a word of `text` can stand for something of the home.

    In English "the window" is one that is here, even where the home has none; "a window" is any.
    In a `general` question only what the home has is.
    Chinese does not tell them apart, so that what the home has is meant.
    """
    said, here = tokens(text, world), _concepts(world)
    if chinese and _GENERIC_ZH.search(text):
        here = frozenset[str]()
    for place, token in enumerate(said):
        if not token.atoms or not token.has("noun") or token.has("color"):
            continue
        before = said[place - 1].text.casefold() if place else ""
        if here.intersection(token.atoms) and before not in _INDEFINITE:
            if not general or before in _DEFINITE:
                return True
        elif not chinese and before in _DEFINITE and not token.named and not general:
            return True
        if token.named and len(token.atoms) > 1:
            return True
    return False


def _concepts(world: World) -> frozenset[str]:
    """Return what the home's things and places are called, but for the bare signs of names."""
    said = {atom for thing in things(world) for atom in thing.all}
    return frozenset(atom for atom in said if len(atom.removeprefix("=")) > 1)
