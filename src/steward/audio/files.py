"""Sound files: any that libsndfile reads becomes an AudioChunk; WAV files are written whole."""

from __future__ import annotations

import errno
import os
import struct
import uuid
import wave
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path

import numpy as np
import soundfile
import soxr

from steward.audio.pcm import RATE, Samples, from_samples, join
from steward.errors import AudioError, DeviceError, UserError
from steward.types import AudioChunk

MAX_SECONDS = 300.0
"""Longest sound of one turn, in seconds: nobody gives an order for five minutes."""
RATES = range(2_000, 192_001)
"""Sampling rates that are taken for sound; others are damaged headers."""
MAX_CHANNELS = 32
_BLOCK_FRAMES = 65_536
_STREAMED = 0xFFFFFFFF
"""Size that programs write which do not know it yet: the data goes on to the file's end."""
_RECORD_AGAIN = "record it again, or convert it to a 16-bit WAV file"


def read_audio(path: Path, max_seconds: float = MAX_SECONDS) -> AudioChunk:
    """Return the sound of a file (WAV, FLAC, OGG, …) as one mono chunk at 16 kHz.

    Channels are averaged. A file that is longer than `max_seconds` is refused from its header.

    Raises:
        AudioError: the file is missing, empty, cut off, damaged, too long or holds no sound.
    """
    try:
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise AudioError(f"{path} is empty", hint=_RECORD_AGAIN)
            _check_riff(path, file, max_seconds)
            file.seek(0)
            samples = _decode(path, file, max_seconds)
    except OSError as error:
        raise AudioError(
            f"cannot read {path}: {error.strerror}", hint="name a sound file that can be read"
        ) from error
    return from_samples(samples, RATE)


def write_wav(path: Path, chunks: Sequence[AudioChunk]) -> None:
    """Write `chunks`, one after the other, as a 16-bit mono WAV file at the rate of the first.

    The file appears whole or not at all.

    Raises:
        AudioError: there are no chunks.
        UserError: the folder is missing or may not be written to.
        DeviceError: the disk is full or failed.
    """
    sound, final = join(chunks), path.resolve()
    # A device such as /dev/null must be written to, not replaced.
    beside = final.with_name(f".{final.name}.{uuid.uuid4().hex}.part")
    target = final if final.exists() and not final.is_file() else beside
    try:
        with target.open("wb") as file, wave.open(file, "wb") as out:
            out.setparams((1, 2, sound.rate, len(sound.pcm) // 2, "NONE", ""))
            out.writeframesraw(sound.pcm)
        if target is beside:
            beside.replace(final)
    except OSError as error:
        beside.unlink(missing_ok=True)
        message = f"cannot write {path}: {error.strerror}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise DeviceError(message, hint="free some space on the disk") from error
        raise UserError(message, hint="name a file in a folder that you may write to") from error


def _check_riff(path: Path, file: BufferedReader, max_seconds: float) -> None:
    """Compare what a WAV header promises with what is there, which libsndfile does not do.

    Layout: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991).
    """
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE"[: len(head[8:])]:
        return
    size, bytes_a_second = os.fstat(file.fileno()).st_size, 0
    while True:
        chunk = file.read(8)
        if len(chunk) < 8:
            raise AudioError(f"{path} is cut off within its header", hint=_RECORD_AGAIN)
        name, length = struct.unpack("<4sI", chunk)
        if name == b"data":
            break
        body = file.tell()
        if name == b"fmt " and length >= 12:
            bytes_a_second = int.from_bytes(file.read(12)[8:], "little")
        file.seek(body + length + length % 2)
    if length == _STREAMED:
        return
    if bytes_a_second and length / bytes_a_second > max_seconds:
        raise _too_long(path, length / bytes_a_second, max_seconds)
    there = size - file.tell()
    if there < length:
        raise AudioError(
            f"{path} is cut off: {there} of {length} bytes of sound are there",
            hint=_RECORD_AGAIN,
        )


def _decode(path: Path, file: BufferedReader, max_seconds: float) -> Samples:
    try:
        with soundfile.SoundFile(file) as sound:
            if sound.samplerate not in RATES or sound.channels > MAX_CHANNELS:
                raise AudioError(
                    f"{path} claims {sound.channels} channels at {sound.samplerate} Hz",
                    hint=_RECORD_AGAIN,
                )
            if sound.frames > max_seconds * sound.samplerate:
                raise _too_long(path, sound.frames / sound.samplerate, max_seconds)
            return _mono(path, sound, max_seconds)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{path} is no sound file that can be read: {error.error_string}", hint=_RECORD_AGAIN
        ) from error


def _mono(path: Path, sound: soundfile.SoundFile, max_seconds: float) -> Samples:
    stream = soxr.ResampleStream(sound.samplerate, RATE, 1, dtype="float32")
    pieces: list[Samples] = []
    frames = 0
    while True:
        block = sound.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
        frames += len(block)
        if frames > max_seconds * sound.samplerate:
            raise _too_long(path, frames / sound.samplerate, max_seconds)
        if not np.isfinite(block).all():
            raise AudioError(f"{path} holds samples that are no numbers", hint=_RECORD_AGAIN)
        last = len(block) < _BLOCK_FRAMES
        pieces.append(stream.resample_chunk(block.mean(axis=1, dtype=np.float32), last=last))
        if last:
            break
    samples: Samples = np.concatenate(pieces)
    if not frames or not samples.size:
        raise AudioError(f"{path} holds no sound", hint=_RECORD_AGAIN)
    return samples


def _too_long(path: Path, seconds: float, most: float) -> AudioError:
    return AudioError(
        f"{path} is {seconds / 60:.1f} minutes long; at most {most / 60:.0f} are heard in one turn",
        hint="cut out the sentence that matters",
    )
