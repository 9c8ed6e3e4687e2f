"""What a thing of the home is called aloud."""

from __future__ import annotations

import re

from steward.plan.language.text import HAN
from steward.types import Area, Entity, Floor

_SCRIPTS = {
    "zh": f"[{HAN}]",
    "ja": f"[\u3040-\u30ff{HAN}]",
    "ko": "[\uac00-\ud7af]",
    "ru": "[\u0400-\u04ff]",
    "uk": "[\u0400-\u04ff]",
    "bg": "[\u0400-\u04ff]",
    "mn": "[\u0400-\u04ff]",
    "sr": "[\u0400-\u04ff]",
    "el": "[\u0370-\u03ff]",
    "he": "[\u0590-\u05ff]",
    "ar": "[\u0600-\u06ff]",
    "fa": "[\u0600-\u06ff]",
    "ur": "[\u0600-\u06ff]",
    "hi": "[\u0900-\u097f]",
    "th": "[\u0e00-\u0e7f]",
    "ka": "[\u10a0-\u10ff]",
    "hy": "[\u0530-\u058f]",
}
"""A character of the script that a language is written in (Unicode 16, blocks)."""

_LATIN = "[A-Za-z\u00c0-\u024f]"


def spoken_name(thing: Entity | Area | Floor, language: str) -> str:
    """Return the first of the thing's names that is written in the script of `language`.

    Without one, its name as it is: a name in the wrong language is better than none.
    """
    script = _SCRIPTS.get(language.partition("-")[0], _LATIN)
    for name in (thing.name, *thing.aliases):
        if re.search(script, name):
            return name
    return thing.name
