"""The trained reader: an encoder of some tens of megabytes, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from steward.errors import ModelError
from steward.types import Reading

SHIPPED = Path(__file__).with_name("weights")
"""Where the reader lies that is part of Steward: `reader.onnx` and `reader.json`."""

MAX_PIECES = 46
"""Longer sentences are read up to here, as in training."""

LIKELY = 8
"""Labels beyond the likeliest few are left out."""

_BEGIN, _END = 0, 2
_REMEMBERED = 256


class OnnxReader:
    """A Reader whose weights lie in one folder; they are loaded when they are first needed.

    The same text and marks give the same reading.
    """

    def __init__(self, folder: Path = SHIPPED, threads: int = 1) -> None:
        self._folder = folder
        self._threads = threads
        self._read = lru_cache(_REMEMBERED)(self._run)

    def read(self, text: str, marks: Sequence[int]) -> Reading:
        """Read `text`; `marks` says of each character what this home knows of it.

        Raises:
            ModelError: a file of the reader is missing or damaged.
        """
        return self._read(text, tuple(marks))

    @cached_property
    def _loaded(self) -> _Loaded:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        try:
            session = onnxruntime.InferenceSession(
                str(self._folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(self._folder / "reader.json"))
            return _Loaded(tokenizer, session, _labels(session))
        except Exception as error:
            # The tokenizer and the runtime raise bare exceptions of their own.
            raise ModelError(
                f"the reader in {self._folder} cannot be loaded: {error}",
                hint="install Steward again, or make it anew: python -m steward.lab.reader",
            ) from error

    def _run(self, text: str, marks: tuple[int, ...]) -> Reading:
        loaded = self._loaded
        said = loaded.tokenizer.encode(text, add_special_tokens=False)
        ids, spans = said.ids[:MAX_PIECES], said.offsets[:MAX_PIECES]
        known = [max(marks[start:end], default=0) for start, end in spans]
        scores, tags = loaded.session.run(
            ["labels", "tags"],
            {
                "pieces": np.array([_BEGIN, *ids, _END], np.int64),
                "marks": np.array([0, *known, 0], np.int64),
            },
        )
        best = np.argsort(-scores)[:LIKELY]
        each = [(1.0, 0.0, 0.0, 0.0)] * len(text)
        for (start, end), row in zip(spans, tags[1:], strict=False):
            drop, keep, spare, item = (float(share) for share in row)
            each[start:end] = [(drop, keep, spare, item)] * (end - start)
        return Reading(
            tuple((loaded.labels[index], float(scores[index])) for index in best), tuple(each)
        )


@dataclass(frozen=True)
class _Loaded:
    tokenizer: Tokenizer
    session: onnxruntime.InferenceSession
    labels: tuple[str, ...]


def _labels(session: onnxruntime.InferenceSession) -> tuple[str, ...]:
    listed = session.get_modelmeta().custom_metadata_map.get("labels")
    if not listed:
        raise ValueError("it does not name its labels")
    return tuple(listed.split("\t"))
