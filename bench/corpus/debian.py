"""Hours of sound from Debian packages: games with voices, telephone prompts, pronunciations, music.

None of it is kept in the repository. Each sound counts once, whatever packages have it.
"""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import soxr

from steward.audio.pcm import RATE, Samples

SPEECH = (
    "flight-of-the-amazon-queen",
    "beneath-a-steel-sky",
    "drascula",
    "drascula-spanish",
    "drascula-italian",
    "asterisk-core-sounds-en-g722",
    "asterisk-core-sounds-es-g722",
    "asterisk-core-sounds-fr-g722",
    "asterisk-core-sounds-it-g722",
    "asterisk-core-sounds-ru-g722",
    "asterisk-prompt-es-co",
    "asterisk-prompt-fr-armelle",
    "asterisk-prompt-it-menardi-wav",
    "fillets-ng-data-cs",
    "fillets-ng-data-nl",
    "gcin-voice",
    "klettres-data",
    "ktuberling-data",
    "pocketsphinx-testdata",
    "warzone2100-data",
)
"""Packages of which most sounds are speech, in nine languages and more; gcin-voice is Chinese."""
MUSIC = (
    "wesnoth-1.16-music",
    "warzone2100-music",
    "ufoai-music",
    "ufoai-sound",
    "hyperrogue-music",
    "nexuiz-music",
    "singularity-music",
    "drascula-music",
    "fillets-ng-data",
    "colobot-common-sounds",
    "planetblupi-common",
    "planetblupi-music-ogg",
    "megaglest-data",
    "redeclipse-data",
    "widelands-data",
    "asterisk-moh-opsound-wav",
)
"""Packages with music and the sounds of games."""
_SUFFIXES = {".ogg", ".wav", ".opus", ".gsm", ".g722", ".mp3", ".flac", ".als", ".spx"}
_ARCHIVES = {".pk3", ".wz"}
_OLD_RATE = 11_025
"""Samples a second of two of the games' 8-bit sounds."""


def fetched(package: str, folder: Path) -> Path:
    """Return the folder of the unpacked package, fetched by apt unless it is there.

    Raises:
        subprocess.CalledProcessError: apt does not have it.
    """
    unpacked = folder / package
    if not unpacked.is_dir():
        subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True)
        (archive,) = folder.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, unpacked], check=True)
        archive.unlink()
    return unpacked


def sounds(package: Path, known: set[bytes]) -> Iterator[Samples]:
    """Yield the package's sounds at 16 kHz but those `known` (by their bytes), and know them."""
    for name, data in _files(package):
        digest = hashlib.sha256(data).digest()
        if digest in known:
            continue
        known.add(digest)
        try:
            yield _old(data) if name.endswith(".als") else decoded(data, name.rpartition(".")[2])
        except (av.FFmpegError, IndexError):
            continue  # Packages have a few empty and damaged files.


def _files(package: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(each for each in package.rglob("*") if each.is_file()):
        name, suffix = path.name.lower(), path.suffix.lower()
        if suffix in _SUFFIXES:
            yield name, path.read_bytes()
        elif suffix in _ARCHIVES:
            with zipfile.ZipFile(path) as archive:
                for each in archive.namelist():
                    if Path(each).suffix.lower() in _SUFFIXES:
                        yield each.lower(), archive.read(each)
        elif name == "queen.1c":
            yield from _queen(path.read_bytes())
        elif name == "sky.dnr":
            yield from _sky(path.read_bytes(), path.with_suffix(".dsk").read_bytes())


def _queen(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the sounds of ScummVM's compressed "Flight of the Amazon Queen": after ten bytes and
    the kind of it comes a table of names, places and sizes (engines/queen/resource.cpp)."""
    for at in range(10, 20):
        (count,) = struct.unpack_from(">H", data, at)
        if 500 < count < 8_000 and data[at + 2 : at + 14].strip(b"\0").isascii():
            break
    for entry in range(at + 2, at + 2 + 21 * count, 21):
        name = data[entry : entry + 12].split(b"\0")[0].decode("latin-1")
        begin, size = struct.unpack_from(">II", data, entry + 13)
        if name.endswith(".SB") and size > 1_500:
            yield name.lower() + ".mp3", data[begin : begin + size]


def _sky(table: bytes, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the speech of "Beneath a Steel Sky": 8-byte entries with number, place and size, the
    place in units of 16 bytes where its highest bit is set (engines/sky/disk.cpp)."""
    for at in range(4, len(table) - 7, 8):
        (number,) = struct.unpack_from("<H", table, at)
        place = int.from_bytes(table[at + 2 : at + 5], "little")
        size = int.from_bytes(table[at + 5 : at + 8], "little") & 0x3FFFFF
        begin = (place & 0x7FFFFF) << (4 if place >> 23 else 0)
        if number >= 50_000 and size > 2_000 and data[begin : begin + 2] == b"\x81\0":
            yield f"{number}.als", data[begin + 22 : begin + size]


def _old(data: bytes) -> Samples:
    """Read unsigned 8-bit samples."""
    samples = np.frombuffer(data, np.uint8).astype(np.float32) / 128 - 1
    return _at_rate(samples - samples.mean(), _OLD_RATE)


def decoded(data: bytes, kind: str) -> Samples:
    """Read a sound file; `kind` is its suffix, which two telephone formats are known by alone."""
    raw = kind if kind in ("g722", "gsm") else None
    parts = []
    with av.open(io.BytesIO(data), "r", raw, metadata_errors="ignore") as container:
        resampler = av.AudioResampler("flt", "mono")
        for frame in container.decode(audio=0):
            rate = frame.sample_rate
            parts += [each.to_ndarray()[0] for each in resampler.resample(frame)]
    return _at_rate(np.concatenate(parts), rate) if parts else np.zeros(0, np.float32)


def _at_rate(samples: Samples, rate: int) -> Samples:
    found: Samples = soxr.resample(samples, rate, RATE) if rate != RATE else samples
    return found
