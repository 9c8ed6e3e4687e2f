"""Google's speech embedding over whole windows at once, five times as fast as window by window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from steward.audio.wake import unfolded, widened

_BATCH = 32


class Embedding:
    """The widened network, on all cores."""

    def __init__(self, model: Path) -> None:
        """Load embedding_model.onnx of the set of weights speech-embedding."""
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            widened(model.read_bytes()), options, ["CPUExecutionProvider"]
        )

    def __call__(self, mels: NDArray[np.float16]) -> NDArray[np.float16]:
        """Return the embeddings (n, 16, 96) of mel windows (n, `WINDOW`, 32)."""
        parts = [mels[i : i + _BATCH, :, :, None] for i in range(0, len(mels), _BATCH)]
        found = [
            unfolded(self._session.run(None, {"input_1": part.astype(np.float32)})[0], len(part))
            for part in parts
        ]
        return np.concatenate([each.astype(np.float16) for each in found])
