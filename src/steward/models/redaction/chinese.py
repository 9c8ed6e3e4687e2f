"""Personal data in Chinese text: people, addresses, companies, plates, birthdays and accounts."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from steward.models.redaction.spans import Kind, Span

if TYPE_CHECKING:
    import jieba

HAN = "\u3400-\u9fff"
_SINGLE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾"
    "丁魏薛叶阎余"
    "潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔"
    "贺赖龚文庞樊兰"
    "殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿"
    "牟卜路詹关苗"
    "凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边"
    "辜吉饶刁瞿戚丘"
    "古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖"
    "糜鄢冷卓花"
    "仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺逄亓"
    "水云母居步"
)
_DOUBLE = (
    "欧阳|司马|诸葛|上官|慕容|尉迟|夏侯|东方|皇甫|公孙|令狐|端木|司徒|司空|宇文|长孙|独孤|南宫"
    "|闻人|澹台|呼延|轩辕"
)
_SURNAME = f"(?:{_DOUBLE}|[{_SINGLE}])"
_RARE = frozenset(
    "和时来成全应都云水明花单计沙连原官保母居步向路安常文方白高万金马石包华车台强关边商位习党阳"
    "解游盖木查费房单兰"
)
"""Surnames that far more often are other words; only a full name in its setting counts."""
_TITLE = (
    "先生|女士|小姐|太太|老师|医生|大夫|护士|教授|经理|总监|总经理|主任|律师|师傅|阿姨|叔叔"
    "|同学|警官|校长|院长|局长|处长"
    "|科长|总裁|董事长|工程师|教练|奶奶|爷爷|伯伯|大哥|大姐"
)
_BEFORE = re.compile(
    r"(?:我叫|我是|他叫|她叫|名叫|叫做|叫|名字是|名字叫|姓名[:：是]?|联系人[:：是填]?"
    r"|收件人[:：是填]?|寄件人[:：是填]?|取件人[:：是填]?"
    r"|户名[:：是]?|租客是|房东|乘客|登机人|司机|客户|患者|病人|经理|老师|医生|大夫|律师|妈妈"
    r"|爸爸|母亲|父亲|儿子|女儿|老公|老婆|丈夫|妻子"
    r"|哥哥|姐姐|弟弟|妹妹|朋友|同事|邻居|同学|班主任|班主任叫|给|找|和|跟|与|帮|替|请|邀请"
    r"|谢谢|感谢|送|去|问|告诉|通知|提醒|抄送给?|发给"
    r"|写的是|是|由|让|被|对|把|说|昨天|今天|明天|刚才|刚刚|翻译[:：]|简历[:：]|的"
    r"|[:：、，,（(“\"\s]|^)$"
)
_SURE_BEFORE = re.compile(
    r"(?:我叫|他叫|她叫|名叫|叫做|个叫|名字是|名字叫|姓名[:：是]?|联系人[:：是填]?"
    r"|收件人[:：是填]?|寄件人[:：是填]?|取件人[:：是填]?|户名[:：是]?"
    r"|租客是|房东|登机人|班主任叫|司机|乘客|患者|妈妈|爸爸|儿子|女儿|老公|老婆|写的是)\s*$"
)
_AFTER = re.compile(
    rf"(?:{_TITLE}|的|说|是|在|将|跟|和|、|打|来|名下|家|今年|布置|给|要|让|于|先|女|小|昨|明"
    rf"|今|，|,|。|；|？|！|!|\?|:|：|（|\(|\)|）|\s|$"
    r"|现|住|出生|发|已|会|不|到|找|为|装|电话|手机|吵|订|一起|吃|去|等|也|都|你|这|那|身份证"
    r"|因|带|把|[a-zA-Z0-9])"
)
_DOUBLED = re.compile(_DOUBLE)
_PERSON = re.compile(rf"(?={_SURNAME}[{HAN}])")
_NOT_GIVEN = frozenset(
    "的了吗呢吧跟与说在是有要不我你他她它们个这那就都也很到去来给请把被让从对为于将，。"
)
_CUT = re.compile(rf"[今明昨后前][天年晚早]|{_TITLE}|今[后日]|明日")
"""Words that no name ends within."""
_TITLED = re.compile(
    rf"(?<![{HAN}])({_SURNAME}[{HAN}]{{0,2}}?)(?={_TITLE})|({_SURNAME})(?={_TITLE})"
)

_PART = rf"[{HAN}]"
_REGION = (
    rf"(?:(?:{_PART}{{2,8}}?(?:省|自治区|特别行政区))|(?:内蒙古|广西|宁夏|新疆|西藏)(?:自治区)?)?"
    rf"(?:(?:{_PART}{{2,10}}?(?:自治州|地区|盟|市))){{0,2}}(?:{_PART}{{1,8}}?(?:自治县|区|县"
    rf"|旗|市))?"
    rf"(?:{_PART}{{1,8}}?(?:街道|镇|乡|村|社区))?"
)
_NUMERAL = r"[0-9０-９一二三四五六七八九十百零〇]{1,6}"
_STREET = (
    rf"(?:{_PART}{{1,10}}?(?:大道|大街|路|街|巷|弄|胡同|里|道|段){_PART}{{0,2}}?)"
    rf"{_NUMERAL}(?:[-－之]\d+)?(?:号|弄)(?:院|楼)?"
)
_ESTATE = (
    rf"(?:{_PART}{{2,10}}?(?:小区|花园|公寓|家园|苑|城|大厦|广场|新村|园|府|湾|里|社区|院|庭"
    rf"|国际|天地|庄|居|轩|阁|邸|墅|公馆))"
)
_ROOM = (
    rf"(?:{_NUMERAL}|[A-Za-z])(?:号楼|栋|幢|座|号院|号"
    rf"|楼)(?:{_NUMERAL}单元)?(?:{_NUMERAL}(?:层|楼))?"
    r"(?:[A-Za-z]?\d{2,5}[A-Za-z]?)?(?:室|房|号|户)?"
)
_HOUSED = (
    rf"(?:{_STREET}(?:{_PART}{{0,12}}?{_ROOM}|{_ESTATE})?|(?:{_ESTATE}"
    rf"|{_PART}{{2,10}}?)(?:{_ROOM}))"
)
_ADDRESS = re.compile(rf"{_REGION}{_HOUSED}")
_HOUSE = re.compile(rf"(?:{_NUMERAL}|[A-Z])(?:号|弄|栋|幢|座|楼)")
_PROVINCE = re.compile("省|自治区")
_AROUND = 60
"""Characters that an address has at most before and after its first number."""
_AREA = re.compile(
    rf"{_PART}{{2,8}}?(?:省|自治区){_PART}{{2,10}}?(?:市|州|地区)(?:{_PART}{{1,8}}?(?:区|县|市"
    rf"|旗))?(?:{_PART}{{1,6}}?(?:街道|镇|乡|村))?"
)
_LEADS = re.compile(
    r"^(?:.*?(?:地址|住址|居住地)(?:是|在|为)?|.*?(?:快递寄到|寄到|寄往|送到|搬到|导航到|位于"
    r"|住在|现居|家在|门牌是|开户行在|见面在|房子在|就在)"
    r"|.{0,10}?(?:在|从(?!化)|到)(?=.{4})|.{0,4}?和(?![平田县硕顺政龙谐美浩])(?=.{4})|请|麻烦"
    r"|把|我家在|我住在?|他住在?|她住在?|住在?|去|是|跟|与|的|明天|今天|昨天|下午|上午|晚上"
    r"|[:：，,])"
)
_COMPANY = re.compile(
    rf"[{HAN}（）()]{{2,20}}?(?:股份有限公司|有限责任公司|有限公司|集团公司|分公司|事务所|合作社)"
)
_COMPANY_LEADS = re.compile(
    r"^(?:.*?(?:写一封信给|打电话给|打电话说是|投诉|入职|加入|任职于|就职于|在职于|说是"
    r"|打款给)|我在|他在|她在|在|给|是|我们|和|跟|向|从|由|去|到|请|帮我|联系)"
)
_RULES: tuple[tuple[Kind, float, re.Pattern[str]], ...] = (
    (
        Kind.PLATE,
        0.97,
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• ]?"
            r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"
        ),
    ),
    (Kind.DATE, 0.95, re.compile(r"(?:19|20)\d\d ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?[日号])?")),
    (Kind.DATE, 0.9, re.compile(r"(?<=生日是)\d{1,2}月\d{1,2}[日号]")),
    (
        Kind.ACCOUNT,
        0.95,
        re.compile(
            r"(?:微信号?|wechat|weixin|qq号?|QQ号?|支付宝|账户名|用户名)(?:是|为|叫"
            r"|加)?\s*[:：]?\s*"
            r"([A-Za-z0-9][\w-]{4,24})",
            re.ASCII | re.IGNORECASE,
        ),
    ),
    (
        Kind.PASSPORT,
        0.95,
        re.compile(
            r"(?:护照|passport)[^\d\n]{0,12}?([A-Za-z]{0,2}\d{7,9})(?![0-9A-Za-z])",
            re.IGNORECASE | re.ASCII,
        ),
    ),
    (Kind.PASSPORT, 0.85, re.compile(
        r"(?<![0-9A-Za-z])(?:[EGDSP]\d{8}|E[A-HJ-NP-Z]\d{7,8})(?![0-9A-Za-z])")),
    (Kind.ID, 0.9, re.compile(
        r"(?:身份证|证件)号?码?(?:是|为)?\s*[:：]?\s*(\d{14,17}[\dXx])(?!\d)")),
    (Kind.AGE, 0.85, re.compile(r"(?<!\d)(\d{1,3})(?:周)?岁(?!以[上下])")),
)  # fmt: skip


def find(text: str, taken: Collection[int]) -> Iterator[Span]:
    """Yield what is personal in `text` as Chinese writes it, leaving alone `taken`."""
    for kind, score, pattern in _RULES:
        for match in pattern.finditer(text):
            yield Span(*match.span(1 if pattern.groups else 0), kind, score)
    if not re.search(f"[{HAN}]", text):
        return
    housed = list(_addresses(text, taken))
    firms = list(_companies(text))
    yield from housed
    yield from firms
    inside = {at for span in (*housed, *firms) for at in range(span.start, span.end)}
    yield from _people(text, {*taken, *inside})


def _addresses(text: str, taken: Collection[int]) -> Iterator[Span]:
    for pattern, anchor, score in ((_ADDRESS, _HOUSE, 0.96), (_AREA, _PROVINCE, 0.9)):
        for match in _near(text, pattern, anchor):
            start, end = match.span()
            while lead := _LEADS.match(text[start:end]):
                start += lead.end()
            if end - start >= 4 and not any(at in taken for at in range(start, end)):
                yield Span(start, end, Kind.ADDRESS, score)


def _near(text: str, pattern: re.Pattern[str], anchor: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield matches of a costly `pattern` around those of a cheap one that each of them holds."""
    begin = until = 0
    for found in anchor.finditer(text):
        if found.start() - _AROUND > until:
            yield from pattern.finditer(text, begin, until)
            begin = found.start() - _AROUND
        until = found.end() + _AROUND
    yield from pattern.finditer(text, begin, until)


def _companies(text: str) -> Iterator[Span]:
    for match in _COMPANY.finditer(text):
        start = match.start()
        while lead := _COMPANY_LEADS.match(text[start : match.end()]):
            start += lead.end()
        yield Span(start, match.end(), Kind.ORGANIZATION, 0.94)


def _people(text: str, taken: Collection[int]) -> Iterator[Span]:
    """Names: a surname and one or two characters that make no word, where a name can stand."""
    counts = _counts()
    found: list[tuple[float, int, int]] = []
    for match in _PERSON.finditer(text):
        found += _name(text, match.start(), counts)
    for match in _TITLED.finditer(text):
        start, end = match.span(1 if match[1] else 2)
        if _plausible(text, start, end, counts):
            found.append((_ENOUGH, start, end))
    free = set(range(len(text))).difference(taken)
    for _, start, end in sorted(found, key=lambda one: (-one[0], one[1])):
        if free.issuperset(range(start, end)):
            free.difference_update(range(start, end))
            yield Span(start, end, Kind.PERSON, 0.85)


def _plausible(text: str, start: int, end: int, counts: Mapping[str, int]) -> bool:
    """Whether a surname before a title is one: not the end of a longer word ("马" of 罗马)."""
    return not (start and counts.get(text[start - 1 : start + 1], 0) > 50 and end - start == 1)


def _name(text: str, start: int, counts: Mapping[str, int]) -> list[tuple[float, int, int]]:
    """Return the weight, the start and the end of the name that begins at `start`, if one does."""
    first = start + (2 if _DOUBLED.match(text, start) else 1)
    before = text[max(0, start - 8) : start]
    sure = _SURE_BEFORE.search(before) is not None
    best, found = -1.0, 0
    for length in (2, 1):
        end = first + length
        given = text[first:end]
        if len(given) < length or not re.fullmatch(f"[{HAN}]+", given) or set(given) & _NOT_GIVEN:
            continue
        weight = _weight(text, start, first, end, counts)
        weight += 3 * sure + (_BEFORE.search(before) is not None) + (length == 2)
        if weight > best:
            best, found = weight, end
    return [(best, start, found)] if best >= _ENOUGH else []


_ENOUGH = 3.0


def _weight(text: str, start: int, first: int, end: int, counts: Mapping[str, int]) -> float:
    """How much what stands there looks like a name rather than like words."""
    whole = text[start:end]
    weight = 1.0 if text[start:first] not in _RARE else -0.5
    weight += 2.0 if _AFTER.match(text, end) else -1.0
    count = counts.get(whole, 0)
    if count > 20 and len(whole) == 2:
        weight -= 3.0
    elif count > 200:
        weight -= 2.0
    if start and counts.get(text[start - 1 : first], 0) > 300 and text[start - 1] not in "是叫和给":
        weight -= 1.5
    if first - start == 1 and counts.get(text[start : first + 1], 0) > 300 and end - first == 2:
        weight -= 2.5 if counts[text[start : first + 1]] > 2_000 else 1.5
    if end < len(text) and counts.get(text[end - 1 : end + 1], 0) > 1_000:
        weight -= 1.0
    if any(_CUT.match(text, at) for at in range(first, end)):
        weight -= 3.0
    return weight


def _counts() -> Mapping[str, int]:
    """How often each word is in the texts that jieba has counted."""
    counts: Mapping[str, int] = cutter().FREQ
    return counts


@lru_cache(maxsize=1)
def cutter() -> jieba.Tokenizer:
    """Return what cuts Chinese into words; its dictionary is loaded once, in a second or so."""
    with warnings.catch_warnings():
        # jieba 0.42 has escapes that newer Pythons warn about.
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer
