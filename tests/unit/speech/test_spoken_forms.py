"""What replies and lists hold sounds as people say it: some 230 cases a language."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from steward.speech.hibari import HibariVoice
from steward.speech.numerals import spoken

CASES = Path(__file__).parents[2] / "data" / "spoken"
VOICE = HibariVoice()


def cases(language: str) -> list[list[str]]:
    lines = (CASES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if " | " in line]


def sounds(text: str) -> str:
    return re.sub(r"[\Wˈˌː]", "", "".join(VOICE.phonemes(text)))


@pytest.mark.parametrize(("written", "said"), cases("en"))
def test_english(written: str, said: str) -> None:
    assert sounds(written) == sounds(said)


@pytest.mark.parametrize(("written", "said"), cases("zh"))
def test_chinese(written: str, said: str) -> None:
    assert spoken(written) == unicodedata.normalize("NFKC", said)


def test_there_are_enough() -> None:
    assert all(len(cases(language)) >= 200 for language in ("en", "zh"))


@pytest.mark.parametrize(
    "text",
    [
        "Wed them on Sat at the sun.",
        "I sat down.",
        "Good morning. It is a fine day.",
        "The time is fine. No, it is not.",
        "The front door is locked.",
        "He said: no. 5 more",
        "Friday and Monday are fine.",
        "St Andrew was here.",
    ],
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    from steward.speech.english import spoken as english

    assert english(text) == text
