"""Addresses as they are written in Latin letters: streets, houses, flats, boxes, postcodes.

An address begins at an anchor, something that hardly is anything else ("14 Elm Street", "Apt. 5",
"rue de Virton 38"), and takes in what stands beside it and looks like more of the same: numbers and
capitalised words, to the end of the line and on to the next ones that hold nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from steward.models.redaction.spans import Kind, Span

_SUFFIXES = (
    "alley|annex|arcade|avenue|ave|av|bayou|beach|bend|bluffs?|boulevard|blvd|branch|bridge|brooks?"
    "|burgs?|bypass|camp|canyon|cape|causeway|circles?|cir|cliffs?|close|commons?|corners?|court"
    "|courts|ct|coves?|creek|crescent|cres|crest|crossing|crossroads?|curve|dale|dam|divide"
    "|drives?|dr|estates?|expressway|extensions?|falls?|ferry|fields?|flats?|fords?|forest|forges?"
    "|forks?|fort|freeway|gardens?|gateway|glens?|greens?|groves?|harbors?|haven|heights|highway"
    "|hwy|hills?|hollow|inlet|islands?|isle|junctions?|keys?|knolls?|lakes?|landing|lane|ln|lights?"
    "|loaf|locks?|lodge|loop|manors?|meadows?|mews|mills?|mission|motorway|mount|mountains?|neck"
    "|orchard|oval|overpass|parade|parks?|parkways?|pkwy|pass|passage|path|pike|pines?|place|pl"
    "|plains?|plaza|points?|ports?|prairie|quay|radial|ramp|ranch|rapids?|rest|ridges?|rise|rivers?"
    "|roads?|rd|route|row|run|shoals?|shores?|skyway|springs?|spurs?|squares?|sq|station|stravenue"
    "|stream|streets?|st|summit|terrace|throughway|trace|track|trafficway|trail|tunnel|turnpike"
    "|underpass|unions?|valleys?|viaduct|views?|villages?|ville|vista|walks?|wall|ways?|wells?"
)
"""What a street's name ends in: United States Postal Service, Publication 28, appendix C1."""
_SURE = (
    "street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|boulevard|blvd|court|ct|terrace|crescent|cres"
    "|highway|hwy|parkway|pkwy|alley|mews|turnpike|square|close|way"
)
"""Those that a capitalised word before them makes a street without a number."""
_JOINED = (
    "stra(?:at|[sß]s?e)|str|weg|wegen|gasse|laan|plein|gade|vej|vegen|veien|vei|gata|gatan|gate"
    "|vägen|väg|tie|katu|polku|kuja|raitti|stræti|braut|vegur|gatvė|allee|allé|dijk|platz|kade"
    "|singel|steeg|ulice|stígur|gränd|bakken|stien|parken"
)
"""Ends of the streets' names that are one word."""
_BEFORE = (
    "rue|av|ave|avenue|avenida|avda|via|viale|vicolo|calle|c/|carrera|rua|rúa|plaza|plaça|place"
    "|piazza|praça|ulica|ul|ruta|strada|str|chauss[ée]e|boulevard|boul|bd|camino|paseo|largo"
    "|travessa|corso|contrada|quai|all[ée]e|chemin|impasse|cours|route|jl|jalan|náměstí|ul"
)
"""Words that stand before a street's name."""
_HUNGARIAN = "út|útja|utca|u|tér|rkp|rakpart|krt|körút|sor|köz|fasor|sétány"
_WORD = r"[A-ZÀ-ÞĀ-ŽΑ-ΩА-Я][\w'’.-]{0,40}"
_SMALL = (
    r"(?:de|del|della|dello|di|da|do|dos|das|du|des|la|le|les|el|los|las|of|the|van|von|den|der|het"
    r"|op|aan|bij|am|an|im|zu|zur|y|e|na|nad|pod|ved|nan|i|[dl]['’]\w{1,40})"
)
_NUMBER = r"\#?\d[\dA-Za-z/-]{0,9}"
_HOUSE = rf"(?:{_NUMBER}[ ,]+){{1,2}}"

_ANCHORS: tuple[tuple[float, re.Pattern[str]], ...] = (
    (
        0.97,
        re.compile(
            rf"\b{_HOUSE}(?:(?:{_WORD}|\d+(?:st|nd|rd|th)) +){{0,4}}(?:{_WORD}|\d+(?:st|nd|rd"
            rf"|th)) +"
            rf"(?i:{_SUFFIXES})\b\.?"
        ),
    ),
    (0.95, re.compile(rf"\b{_HOUSE}(?:[\w'’.-]{{1,40}} +){{1,3}}(?i:{_SURE})\b\.?(?! +to\b)")),
    (0.92, re.compile(rf"\b(?:{_WORD} +){{1,3}}(?i:{_SURE})\b\.?(?=\W|$)")),
    (0.8, re.compile(
        rf"\b(?!The |A |My |An |Our |Dr|Mr|Ms|Miss|Prof)(?:{_WORD}"
        rf" +)(?:{_SUFFIXES.title()})\b(?= *(?:$|[.?!,\n]| and\b))")),
    (0.96, re.compile(rf"(?<![\w-])[\w'’.-]{{0,40}}\w{{2}}(?i:{_JOINED}) +{_NUMBER}\b")),
    (0.85, re.compile(rf"\b[A-ZÀ-ÞĀ-Ž][\w'’-]{{0,40}}\w{{2}}(?:{_JOINED})\b(?= street|\W|$)")),
    (
        0.95,
        re.compile(
            rf"(?<![\w/])(?:{_HOUSE})?(?i:{_BEFORE})\.? +(?:(?:{_SMALL}|{_WORD}) *){{0,4}}"
            rf"(?:{_WORD})(?:,? *(?:n[º°o.]* *)?{_NUMBER})?"
        ),
    ),
    (0.95, re.compile(
        rf"\b{_HOUSE}(?i:{_BEFORE})\.? +(?:[\w'’.-]{{1,40}} ?){{1,4}}(?=[\n,]|$| Apt| Suite)")),
    (0.96, re.compile(rf"\b(?:[\w'’.-]{{1,40}} ){{1,3}}(?i:{_HUNGARIAN})\.? +{_NUMBER}\.?")),
    (
        0.95,
        re.compile(
            r"\b(?:Apt|Apartment|Suite|Ste|Unit|Flat|Bldg|Building|P\.? ?O\.? ?Box|Postbox|Postboks"
            r"|Apartado|PSC)\b\.? *#?\d[\w-]*(?:, *Box +\d+)?",
            re.IGNORECASE,
        ),
    ),
    (0.97, re.compile(
        r"\b(?:US(?:NS|NV|S|CGC)|Unit) +[\w'’-]+ *(?:Box +\d+ *)?\n? *(?:[FAD]PO) +A[AEP]"
        r" +\d{5}")),
    (0.97, re.compile(r"\b(?:unit +\d+ +box +\d+\s+)?[FAD]PO +A[AEP] +\d{5}\b", re.IGNORECASE)),
    (0.9, re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? +\d[A-Z]{2}\b|\b[A-Z]\d[A-Z] +\d[A-Z]\d\b")),
    (0.85, re.compile(rf"\b{_WORD}(?: {_WORD}){{0,4}},? +[A-Z]{{2}},? +\d{{5}}(?:-\d{{4}})?\b")),
    (0.7, re.compile(
        rf"\b{_NUMBER} +(?:{_SMALL} +){{0,3}}{_WORD}(?: +(?:{_SMALL}|{_WORD})){{0,5}}"
        r" +\d{1,5}(?![\w%])")),
    (0.6, re.compile(
        r"\b(?!The |In |At |On |By |For |Since |Title |Number |Card |Top |Windows |Page )"
        r"[A-ZÀ-ÞĀ-Ž][a-zà-ÿā-ž'’-]{3,},? +(?!(?:19|20)\d\d\b)(?:\d{1,5}[A-Za-z]?|\d{3} \d\d)\b"
        r"(?! *(?:%|st|nd|rd|th|percent|years?|days?|[:/.-]\d))")),
    (0.9, re.compile(
        r"\b(?:the )?corner of (?:ul\. |[^.?!\n]){3,80}?(?= after| before|[.?!\n]|$)")),
    (
        0.9,
        re.compile(
            r"(?<=\bzip)(?: ?code)?(?: is|:| =)? *#?([\dA-Z][\dA-Z -]{1,9}[\dA-Z])\b",
            re.IGNORECASE,
        ),
    ),
    (0.9, re.compile(
        r"\b(?:post ?code|postal code)(?: is|:)? *([\dA-Z][\dA-Z -]{1,9})\b", re.IGNORECASE)),
)  # fmt: skip

_LED = re.compile(
    r"\b(?:address(?:es)?(?: here)?(?: is| to| with|:|\? it is)|following\?|located at"
    r"|offices? are at"
    r"|liv(?:e|es|ed|ing) (?:at|on)|mov(?:ed|ing) to|meet (?:you|me|us|them) at|meet at"
    r"|restaurant is at|be sent to|sent to\?|ship(?:ped)? (?:it )?to|deliver(?:ed)? (?:it )?to"
    r"|here they are|new one to|statement sent to|address)\W+(?:User: *)?(?:the same: *)?",
    re.IGNORECASE,
)
_LED_END = re.compile(
    r" +(?:for|after|before|and (?:i|my|we)|street|st\.|please|because|when|by|with|on|at|from) |"
    r"[?!;]|\.(?=\s+[A-Z]|\s*$)|\n(?=\n|[A-Z]\w+:)|$",
    re.IGNORECASE,
)
_STREETLIKE = re.compile(
    rf"\b(?:{_SURE}|{_BEFORE}|{_HUNGARIAN})\b|(?:{_JOINED})\b|\b[^\W\d]{{3,}} +\d+\b|\b\d+"
    rf" +[^\W\d]{{3,}}",
    re.IGNORECASE,
)
_MORE = re.compile(rf"[ ,]*(?:{_WORD}|{_NUMBER}|\([A-Z]\w+\)|{_SMALL}\b(?=[ ,]+(?:{_WORD}|\d)))")
_TOKEN = rf"(?:{_WORD}|{_NUMBER}|\([A-Z]\w+\)|{_SMALL}(?!\w))"
_MORE_LINE = re.compile(
    rf"(?:,? *\n){{1,3}}[ >,]*{_TOKEN}(?:[ ,]+{_TOKEN}){{0,10}}[ ,]*"
    r"(?=\n|$|[.?!](?:\s|$)|\bafter\b|\bfor\b)"
)
_LESS = re.compile(
    rf"(?:(?:{_WORD} +|{_NUMBER}[ ,]+)){{0,6}}{_NUMBER}[ ,]+$|(?:{_NUMBER}[ ,]+){{1,6}}$"
)


_LONGEST = 200
"""Characters that an address goes on for at most behind its anchor."""


def find(text: str, taken: Collection[int]) -> Iterator[Span]:
    """Yield addresses in `text`; no character of `taken` (positions) is made part of one."""
    for score, pattern in _ANCHORS:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            start, end = match.span(group)
            if any(position in taken for position in range(start, end)):
                continue
            yield Span(*_extended(text, start, end, taken), Kind.ADDRESS, score)
    for lead in _LED.finditer(text):
        rest = _LED_END.search(text, lead.end(), lead.end() + _LONGEST)
        end = rest.start() if rest else min(len(text), lead.end() + _LONGEST)
        end = next((at for at in range(lead.end(), end) if at in taken), end)
        said = text[lead.end() : end].rstrip(" ,.\n")
        if 3 < len(said) < 160 and any(map(str.isdigit, said)) and _STREETLIKE.search(said):
            yield Span(lead.end(), lead.end() + len(said), Kind.ADDRESS, 0.9)


def _extended(text: str, start: int, end: int, taken: Collection[int]) -> tuple[int, int]:
    """Widen an anchor by the numbers before it and by what goes on after it."""
    before = _LESS.search(text, max(0, start - 60), start)
    if before and not any(at in taken for at in range(before.start(), start)):
        start = before.start()
    limit = end + _LONGEST
    while more := _MORE.match(text, end, limit) or _MORE_LINE.match(text, end, limit):
        if more.end() == end or any(at in taken for at in range(end, more.end())):
            break
        end = more.end()
        if re.match(r"\. +[A-Z]|[.?!]\s", text[end - 1 : end + 3]):
            break
    return start, end - (len(text[start:end]) - len(text[start:end].rstrip(" ,.\n")))
