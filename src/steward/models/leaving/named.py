"""Names of the world: people of history and public life, works and makes, which are nobody's."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_BEARS = re.compile(
    r"(?:['’]s)?[ -](?:cycle|problem|lens|loom|disease|syndrome|effect|laws?|theorem|principle"
    r"|paradox|equations?|test|method|scale|constant|number|sequence|series|transform|distribution|curve"
    r"|algorithm|theory|hypothesis|conjecture|experiment|reaction|process|engine|cell|cage|comet"
    r"|telescope|nebula|crater|belt|sauce|pie|salad|cake|cheese|tea|wars?|battle|massacre|treaty"
    r"|revolution|rebellion|doctrine|dynasty|empire|prize|award|trophy|river|lake|sea|bay|mountains?"
    r"|desert|islands?|strait|canal|falls|terrier|retriever|spaniel|shepherd|hound|architecture)\b"
    r"|(?:定律|定理|效应|综合征|氏?病|方程|原理|悖论|奖|战争|之战|起义|朝|王朝|帝国|河|江|湖|山脉"
    r"|海峡|运河|玉|茶|酒|豆腐|鸡丁|肉|饼|火腿|是(?:哪个|什么)(?:朝代|时候))",
    re.IGNORECASE,
)
_OF = re.compile(
    r"\b(?:battle|treaty|siege|peace|edict|council|theory|law|temple|tower|kingdom|empire|gulf|cape"
    r"|strait|isle) of (?:the )?$|\b(?:recipe for|how (?:do i|to) (?:make|cook|bake)|(?:play|plays"
    r"|novel|film|opera|symphony|symptoms) of) (?:an? |the )?$",
    re.IGNORECASE,
)


def public(name: str) -> bool:
    """Tell whether all of `name` is on the list of names that everybody knows."""
    return " ".join(name.casefold().replace("’s", "").replace("'s", "").split()) in _names()


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    path = Path(__file__).with_name("public.txt")
    return frozenset(path.read_text(encoding="utf-8").split("\n"))


def of_the_world(text: str, start: int, end: int) -> bool:
    """Tell whether the name at `start` to `end` is borne by something of the world: "the Krebs
    cycle", "the Battle of Hastings", "高斯定理"."""
    return _BEARS.match(text, end) is not None or _OF.search(text[:start]) is not None
