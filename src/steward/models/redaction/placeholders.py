"""Placeholders in the place of personal data, and what they stand for.

A placeholder is `<KIND_NUMBER>`. Models bend them: they change the case, drop the brackets, write
Chinese ones, escape the underscore or add a possessive; `restore` knows these forms, and leaves
alone what no vault has given out. What looks like a placeholder in a text that is sent is itself
replaced by one, so that it comes back as it was.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator

from steward.models.redaction.spans import Kind, Span, settle

_KINDS = "|".join(kind.value for kind in Kind)
_OPEN, _CLOSE = r"[<＜〈《«‹\[【「{]", r"[>＞〉》»›\]】」}]"
_SIGNS = r"[*`\\]{0,2}"
_BENT = re.compile(
    # In brackets of any sort; or bare, where no letter or digit goes on.
    rf"{_OPEN}\s{{0,2}}{_SIGNS}(?P<kind>{_KINDS})\\?\s{{0,2}}[_\-＿]?\s{{0,2}}(?P<number>[0-9]"
    rf"{{1,6}})"
    rf"{_SIGNS}\s{{0,2}}{_CLOSE}"
    rf"|(?<![A-Za-z0-9_])(?P<bare>{_KINDS})\\?[_＿](?P<digits>[0-9]{{1,6}})(?![A-Za-z0-9_])",
    re.IGNORECASE | re.ASCII,
)
_LITERAL = re.compile(
    # Also where letters stand around it: what they belong to may be replaced.
    rf"{_OPEN}\s{{0,2}}{_SIGNS}(?:{_KINDS})\\?\s{{0,2}}[_\-＿]?\s{{0,2}}[0-9]{{1,6}}{_SIGNS}\s"
    rf"{{0,2}}{_CLOSE}"
    rf"|(?:{_KINDS})\\?[_＿][0-9]{{1,6}}",
    re.IGNORECASE | re.ASCII,
)
_BEGUN = "|".join(sorted({kind[:end] for kind in Kind for end in range(1, len(kind) + 1)}))
_HALF = re.compile(
    # Whatever `_BENT` may begin with, up to the end of the text.
    rf"(?:{_OPEN}\s{{0,2}}{_SIGNS}(?:{_BEGUN}|(?:{_KINDS})\\?\s{{0,2}}[_\-＿]?\s{{0,2}}[0-9]{{0"
    rf",6}}{_SIGNS}\s{{0,2}})?"
    rf"|(?<![A-Za-z0-9_])(?:{_BEGUN}|(?:{_KINDS})\\?[_＿]?[0-9]{{0,6}}))\Z",
    re.IGNORECASE | re.ASCII,
)


class Vault:
    """What the placeholders of one conversation stand for. It is never sent, logged or shown.

    The same words of the same kind get the same placeholder each time, from several threads, too.
    """

    def __init__(self) -> None:
        self._words: dict[tuple[Kind, int], str] = {}
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._counts: Counter[Kind] = Counter()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._words)

    def __repr__(self) -> str:
        return f"Vault({len(self)} placeholders)"

    def placeholder(self, kind: Kind, words: str) -> str:
        """Return what stands for `words`, which are of a kind."""
        with self._lock:
            number = self._numbers.get((kind, words))
            if number is None:
                self._counts[kind] += 1
                number = self._counts[kind]
                self._numbers[kind, words] = number
                self._words[kind, number] = words
        return f"<{kind.value}_{number}>"

    def words(self, kind: Kind, number: int) -> str | None:
        """Return what a placeholder stands for, None where none was given out."""
        return self._words.get((kind, number))

    def only(self, texts: Iterable[str]) -> Vault:
        """Return a vault that knows just those placeholders that `texts` hold.

        An answer is restored by it, so that nobody can have words put into it that he was not
        asked about: `<PERSON_7>` in an answer stays as it is unless `<PERSON_7>` was sent.
        """
        part = Vault()
        for text in texts:
            for match in _BENT.finditer(text):
                key = (
                    Kind((match["kind"] or match["bare"]).upper()),
                    int(match["number"] or match["digits"]),
                )
                if (words := self._words.get(key)) is not None:
                    part._words[key] = words
        return part


def replaced(text: str, spans: Iterable[Span], vault: Vault) -> str:
    """Return `text` with placeholders in the places of `spans`, and of what looks like one."""
    literal = (Span(*match.span(), Kind.LITERAL, 1.0) for match in _LITERAL.finditer(text))
    parts: list[str] = []
    until = 0
    for span in settle(text, [*spans, *literal]):
        parts += text[until : span.start], vault.placeholder(span.kind, text[span.start : span.end])
        until = span.end
    return "".join([*parts, text[until:]])


def restore(text: str, vault: Vault) -> str:
    """Return `text` with what was taken out put back, however its placeholders were bent.

    What is put back is not looked at again.
    """
    return "".join(_restored(text, 0, vault))


def _restored(text: str, start: int, vault: Vault) -> Iterator[str]:
    for match in _BENT.finditer(text, start):
        kind = Kind((match["kind"] or match["bare"]).upper())
        words = vault.words(kind, int(match["number"] or match["digits"]))
        yield text[start : match.start()]
        yield match.group() if words is None else words
        start = match.end()
    yield text[start:]


class Restorer:
    """Puts back what was taken out of a text that comes in pieces.

    It holds back what may be the begin of a placeholder, some thirty characters at most.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._before = ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece and return what is certain so far."""
        return self._give(piece, whole=False)

    def close(self) -> str:
        """Return what was held back; the text is at its end."""
        return self._give("", whole=True)

    def _give(self, piece: str, *, whole: bool) -> str:
        # The character before tells whether a bare placeholder begins or a longer word goes on.
        text = self._before + self._held + piece
        start = len(self._before)
        half = None if whole else _HALF.search(text, start)
        end = half.start() if half else len(text)
        self._held = text[end:]
        certain = text[:end]
        self._before = certain[-1:]
        return "".join(_restored(certain, start, self._vault))
