"""Any bytes are a sound or an AudioError, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steward.audio.files import read_audio
from steward.errors import AudioError

FAST = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def encoded(form: str, subtype: str | None) -> bytes:
    out = io.BytesIO()
    tone = 0.5 * np.sin(np.arange(800) / 5)
    soundfile.write(out, tone, 16_000, subtype, format=form)
    return out.getvalue()


SOUNDS = (encoded("WAV", "PCM_16"), encoded("WAV", "FLOAT"), encoded("FLAC", None))


def read(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        sound = read_audio(path)
    except AudioError as error:
        assert error.hint
    else:
        assert sound.rate == 16_000
        assert 0 < sound.seconds <= 300


@FAST
@given(data=st.binary(max_size=200))
def test_random_bytes(tmp_path: Path, data: bytes) -> None:
    read(tmp_path / "a.wav", data)
    read(tmp_path / "a.wav", b"RIFF\x24\0\0\0WAVE" + data)


@FAST
@given(
    sound=st.sampled_from(SOUNDS),
    changes=st.dictionaries(st.integers(0, 99), st.integers(0, 255), max_size=4),
    length=st.integers(0, 4_000),
)
def test_damaged_sounds(tmp_path: Path, sound: bytes, changes: dict[int, int], length: int) -> None:
    damaged = bytearray(sound)
    for at, value in changes.items():
        damaged[at] = value
    read(tmp_path / "a.wav", bytes(damaged[:length]))


@pytest.mark.parametrize("length", range(0, len(SOUNDS[0]), 40))
def test_a_wav_that_is_cut_off_anywhere_is_refused(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.wav").write_bytes(SOUNDS[0][:length])
    with pytest.raises(AudioError):
        read_audio(tmp_path / "a.wav")
