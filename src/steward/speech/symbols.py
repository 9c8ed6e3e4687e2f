"""The symbols that Kokoro reads, and Chinese syllables written in them."""

from __future__ import annotations

MAX_SYMBOLS = 510
"""Most symbols in one piece: Kokoro's context of 512 less one pad at either end."""

_RUNS: tuple[tuple[int, str], ...] = (
    (1, ";:,.!?"),
    (9, '—…"()“” \u0303ʣʥʦʨᵝꭧAI'),
    (31, "O"),
    (33, "Q"),
    (35, "ST"),
    (39, "W"),
    (41, "Yᵊabcdef"),
    (50, "hijklmnopqrstuvwxyzɑɐɒæ"),
    (75, "βɔɕç"),
    (80, "ɖðʤə"),
    (85, "ɚɛɜ"),
    (90, "ɟ"),
    (92, "ɡ"),
    (99, "ɥ"),
    (101, "ɨɪʝ"),
    (110, "ɯɰŋɳɲɴø"),
    (118, "ɸθœ"),
    (123, "ɹ"),
    (125, "ɾɻ"),
    (128, "ʁɽʂʃʈʧ"),
    (135, "ʊʋ"),
    (138, "ʌɣɤ"),
    (142, "χʎ"),
    (147, "ʒʔ"),
    (156, "ˈˌː"),
    (162, "ʰ"),
    (164, "ʲ"),
    (169, "↓"),
    (171, "→↗↘"),
    (177, "ᵻ"),
)
SYMBOLS = {c: first + i for first, run in _RUNS for i, c in enumerate(run)}
"""Kokoro-82M v1.0's symbols and their numbers: `vocab` of its config.json (Apache-2.0,
https://huggingface.co/hexgrad/Kokoro-82M), written here as runs of neighbours. 0 is the pad."""

_INITIALS = {
    "": "",
    "b": "p",
    "p": "pʰ",
    "m": "m",
    "f": "f",
    "d": "t",
    "t": "tʰ",
    "n": "n",
    "l": "l",
    "g": "k",
    "k": "kʰ",
    "h": "x",
    "j": "ʨ",
    "q": "ʨʰ",
    "x": "ɕ",
    "zh": "ꭧ",
    "ch": "ꭧʰ",
    "sh": "ʂ",
    "r": "ɻ",
    "z": "ʦ",
    "c": "ʦʰ",
    "s": "s",
}
_FINALS = {
    "": "",
    "a": "a0",
    "ai": "ai0",
    "an": "a0n",
    "ang": "a0ŋ",
    "ao": "au0",
    "e": "ɤ0",
    "ei": "ei0",
    "en": "ə0n",
    "eng": "ə0ŋ",
    "er": "ɚ0",
    "ê": "ɛ0",
    "i": "i0",
    "ia": "ja0",
    "ian": "jɛ0n",
    "iang": "ja0ŋ",
    "iao": "jau0",
    "ie": "je0",
    "in": "i0n",
    "ing": "i0ŋ",
    "io": "jɔ0",
    "iong": "jʊ0ŋ",
    "iou": "jou0",
    "ong": "ʊ0ŋ",
    "ou": "ou0",
    "u": "u0",
    "ua": "wa0",
    "uai": "wai0",
    "uan": "wa0n",
    "uang": "wa0ŋ",
    "uei": "wei0",
    "uen": "wə0n",
    "ueng": "wə0ŋ",
    "uo": "wo0",
    "ü": "y0",
    "üan": "ɥɛ0n",
    "üe": "ɥe0",
    "ün": "y0n",
    "m": "m0",
    "n": "n0",
    "ng": "ŋ0",
}
"""Where 0 stands, the tone goes. The signs are those that Kokoro was trained with, as misaki 0.9.4
(MIT) makes them after Duanmu, The Phonology of Standard Chinese (2007)."""
_TONES = {"": "", "1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_RETROFLEX = frozenset({"zh", "ch", "sh", "r"})
_DENTAL = frozenset({"z", "c", "s"})


def syllable(initial: str, final: str, tone: str) -> str:
    """Return a pinyin syllable in Kokoro's symbols.

    Args:
        initial: a strict initial ("zh"), or empty.
        final: a strict final, with ü ("iou", "üan"); empty where the initial is all ("嗯").
        tone: "1" to "4", or "5" or empty for none.

    Raises:
        KeyError: one of them is no pinyin.
    """
    if final == "i" and initial in _RETROFLEX | _DENTAL:
        # The buzzing vowel of "shi" and "si".
        sound = "ɨ0"
    elif final == "o" and not initial:
        sound = "ɔ0"
    elif final == "o":
        sound = "wo0"
    else:
        sound = _FINALS[final]
    return _INITIALS[initial] + sound.replace("0", _TONES[tone])
