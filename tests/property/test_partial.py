"""Words that are stable stay, whatever is read later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steward.speech.partial import stable_words

WORDS = st.lists(st.sampled_from(["turn", "Turn", "on", "off,", "the", "开", "灯。"]), max_size=6)
readings = st.lists(WORDS.map(" ".join), max_size=8)


def plain(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).casefold()


@given(readings)
def test_what_is_stable_is_never_taken_back(texts: list[str]) -> None:
    stable = before = ""
    for text in texts:
        later = stable_words(stable, before, text)
        assert plain(later).startswith(plain(stable))
        if later != stable:
            assert text.startswith(later)
        stable, before = later, text


def test_two_readings_that_agree_make_it_stable() -> None:
    assert stable_words("", "", "Turn on the") == ""
    assert stable_words("", "Turn on the", "turn on the light") == "turn on"
    assert stable_words("turn on", "turn on the light", "Turn, on the light in") == "Turn, on the"
    assert stable_words("turn on", "x", "Turn off the") == "turn on"
    assert stable_words("", "打开客厅", "打开客厅的灯") == "打开客"
