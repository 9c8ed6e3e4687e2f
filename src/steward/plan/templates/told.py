"""Clauses that only tell how things are, or why something is asked for: "queue's forming"."""

from __future__ import annotations

import re

from steward.plan.language.lexicon import lexicon, words

_ADDED = r"(?:(?:well|so|ok|okay|because|cos|coz|since|as|and|but|sorry|look|oh) )*"
_PERSON = r"(?:i|we|he|she|they|everyone|everybody|someone|somebody|no one|nobody|people)"
_IS = r"(?:'s|'re|'m| is| are| am| was| were| has| have| had| got| gets)"
_DOES = r"(?: (?:just|still|really|always|already|can|can't|cannot|couldn't|could|might|will))*"
_TELLS = (
    r"(?: (?:keeps?|needs?|wants?|looks?|feels?|smells?|sounds?|hates?|likes?|loves?|came|comes?"
    r"|goes|starts?|started|stopped|arrived|sleeps?|see|hear|fell|left))"
)
_PURPOSE = (
    r"for (?:(?:the|my|our|your|that|a|an|all the|poor) )?(?:[\w']+ )?"
    r"(?:grand(?:pa|ma|ad|dad)|granny|gran|nan|nana|mum|mom|dad|parents|family|kids?|children|baby"
    r"|guests?|visitors?|everyone|everybody|customers?|clients?|patients?|students?|staff|team"
    r"|plumbers?|cleaners?|electrician|nanny|babysitter|courier|neighbou?rs?|builders?"
    r"|hens?|chickens?|horses?|ponies|sheep|lambs?|cows?|calves|pigs?|goats?|ducks?|fish"
    r"|plants?|seedlings?|tomatoes|flowers|cats?|dogs?|puppy|kittens?|birds?|dinner|lunch|breakfast|tea|supper|bed|bedtime|party|meeting"
    r"|\w*(?:guy|man|men|woman|people|lady|driver|lorry|truck|van|boys?|girls?|folks|postie))"
)
_CLAUSE = {
    "en": re.compile(
        rf"{_ADDED}(?:{_PERSON}(?:{_IS}|'ve|'ll|'d|{_DOES} [a-z]+)\b.*"
        rf"|it(?:{_IS}|'ll|'d|{_DOES}{_TELLS}|{_DOES} [a-z]{{3,}}s)\b.*"
        rf"|(?:this|that|there){_IS}\b.+"
        rf"|(?P<subject>[\w']+(?: [\w-]+){{0,3}}?)(?:{_IS} .+|{_DOES}{_TELLS}(?: .+)?"
        r"| (?:can|could|might|will) [a-z]+(?: .+)?)"
        r"|(?:because|cos|coz|otherwise|or else) .+"
        rf"|{_PURPOSE})",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "(?:今[天晚早儿])?(?:有(?:客人?|朋友|亲戚|老人|小?孩子?)|都?不(?:出门|出去|上班|回来)).*|(?:因为|毕竟|主要是?|不然|要不然|否则|免得|省得|以免|好让|方便|为了).+"
        "|(?:我|我们|咱|咱们|他|她|孩子|宝宝|客人|有人|没人|大家|人家|爷爷|奶奶|爸爸?|妈妈?|猫|狗|外面|外头"
        "|屋里|里面|里头|外边|这里|这儿)(?![的那]).+"
        "|.+(?:了|啦|呢|得慌|要命|得很|受不了|死人|死我)"
        "|(?:有点|太|好|真|一直|老是|总是|老|都|快|正|正在|刚|刚刚|准备|打算|马上要|待会儿?).{2,}"
        "|(?:马上|正|快|就|还)*(?:要|想|准备|打算|得|该).+"
        "|省点?电|[透换通]{2}[气风]|.{0,2}点.{1,5}[喝吃]"
        "|.*(?:睡觉|吃饭|做饭|看书|看电视|看电影|洗澡|出门|下班|上班|写作业|休息|游泳)"
    ),
}
"""What tells how things are, what for, or for whom."""

_NOT = {
    "en": re.compile(
        r"\b(?:not(?! (?:going|leaving|heading)\b)|(?!can't|couldn't)\w+n't|never|no(?! one\b)"
        r"|if|when|unless|until|till|while"
        r"|after|before|tomorrow|later|said|says|told|asked|wish|would|should|must|ought|supposed"
        r"|(?:want|need|like|love|prefer)s? (?:to have|you|it|them|the|my|our|all|every|that|this)"
        r"|needs? to be|ha(?:s|ve) to be|in an?|in \d+|minutes?|hours?|what|which|who|how|why|tell"
        r"|mean|meant|mind|joking|kidding|wrong|instead|rather|mistake|cancel|forget|remember)\b"
        r"|\b(?:it|they|that|[a-z]+s?) ha(?:s|ve) to\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?<!有)一?点儿?[了吧呗啊]?$|一些$|\d|度|最|一半"
        "|别|不要|不用|不对|不是|算了|没事|玩笑|弄错|说错|搞错|如果|要是|的话|时候|之后|以后|然后|后天"
        "|^等|等(?:到|会|下|一下|我|他|她|你)|说(?:把|要|让|过|好|着|了)|说$|吗|么|什么|谁|再|明天|先"
        "|把|关|锁|几|哪|分钟|小时|记得|提醒|告诉|问|(?<!空)调|停(?!电|车)"
        "|(?<![离散])开(?![会车心饭学始全派])"
    ),
}
"""What makes of it a condition, a time, a wish, a report, a question, or takes it back."""

_STATE = re.compile("(?<=[还都又直])(?:开|关)着(?=呢|的|呐|$)")
"""A state that is told, though its verb could be a command's: "熨斗还开着呢"."""

_FOR = re.compile(_PURPOSE, re.IGNORECASE)
_SIGNS = re.compile(r"[,，。;；!！?？]\s*|\.\s+")


def is_told(said: str, primary: str) -> bool:
    """Tell whether each clause of plain `said` only tells how things are, or why."""
    clauses = [clause.strip() for clause in _SIGNS.split(said) if clause.strip()]
    return bool(clauses) and all(_is_clause(clause, primary) for clause in clauses)


def is_barred(said: str, primary: str) -> bool:
    """Tell whether plain `said` is a condition, a time, a wish, a report or a question.

    "For the night" may be a mode.
    """
    return said.casefold().startswith("for ") or bool(_NOT[primary].search(said))


def is_purpose(said: str) -> bool:
    """Tell whether plain `said` is only for whom or for what: "for the delivery guy"."""
    return bool(_FOR.fullmatch(said))


def _is_clause(clause: str, primary: str) -> bool:
    match = _CLAUSE[primary].fullmatch(clause)
    if match is None and _STATE.search(clause):
        return not _NOT[primary].search(_STATE.sub("", clause))
    if match is None or _NOT[primary].search(_STATE.sub("", clause)):
        return False
    subject = match.groupdict().get("subject")
    return not subject or not _commands(subject)


def _commands(subject: str) -> bool:
    """Tell whether what stands before a verb begins with one of its own: "make sure it is off"."""
    first = words(subject)[:1]
    senses = lexicon().senses.get(first, {})
    return (
        bool({"act", "verb", "up", "down", "ask", "neg"} & senses.keys()) and "noun" not in senses
    )
