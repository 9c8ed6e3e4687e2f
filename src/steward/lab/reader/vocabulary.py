"""The tokenizer of the reader: the encoder's, without the pieces of other languages."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from steward.models.checkpoint import Checkpoint

LATIN_RANK, HAN_RANK = 60_000, 100_000
"""Pieces are sorted by frequency; beyond these ranks are words that no home is likely to hear."""

_LATIN = re.compile(r"▁?[a-z']+|▁?[0-9]{1,4}|▁?[!-/:-@\[-`{-~°。，、！？：；]|▁")
_HAN = re.compile(r"▁?[\u4e00-\u9fff]{1,2}")
_SPECIAL = 4


def kept_pieces(checkpoint: Checkpoint) -> tuple[int, ...]:
    """Return the ids of the pieces that English and Chinese in small letters need, in order."""
    kept = list(range(_SPECIAL))
    for index, piece in enumerate(checkpoint.pieces[_SPECIAL:], _SPECIAL):
        latin = index < LATIN_RANK and _LATIN.fullmatch(piece)
        han = _HAN.fullmatch(piece) and (index < HAN_RANK or len(piece.strip("▁")) == 1)
        if latin or han:
            kept.append(index)
    return tuple(kept)


def tokenizer(checkpoint: Checkpoint, kept: Sequence[int]) -> Tokenizer:
    """Return the tokenizer over the `kept` pieces; the id of a piece is its place among them."""
    vocabulary = [(checkpoint.pieces[index], checkpoint.scores[index]) for index in kept]
    made = Tokenizer(models.Unigram(vocabulary, unk_id=checkpoint.special["unknown"]))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made


def save(made: Tokenizer, path: Path) -> None:
    """Write the tokenizer as one JSON file without spaces."""
    path.write_text(json.dumps(json.loads(made.to_str()), ensure_ascii=False), encoding="utf-8")
