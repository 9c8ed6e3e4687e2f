"""How words sound, in a form to compare: English by hibari's phonemes, Chinese by pinyin."""

from __future__ import annotations

import re
from functools import lru_cache

from steward.speech.hibari import HibariVoice

_REMEMBERED = 4096
_CHINESE = re.compile(r"[㐀-䶿一-鿿]")


class Pronouncer:
    """Tells how words of English and Chinese sound; what it told before it tells at once."""

    def __init__(self) -> None:
        self._english = HibariVoice()
        self.sound = lru_cache(_REMEMBERED)(self._sound)

    def _sound(self, words: str) -> str:
        if _CHINESE.search(words):
            # Lazy: its dictionary takes a fifth of a second and 50 MB, for Chinese that is heard.
            from pypinyin import lazy_pinyin

            return "".join(_blurred(syllable) for syllable in lazy_pinyin(words))
        return re.sub(r"[\Wˈˌː]", "", "".join(self._english.phonemes(words)))


def _blurred(syllable: str) -> str:
    """Leave out of a syllable of pinyin what speakers, and recognisers, do not tell apart."""
    syllable = re.sub(r"^([zcs])h", r"\1", syllable)
    return re.sub(r"ng$", "n", re.sub(r"^l", "n", syllable))
