"""The trained reader, whose network is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from steward.thinking import Reading

if TYPE_CHECKING:
    from steward.models.encoder import Encoder

SHIPPED = Path(__file__).with_name("weights")
"""Where the reader lies that is part of Steward: `reader.onnx` and `reader.json`."""

_REMEMBERED = 256


class OnnxReader:
    """A Reader whose weights lie in one folder.

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
    def _encoder(self) -> Encoder:
        # Lazy: its runtime takes a tenth of a second to import, and most sentences do not need it.
        from steward.models.encoder import Encoder

        return Encoder(self._folder, self._threads)

    def _run(self, text: str, marks: tuple[int, ...]) -> Reading:
        return self._encoder.read(text, marks)
