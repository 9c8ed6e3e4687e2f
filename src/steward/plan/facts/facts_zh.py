"""The forms of Chinese clauses that say how something is, in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from steward.plan.language.lexicon import words
from steward.plan.language.values import number_at

_SIGNS = {
    **dict.fromkeys(("低于", "小于", "少于", "不到", "不足", "不满", "没到", "没有到"), "<"),
    **dict.fromkeys(("高于", "大于", "超过", "超出", "多于", "高过"), ">"),
    **dict.fromkeys(("达到", "不低于", "至少"), ">="),
    **dict.fromkeys(("不高于", "不超过"), "<="),
}
_SIGN = "|".join(sorted(_SIGNS, key=len, reverse=True))
_NUMERAL = r"(?:零下|负|-)?(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万]+)"
_UNIT = r"个?(?:成|摄氏度|度半?|%|ppm|巴|帕|百帕|瓦|勒克斯|lux|微克|分贝|升)?"
_NOW = r"(?:现在|目前|当前|已经|都|还|要|又|正)*"
_COMPARED = re.compile(
    rf"^(?P<subject>.*?){_NOW}(?P<sign>{_SIGN})了?(?P<number>{_NUMERAL})(?P<unit>{_UNIT})$",
    re.IGNORECASE,
)
_BOUND = re.compile(
    rf"^(?P<subject>.*?){_NOW}在?(?P<number>{_NUMERAL})(?P<unit>{_UNIT})(?P<side>以上|以下)$",
    re.IGNORECASE,
)
_THAN = re.compile(
    rf"^(?P<subject>.*?){_NOW}比(?P<number>{_NUMERAL})(?P<unit>{_UNIT})(?:还|更|要)*"
    "(?P<than>[热高暖大多]|[冷低凉小少])$"
)
_WANTED: tuple[tuple[str, str, bool], ...] = (
    ("没有?锁(?:上|好|着)?|没上锁|没锁门|未锁|开锁", "locked", True),
    ("锁(?:着|了|上了|好了|住了)", "locked", False),
    ("不在家|没在家|出门了?|外出了?|没有?回家|没有?回来|没有?到家|没有?回", "home", True),
    ("在家|回家了?|回来了?|到家了?", "home", False),
    ("没有?人(?:在|活动|走动|动)?", "somebody", True),
    ("有人(?:在|活动|走动|动|来|经过)?|有动静|有人在动", "somebody", False),
    ("没有?(?:在)?(?:放|播放|播|唱|响着?)(?:歌|音乐)?", "playing", True),
    (
        "正?在?(?:放|播放|播|唱)着?(?:歌|音乐)|正?在(?:放|播放|播|唱)着?|(?:放|播放|播)着",
        "playing",
        False,
    ),
    ("暂停着?|暂停了", "paused", False),
    ("响(?:了|着|起来了?)|在响|报警了?|报警中", "alarm", False),
    ("没有?(?:关|关上|关好|关闭|合上|拉上)", "active", False),
    ("没有?(?:开|打开|开着|亮|拉开)", "active", True),
    ("(?:开|打开|敞开|亮|敞|拉开|运行|运转)(?:着|了|着的)|在运行|在运转|在工作", "active", False),
    ("(?:关|关上|关闭|灭|合上|拉上)(?:着|了|着的)", "active", True),
    ("不在", "home", True),
    ("在", "home", False),
)
_STATES = tuple(
    (re.compile(rf"^(?P<subject>.*?){_NOW}(?:{form})$"), wanted, negated)
    for form, wanted, negated in _WANTED
)
_HAZARD = re.compile(
    rf"^(?P<subject>.*?){_NOW}(?P<no>没有?)?(?P<what>漏水|进水|积水|漏气|冒烟|着火|有烟|起火)了?$"
)
_HAZARDS = {"漏气": "燃气", "冒烟": "烟雾", "着火": "烟雾", "有烟": "烟雾", "起火": "烟雾"}
_FROST = re.compile(rf"^(?P<subject>.*?){_NOW}(?:是|在|到|降到)?零下(?:的?时候)?$")
_TENTH = 10
_ROOM = re.compile("^(?:室温|气温|屋里?|室内|屋内|家里?|房间里?|这里)的?")
_INSIDE = re.compile("(?:里面|里|内|上|的|那边|那里)$")


def clauses(text: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of the clauses that `text` may be."""
    for form in (_COMPARED, _BOUND, _THAN):
        match = form.match(text)
        if match is not None:
            number = _number(match["number"])
            if number is not None:
                yield _measured(match, number)
    frost = _FROST.match(text)
    if frost is not None:
        subject = _trimmed(frost["subject"]) or "外面"
        yield {"subject": subject, "sign": "<", "quantity": "temperature", "celsius": True}
    for pattern, wanted, negated in _STATES:
        match = pattern.match(text)
        if match is not None:
            subject = _trimmed(match["subject"])
            yield {"subject": subject, "wanted": wanted, "negated": negated}
            break
    hazard = _HAZARD.match(text)
    if hazard is not None:
        what = _HAZARDS.get(hazard["what"], "漏水")
        subject = f"{_trimmed(hazard['subject'])}{what}"
        yield {"subject": subject, "wanted": "alarm", "negated": bool(hazard["no"])}


def contrary(condition: str, other: str) -> bool:
    """Tell whether `other`, which names nothing, says the opposite of how `condition` ends.

    "没开" does so of "水壶开着".
    """
    states = {(each["wanted"], each["negated"]) for each in clauses(condition) if "wanted" in each}
    return any(
        (each["wanted"], not each["negated"]) in states
        for each in clauses(other)
        if "wanted" in each and not each["subject"]
    )


def _measured(match: re.Match[str], number: float) -> dict[str, Any]:
    groups = match.groupdict()
    side = groups.get("side")
    if groups.get("than"):
        sign = ">" if groups["than"] in "热高暖大多" else "<"
    else:
        sign = _SIGNS[groups["sign"]] if side is None else ">=" if side == "以上" else "<="
    subject = _trimmed(groups["subject"])
    heat = "度" in groups["unit"] or "温" in subject
    if not heat and (subject.endswith("湿度") or "湿度" in subject):
        quantity = "humidity"
    else:
        quantity = "temperature" if heat and "湿度" not in subject else ""
    number *= _TENTH if groups["unit"] == "成" else 1
    return {
        "subject": _ROOM.sub("", subject) if quantity == "temperature" else subject,
        "sign": sign,
        "number": number,
        "quantity": quantity,
    }


def _number(said: str) -> float | None:
    minus = re.match("零下|负|-", said)
    units = list(words(said[minus.end() :] if minus else said))
    found = number_at(units, 0) if units else None
    if found is None or found[1] != len(units):
        return None
    return -found[0] if minus else found[0]


def _trimmed(subject: str) -> str:
    return _INSIDE.sub("", subject.strip())
