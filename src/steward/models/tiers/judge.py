"""How sure an answer is, and from when on that is enough: the seam to what was certified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from steward.thinking import Token

Judge: TypeAlias = Callable[[str, str, Sequence[Token]], tuple[float, float | None]]
"""Returns, of what the tier of this name has said in this language, how likely it is good enough, 0
to 1, and the certified confidence from which on it is kept; None where there is none, so that no
answer is."""
