"""Make the graphs of the Chinese voice: python -m steward.lab.voice VOICE …

For each VOICE of the weights set kokoro-voices it takes some minutes; `speech/graphs/` gets the
graph that all share and one a voice, both without the weights, which stay in Kokoro's file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx

from steward.config import Config
from steward.lab.voice.front import front
from steward.lab.voice.generator import generator
from steward.lab.voice.pieces import WEIGHTS, Source
from steward.lab.voice.statistics import affine, moments
from steward.models.store import Store
from steward.speech.chinese import phonemes
from steward.speech.kokoro import GRAPHS, read_styles

SENTENCES = Path(__file__).with_name("sentences.txt")


def main() -> None:
    """Make the graphs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voice", nargs="+")
    chosen: list[str] = parser.parse_args().voice
    store = Store(Config().paths.cache)
    data = store.file("kokoro-82m", WEIGHTS).read_bytes()
    clauses = [phonemes(s, str) for s in SENTENCES.read_text(encoding="utf-8").splitlines()]
    for voice in chosen:
        source = Source(onnx.load_model_from_string(data).graph, data)
        styles = read_styles(store.file("kokoro-voices", f"{voice}.bin"))
        found = affine(source, styles, moments(source, styles, clauses))
        (GRAPHS / f"{voice}.onnx").write_bytes(generator(source, found).SerializeToString())
    source = Source(onnx.load_model_from_string(data).graph, data)
    (GRAPHS / "front.onnx").write_bytes(front(source).SerializeToString())


if __name__ == "__main__":
    main()
