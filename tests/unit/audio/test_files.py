from __future__ import annotations

import struct
import time
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from steward.audio.files import read_audio, write_wav
from steward.audio.pcm import from_samples, to_samples
from steward.errors import AudioError, UserError
from steward.types import AudioChunk

TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype(np.float32)


def riff(data: bytes, declared: int, rate: int = 16_000, channels: int = 1) -> bytes:
    block = 2 * channels
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * block, block, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36)
        + b"WAVE"
        + fmt
        + b"data"
        + struct.pack("<I", declared)
        + data
    )


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_form_of_wav(tmp_path: Path, rate: int, subtype: str, channels: int) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(tmp_path / "a.wav", np.repeat(tone[:, None], channels, 1), rate, subtype)
    read = read_audio(tmp_path / "a.wav")
    assert read.rate == 16_000
    assert read.seconds == pytest.approx(1, abs=0.001)
    middle = slice(2_000, 14_000)
    assert np.abs(to_samples(read)[middle] - TONE[middle]).max() < 0.02


@pytest.mark.parametrize("name", ["a.flac", "a.ogg"])
def test_other_formats(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, TONE, 16_000)
    assert read_audio(tmp_path / name).seconds == pytest.approx(1)


def test_channels_are_averaged(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.stack([TONE, -TONE], 1), 16_000)
    assert np.abs(to_samples(read_audio(tmp_path / "a.wav"))).max() < 0.001


def test_a_long_sound_is_resampled_without_a_seam(tmp_path: Path) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(48_000 * 10) / 48_000)
    soundfile.write(tmp_path / "a.wav", tone, 48_000)
    wanted = 0.5 * np.sin(2 * np.pi * 440 * np.arange(160_000) / 16_000)
    got = to_samples(read_audio(tmp_path / "a.wav"))
    assert np.abs(got - wanted)[2_000:-2_000].max() < 0.01


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"hello, this is a text", "no sound file"),
        (b"\0" * 5_000, "no sound file"),
        (riff(b"", 0), "no sound"),
        (riff(b"\1\0" * 100, 200)[:20], "cut off within its header"),
        (riff(b"\1\0" * 100, 200)[:40], "cut off within its header"),
        (riff(b"\1\0" * 100, 64_000), "cut off: 200 of 64000 bytes"),
        (riff(b"\1\0" * 100, 90 * 60 * 32_000), "90.0 minutes long"),
        (riff(b"\1\0" * 100, 200, rate=1), "at 1 Hz"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "bad.wav").write_bytes(data)
    with pytest.raises(AudioError, match=message) as caught:
        read_audio(tmp_path / "bad.wav")
    assert caught.value.hint
    assert "bad.wav" in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="No such file"):
        read_audio(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="directory"):
        read_audio(tmp_path)


def test_a_streamed_wav_goes_on_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(riff(from_samples(TONE, 16_000).pcm, 0xFFFFFFFF))
    assert read_audio(tmp_path / "a.wav").seconds == pytest.approx(1)


def test_samples_that_are_no_numbers(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(100, np.nan, np.float32), 16_000, "FLOAT")
    with pytest.raises(AudioError, match="no numbers"):
        read_audio(tmp_path / "a.wav")


def test_ninety_minutes_are_refused_from_the_header(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((2, 2, 48_000, 0, "NONE", ""))
        out.writeframes(b"\0\0\0\0")
    size = 90 * 60 * 48_000 * 4
    with file.open("r+b") as sparse:
        sparse.truncate(44 + size)
        sparse.seek(40)
        sparse.write(struct.pack("<I", size))
    begun = time.monotonic()
    with pytest.raises(AudioError, match=r"90\.0 minutes long"):
        read_audio(file)
    assert time.monotonic() - begun < 0.5


def test_a_long_flac_is_refused_too(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros(16_000 * 301, np.int16), 16_000)
    with pytest.raises(AudioError, match="minutes long"):
        read_audio(tmp_path / "a.flac")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    tone = from_samples(TONE, 16_000)
    write_wav(tmp_path / "a.wav", [tone, tone])
    assert read_audio(tmp_path / "a.wav").pcm == tone.pcm * 2
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_writing_fails_cleanly(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        write_wav(tmp_path / "none" / "a.wav", [from_samples(TONE, 16_000)])
    with pytest.raises(AudioError):
        write_wav(tmp_path / "a.wav", [])
    with pytest.raises(AudioError):
        write_wav(tmp_path / "a.wav", [AudioChunk(b"\0", 8_000), AudioChunk(b"\0", 16_000)])
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_wav(Path("/dev/null"), [from_samples(TONE, 16_000)])
    assert Path("/dev/null").is_char_device()
