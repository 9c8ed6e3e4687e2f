"""All recognisers together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from steward.models.redaction import addresses, chinese, numbers, people, secrets
from steward.models.redaction.home import Words
from steward.models.redaction.presidio import Presidio, load
from steward.models.redaction.spans import Kind, Span, settle
from steward.models.redaction.windows import SHARED, windows


class Recognisers:
    """What finds personal data; made once, and then safe from several threads.

    Args:
        home: the home's own words.
        presidio: Presidio with its network, which finds more people and organisations in English;
            None: only what is built in.
        open: kinds that may leave as they are.
        kept: classes of content that never leave: SECRET, and HEALTH and MONEY if so chosen.
    """

    def __init__(
        self,
        home: Words | None = None,
        presidio: Presidio | None = None,
        *,
        open: Collection[Kind] = (),  # noqa: A002 - what it is called in the configuration
        kept: Collection[Kind] = secrets.CHOSEN,
    ) -> None:
        self._home = home if home is not None else Words()
        self._presidio = presidio
        self._open = frozenset(open)
        self._kept = frozenset(kept)

    @classmethod
    def with_presidio(cls, folder: Path, home: Words | None = None) -> Recognisers:
        """Load Presidio from `folder` too. Raises what `presidio.load` raises."""
        return cls(home, load(folder))

    def find(self, text: str) -> tuple[Span, ...]:
        """Return what is personal in `text`, without overlaps, from left to right.

        The work grows with the length of `text`, whatever it holds: it is looked at in `windows`.
        """
        found = (span for start, end in windows(text) for span in self._within(text, start, end))
        return settle(text, (span for span in found if span.kind not in self._open))

    def _within(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Yield what is found in a window of `text`, but for what its cut ends may have spoilt."""
        low = start + SHARED // 2 if start else 0
        high = end - SHARED // 2 if end < len(text) else end
        for span in self._found(text[start:end]):
            moved = replace(span, start=start + span.start, end=start + span.end)
            if moved.end > low and moved.start < high:
                yield moved

    def _found(self, text: str) -> list[Span]:
        found = [*self._home.find(text), *numbers.find(text)]
        taken = _positions(span for span in found if span.score > 0.8)
        found += addresses.find(text, taken)
        found += chinese.find(text, taken)
        found += people.find(text, _positions(found))
        if self._presidio is not None:
            found += self._presidio.find(text)
        return found

    def blocked(self, text: str) -> tuple[Span, ...]:
        """Return what in `text` never leaves; where there is any, nothing of the text may."""
        return settle(text, secrets.find(text, self._kept))


def _positions(spans: Iterable[Span]) -> frozenset[int]:
    return frozenset(at for span in spans for at in range(span.start, span.end))
