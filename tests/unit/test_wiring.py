from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from steward.butler import Butler
from steward.config import Config, VoiceConfig
from steward.events import Replied
from steward.persona import VoiceOf
from steward.skills.speaking import Chosen
from steward.speech.delivery import Delivery
from steward.types import Utterance
from steward.wiring import assemble, delivery

NIGHT = VoiceConfig(night="22:30-07:00")
SOFT = VoiceConfig(night="22:30-07:00", at_night="soft")


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-04T{clock}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("usual", "chosen", "clock", "whispers", "loudness"),
    [
        (VoiceConfig(), Chosen(), "23:00", False, 1),
        (NIGHT, Chosen(), "22:29:59", False, 1),
        (NIGHT, Chosen(), "22:30", True, 1),
        (NIGHT, Chosen(), "06:59:59", True, 1),
        (NIGHT, Chosen(), "07:00", False, 1),
        (NIGHT, Chosen(whisper=False), "23:00", False, 1),
        (NIGHT, Chosen(whisper=True), "12:00", True, 1),
        (SOFT, Chosen(), "23:00", False, 0.5),
        (SOFT, Chosen(whisper=False), "23:00", False, 1),
        (VoiceConfig(night="13:00-14:00"), Chosen(), "13:30", True, 1),
        (VoiceConfig(night="13:00-14:00"), Chosen(), "12:30", False, 1),
        (VoiceConfig(loudness=2), Chosen(loudness=2), "12:00", False, 2),
    ],
)
def test_when_he_whispers(
    usual: VoiceConfig, chosen: Chosen, clock: str, whispers: bool, loudness: float
) -> None:
    how = delivery(VoiceOf(), usual, chosen, at(clock))
    assert (how.whisper, how.loudness) == (whispers, loudness)


def test_all_who_have_a_say_in_his_speed() -> None:
    own = VoiceOf(speed=0.9, size=1.1)
    how = delivery(own, VoiceConfig(speed=1.1), Chosen(speed=1.2), at("12:00"))
    assert how.speed == pytest.approx(0.9 * 1.1 * 1.2)
    assert how == Delivery(how.speed, size=1.1)
    assert delivery(own, VoiceConfig(speed=2), Chosen(speed=2), at("12:00")).speed == 2


async def test_he_is_told_to_speak_otherwise_and_says_so(tmp_path: Path) -> None:
    config = Config.model_validate({"paths": {"state": tmp_path}, "persona": "butler"})
    butler = Butler(assemble(config))
    for said, reply in (
        ("Speak slower, please.", "I'll speak more slowly."),
        ("小声点说", "我说小声一点。"),
        ("whisper", "I'll whisper."),
        ("speak normally", "I'll speak as usual."),
    ):
        told = [e async for e in butler.turn(Utterance(said)) if isinstance(e, Replied)]
        assert told[0].reply.text.endswith(reply)
        assert told[0].reply.text != reply
