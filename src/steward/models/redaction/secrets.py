"""What never leaves this machine, however sure anybody is: secrets; health and money if so chosen.

These are judged by topic, not only by value: a sentence that gives a password away is blocked as a
whole, for what stands around a secret often is half of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from steward.models.redaction.spans import Kind, Span

_WORD = (
    r"pass(?:word|code|phrase|wd)s?|pins?(?: codes?| numbers?)?|(?:door|gate|alarm|entry"
    r"|garage|lock|safe|security|access"
    r"|unlock|panic|disarm|verification|one[- ]time|recovery|backup|sim|puk)[ -]?(?:codes?"
    r"|combinations?|pins?|keys?|numbers?)"
    r"|otp|cvv2?|cvc2?|seed phrase|private key|api[ _-]?keys?|secret(?: key)?|(?:access|auth"
    r"|bearer|refresh) tokens?|tokens?"
    r"|wi-?fi (?:key|password)|combination (?:of|to|for) the (?:safe|lock)"
    r"|codes? (?:of|to|for) (?:the|my|our) (?:\w+ )?(?:door|gate|alarm|entry|garage|lock|safe)"
)
_CHINESE = (
    r"密码|口令|验证码|动态码|校验码|门禁码|门锁码|开锁码|开门码|取件码|密钥|私钥|助记词|令牌"
    r"|安全码|防盗码|布防码|撤防码|报警码|保险箱号码"
)
_SPELT = r"\d(?:[ -]\d){2,14}"
"""A code that is said digit by digit."""
_GIVEN = re.compile(
    rf"(?:\b(?:{_WORD})\b(?:\s+(?:for|to|of|on)\s+[^.:=?!\n]{{1,40}}?)?\s*(?:is|was|are|=|:|to"
    rf"|:=|changed to|set to)"
    rf"\s*[\"'“]?({_SPELT}|[^\s\"'”。，]{{2,200}})"
    rf"|(?:{_CHINESE})[^。！？?!\n0-9A-Za-z]{{0,8}}(?:是|为|[:：=]|改成|设成|设为|换成"
    rf"|改为)?\s*[\"“'「]?({_SPELT}|[A-Za-z0-9@#$%^&*_.!+-]{{3,200}}"
    rf"|[零〇一二三四五六七八九幺两]{{3,20}}))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"\b(?:{_WORD})\b\s*#?\s*(\d[\d -]{{2,14}}\d)\b|\b(?:use|enter|type|punch in|key"
    rf" in)\s+(\d{{3,8}})\s+"
    r"(?:to|on|at|for)\b[^.\n]{0,20}(?:unlock|open|disarm|alarm|door|gate|safe|lock)",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
    r"|\b(?:sk|pk|rk)[-_](?:live|test|proj|ant|or)?[-_]?[A-Za-z0-9_-]{16,200}\b"
    r"|\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}"
    r"|AIza[\w-]{30,}|hf_[A-Za-z0-9]{20,}|ya29\.[\w-]{20,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{20,})"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}"
    r"|(?<=://)[^\s/:@]{1,80}:[^\s/@]{1,200}(?=@)"
    r"|\b(?i:bearer|basic) [A-Za-z0-9._~+/=-]{16,}"
)
_MIXED = re.compile(
    r"(?<![\w/.@-])(?=[A-Za-z0-9_+/=-]{0,200}?\d)(?=[A-Za-z0-9_+/=-]{0,200}?[a-z])"
    r"(?=[A-Za-z0-9_+/=-]{0,200}?[A-Z])["
    r"A-Za-z0-9_+/=-]{24,200}(?![\w.@-])"
)
_ASKED = re.compile(
    r"^(?:what|how|which|who|where|why|a|an|the|not|required|wrong|incorrect|correct|safe"
    r"|secure|too|different|forgotten|expired|lost|my|your|used|needed|still|it|very|reset"
    r"|change|strong|weak|invalid|it's)$",
    re.IGNORECASE,
)

_HEALTH = re.compile(
    r"\b(?:diagnos\w+|cancer|tumou?r|hiv|aids|diabet\w+|depress(?:ion|ed)|anxiety disorder"
    r"|bipolar|schizophreni\w+"
    r"|epilep\w+|asthma|pregnan\w+|miscarriage|abortion|antidepressants?|insulin|chemotherapy"
    r"|prescri(?:bed|ption)\w*"
    r"|medications?|symptoms?|blood (?:pressure|sugar|test)|therapist|psychiatrist|std|sti"
    r"|surgery|biopsy|dementia|alzheimer\w*)\b"
    r"|确诊|癌|肿瘤|艾滋|糖尿病|抑郁|焦虑症|精神分裂|癫痫|哮喘|怀孕|流产|胰岛素|化疗|处方|吃药"
    r"|病历|症状|血压|血糖|体检报告|手术|痴呆",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"\b(?:salary|wages?|income|mortgages?|loans?|debts?|bank (?:account|balance|statement)s?"
    r"|savings|overdraft|credit score"
    r"|net worth|bankrupt\w*|tax returns?|inheritance|pensions?|investments?|portfolio)\b"
    r"|工资|薪水|收入|房贷|贷款|欠款|债务|存款|余额|银行流水|透支|信用分|破产|报税|遗产|养老金"
    r"|理财|股票账户",
    re.IGNORECASE,
)

CHOSEN = frozenset({Kind.SECRET})
"""What is kept when the owner says nothing."""


def find(text: str, kept: Collection[Kind] = CHOSEN) -> Iterator[Span]:
    """Yield what in `text` is of a class that never leaves; `kept` are the classes: SECRET, and
    HEALTH and MONEY as the owner chooses."""
    if Kind.SECRET in kept:
        for pattern in (_GIVEN, _NUMBERED, _TOKENS, _MIXED):
            for match in pattern.finditer(text):
                group = next((at for at in range(1, pattern.groups + 1) if match[at]), 0)
                if not _ASKED.match(match[group]):
                    yield Span(*match.span(group), Kind.SECRET, 1.0)
    for kind, topic in ((Kind.HEALTH, _HEALTH), (Kind.MONEY, _MONEY)):
        if kind in kept:
            for match in topic.finditer(text):
                yield Span(*match.span(), kind, 1.0)
