"""The network of the trained reader: an encoder of some tens of megabytes, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from steward.errors import ModelError
from steward.thinking import Reading

MAX_PIECES = 46
"""Longer sentences are read up to here, as in training."""

LIKELY = 8
"""Labels beyond the likeliest few are left out."""

_BEGIN, _END = 0, 2


class Encoder:
    """A tokenizer and a network out of one folder, loaded. Safe to use from several threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load `reader.onnx` and `reader.json`.

        Raises:
            ModelError: one of them is missing or damaged.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "reader.json"))
            self._labels = _labels(self._session)
        except Exception as error:
            # The tokenizer and the runtime raise bare exceptions of their own.
            raise ModelError(
                f"the reader in {folder} cannot be loaded: {error}",
                hint="install Steward again, or make it anew: python -m steward.lab.reader",
            ) from error

    def read(self, text: str, marks: Sequence[int]) -> Reading:
        """Read `text`; `marks` says of each character what this home knows of it."""
        said = self._tokenizer.encode(text, add_special_tokens=False)
        ids, spans = said.ids[:MAX_PIECES], said.offsets[:MAX_PIECES]
        known = [max(marks[start:end], default=0) for start, end in spans]
        scores, tags = self._session.run(
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
            tuple((self._labels[index], float(scores[index])) for index in best), tuple(each)
        )


def _labels(session: onnxruntime.InferenceSession) -> tuple[str, ...]:
    listed = session.get_modelmeta().custom_metadata_map.get("labels")
    if not listed:
        raise ValueError("it does not name its labels")
    return tuple(listed.split("\t"))
