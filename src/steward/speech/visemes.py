"""The shapes of a mouth that speaks: from sounds and how long each of them lasts.

The sounds are the symbols that both voices read, which are near the International Phonetic
Alphabet. Six shapes are what eyes tell apart on a simple face.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from steward.types import AudioChunk, Mouth

REST = "rest"
_SHAPES = {
    "closed": "pbm",
    "teeth": "fv",
    "open": "aæɑɐɒʌIWAɹɻ",
    "wide": "iɪeɛjstzʃʒʧʤʂɕʨʦꭧdnlθðʣʥəɜɚɝᵊᵻɨx",
    "round": "uʊoɔɤwyɥOQYʍ",
    "narrow": "kɡŋhgqrɾ",
}
_SHAPE = {symbol: shape for shape, symbols in _SHAPES.items() for symbol in symbols}
_SILENT = frozenset(' ;:,.!?—…"()“”')
_SHORTEST = 0.04
"""Seconds; a shape that is shorter is not seen, but is a flicker."""
_PAUSE = 0.1
"""Seconds from which on the end of a word or of a clause is a pause; most words run together."""


def mouth(symbols: Sequence[str], seconds: Sequence[float]) -> Mouth:
    """Return the shapes for `symbols`, each of which lasts so many `seconds`.

    An empty symbol is a pause. What has no shape of its own, such as a stress or a tone, holds the
    one before it, and so does what is too short to be seen, but for lips that close.
    """
    found: list[tuple[float, str]] = []
    now = 0.0
    for symbol, length in zip(symbols, seconds, strict=True):
        before = found[-1][1] if found else REST
        pause = not symbol or (symbol in _SILENT and length >= _PAUSE)
        shape = REST if pause else _SHAPE.get(symbol, before)
        seen = length >= _SHORTEST or shape == "closed"
        if (shape != before and seen) or not found:
            found.append((round(now, 3), shape))
        now += length
    return tuple(found)


def joined(chunks: Iterable[AudioChunk]) -> Mouth:
    """Return the shapes for `chunks`, one after the other."""
    found: list[tuple[float, str]] = []
    now = 0.0
    for chunk in chunks:
        found += [(round(now + time, 3), shape) for time, shape in chunk.mouth]
        now += chunk.seconds
    return tuple(found)


def part(shapes: Mouth, begin: float, end: float) -> Mouth:
    """Return the shapes between `begin` and `end`, in seconds from `begin` on."""
    before = [shape for time, shape in shapes if time <= begin]
    within = [(round(time - begin, 3), shape) for time, shape in shapes if begin < time < end]
    return ((0.0, before[-1] if before else REST), *within)
