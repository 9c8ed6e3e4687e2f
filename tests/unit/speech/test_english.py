"""What is written short sounds like what it stands for."""

from __future__ import annotations

import re

import pytest

from steward.speech.english import spoken
from steward.speech.hibari import HibariVoice

VOICE = HibariVoice()


def sounds(text: str) -> str:
    return re.sub(r"[^a-zA-Zæðŋɑɔəɛɜɡɪɹʃʊʌʒʤʧθᵊɐ]", "", "".join(VOICE.phonemes(text)))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("The pump draws 60 W", "The pump draws sixty watts"),
        ("1 W", "one watt"),
        ("1.5 L left", "one point five liters left"),
        ("1 m²", "one square meter"),
        ("CO2 is at 812 ppm", "C O two is at eight hundred twelve PPM"),
        ("12 m/s", "twelve meters per second"),
        ("PM2.5 is 35 µg/m³", "PM two point five is thirty five micrograms per cubic meter"),
        ("20€", "twenty euros"),
        ("50/50", "fifty fifty"),
        ("No. 5 is on", "number five is on"),
        ("20–25 °C", "twenty to twenty five degrees celsius"),
        ("the A/C is on", "the AC is on"),
        ("35 dB", "thirty five decibels"),
        ("300 lx", "three hundred lux"),
        ("101.3 kPa", "one hundred one point three kilopascals"),
        ("2h 5min", "two hours five minutes"),
        ("salt & pepper", "salt and pepper"),
    ],
)
def test_units_and_signs_are_words(written: str, said: str) -> None:
    assert sounds(written) == sounds(said)


@pytest.mark.parametrize("text", ["A 5 is no current", "Room 3A", "plan B", "5 Watts", "R2D2"])
def test_other_letters_stay_as_they_are(text: str) -> None:
    assert spoken(text) == text
