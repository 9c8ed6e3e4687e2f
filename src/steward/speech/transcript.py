"""Is a transcript to be believed? Pure rules over a recogniser's text and numbers."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

MAX_COMPRESSION = 2.4
MIN_LOGPROB = -1.0
MAX_NO_SPEECH = 0.6
"""Above this compression ratio text loops, below this mean log-probability it is a guess, and with
more no-speech than this as well nothing was said: Radford et al., Robust Speech Recognition via
Large-Scale Weak Supervision (2022), section 4.5."""
MAX_RATE = 30.0
"""Letters a second of speech; fast English has about 20."""
MAX_RATE_WIDE = 12.0
"""Chinese, Japanese or Korean characters a second of speech; fast Chinese has about 7."""
LIKELIER = 20.0
"""How much likelier it is that somebody speaks a language of his household than another. German
and Spanish are 250 times likelier than English where they are spoken, in noise, too; short or old
English sentences have been Latin 14 times and Russian 6 times as likely as English."""
_WIDE = re.compile(r"[぀-ヿ㐀-䶿一-鿿가-힯]")
_WORD = re.compile(rf"{_WIDE.pattern}|(?:(?!{_WIDE.pattern})[\w'’%])+")
_LOOP = re.compile(r"(.{2,}?)\1{3,}", re.DOTALL)
_AGAIN = re.compile(r"(.{12,})\1|([぀-ヿ㐀-䶿一-鿿가-힯]{6,})\2", re.DOTALL)
"""Words said twice in a row, too many to be said so by most people."""

_CREDITS = re.compile(
    r"""(
      (sub)?titles?\s+(by|from)\b.* | transcri(bed|ption)\s+by\b.* | captions?\s+by\b.*
    | (thanks|thank\s+you)(\s+(so|very)\s+much)?\s+for\s+watching.*
    | .*\bamara\.org\b.* | www\..*
    | (please\s+)?(like\s+and\s+)?subscribe(\s+to\s+(my|our|the)\s+channel)?
    | untertitel(ung)?\b.* | vielen\s+dank\s+fürs\s+zuschauen.*
    | subtítulos\s+(por|realizados)\b.* | gracias\s+por\s+ver.*
    | 字幕(由|製作|制作|by|志愿|提供).* | 请不吝点赞.* | (感谢|谢谢)(大家)?(的)?(观看|收看).*
    | \[.*\] | \(.*\) | ♪.*
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""What Whisper writes when it hears noise, because its training films end so."""

_SUNG = re.compile(r"(?:(?:o+h*|a+h*|e+h*|u+h*|la+|na+)\b\W*)+|[啊哦噢喔呀啦\W]+", re.IGNORECASE)
"""What a voice does that sings or hums without words; "mhm" and 嗯 are answers."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """One decoding. `logprob` is the mean over its tokens, `no_speech` a probability, `words` are
    those of the text with how likely each is, where that was looked into."""

    text: str
    logprob: float
    no_speech: float
    words: tuple[tuple[str, float], ...] = ()

    @property
    def confidence(self) -> float:
        """How much to believe it, 0 to 1: the mean token probability where speech is."""
        return math.exp(min(self.logprob, 0.0)) * (1.0 - min(max(self.no_speech, 0.0), 1.0))


@dataclass(frozen=True, slots=True)
class Fit:
    """How well `text` fits a sound: where each of its tokens begins and ends in it (several may be
    parts of one character), and how `likely` each is, given the sound and those before."""

    text: str
    spans: Sequence[tuple[int, int]]
    likely: Sequence[float]

    @property
    def score(self) -> float:
        """The natural logarithm of the probability of the text."""
        return sum(math.log(max(each, 1e-9)) for each in self.likely)

    @property
    def words(self) -> tuple[tuple[str, float], ...]:
        """The words of the text, or its Chinese characters, each with its probability."""
        tokens = list(zip(self.spans, self.likely, strict=True))
        found = []
        for word in _WORD.finditer(self.text):
            begin, end = word.span()
            inside = (p for (first, last), p in tokens if first < end and last > begin)
            found.append((word[0], round(math.prod(inside), 3)))
        return tuple(found)


def likeliest(probabilities: Mapping[str, float], preferred: Collection[str]) -> str:
    """Return the language that is spoken, by the probability of each for a speaker of any."""
    return max(
        probabilities, key=lambda each: probabilities[each] * (LIKELIER if each in preferred else 1)
    )


def loops(text: str) -> bool:
    """Tell whether `text` repeats itself as hardly anybody does."""
    data = text.encode()
    squeezed = len(data) / len(zlib.compress(data)) if data else 0.0
    letters = re.sub(r"[\W_]+", "", text).casefold()
    return squeezed > MAX_COMPRESSION or bool(_LOOP.search(letters) or _AGAIN.search(letters))


def too_fast(text: str, seconds: float) -> bool:
    """Tell whether nobody can say `text` in `seconds` of speech."""
    wide = len(_WIDE.findall(text))
    letters = sum(c.isalnum() for c in text) - wide
    # Short sounds get half a second more, for what the detector cuts off at their ends.
    return letters / MAX_RATE + wide / MAX_RATE_WIDE > seconds + 0.5


def suspicious(found: Transcript, seconds: float) -> bool:
    """Tell whether a decoding of `seconds` of speech should be tried again in another way."""
    return (
        not found.text
        or found.logprob < MIN_LOGPROB
        or loops(found.text)
        or too_fast(found.text, seconds)
    )


def nothing_said(found: Transcript, seconds: float) -> bool:
    """Tell whether a decoding of `seconds` of speech holds no words that somebody said.

    Text that repeats itself at a pace that people speak at may be somebody who does.
    """
    text = found.text.strip().strip(".!?。！？ ")
    return (
        not any(c.isalnum() for c in text)
        or (found.no_speech > MAX_NO_SPEECH and found.logprob < MIN_LOGPROB)
        or too_fast(text, seconds)
        or bool(_CREDITS.fullmatch(text) or _SUNG.fullmatch(text))
    )
