"""What was certified of answers that are kept: a file of thresholds, written by calibration."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from steward.errors import StateError
from steward.models.confidence import Curve, score
from steward.thinking import Token

FILE = "thresholds.json"
"""Its name in the state folder."""
_LARGEST = 2**22
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is known of the answers of `tier` to questions of one `task`.

    With probability `sure`, over the questions that it was made from, no more than `alpha` of the
    answers with at least the confidence `threshold` are worse than the bigger machine's. Where
    `threshold` is None, that could be said of none. `curve` makes the confidence of a score. Of
    `seen` questions that it was tested on, `kept` had that confidence, and in `worse` of these the
    answer was worse; `bound` is the Clopper-Pearson upper limit of that share.

    `points` are the same questions from the surest answer to the least: the share of all that is
    kept so far, the share of these that is worse, and the mean quality of all answers then, those
    that are passed on being the bigger machine's.
    """

    tier: str
    task: str
    alpha: float
    sure: float
    curve: Curve
    threshold: float | None
    seen: int
    kept: int
    worse: int
    bound: float
    points: tuple[tuple[float, float, float], ...] = ()


class Certificates:
    """The certificates in a file, read anew whenever it has changed."""

    def __init__(self, folder: Path) -> None:
        """Name the state folder; a missing file holds no certificates."""
        self.path = folder / FILE
        self._seen: tuple[int, int] | None = None
        self._found: dict[tuple[str, str], Certificate] = {}

    def of(self, tier: str, task: str) -> Certificate | None:
        """Return what is certified of `tier` for `task`, None where that was not looked into.

        Raises:
            StateError: the file is damaged or cannot be read.
        """
        self._refresh()
        return self._found.get((tier, task))

    def judge(self, tier: str, task: str, tokens: Sequence[Token]) -> tuple[float, float | None]:
        """Return how likely an answer of `tier` is good enough, and from when on it is kept.

        The first is from 0 to 1, and where nothing was calibrated only how sure the tier seems. The
        second is None where nothing is certified, also because the file cannot be used: then no
        answer counts as sure.
        """
        seems = score(tokens)
        try:
            found = self.of(tier, task)
        except StateError as error:
            _log.error("no answer counts as sure: %s", error)
            return seems, None
        return (seems, None) if found is None else (found.curve.at(seems), found.threshold)

    def all(self) -> tuple[Certificate, ...]:
        """Return all of them, in the order of their tiers and tasks.

        Raises:
            StateError: the file is damaged or cannot be read.
        """
        self._refresh()
        return tuple(self._found[key] for key in sorted(self._found))

    def keep(self, made: Sequence[Certificate]) -> None:
        """Write `made` in the place of those of the same tiers; the others stay.

        Raises:
            StateError: the file is damaged or cannot be written.
        """
        tiers = {certificate.tier for certificate in made}
        others = [old for old in self.all() if old.tier not in tiers]
        text = json.dumps([asdict(certificate) for certificate in (*others, *made)], indent=1)
        draft = self.path.with_suffix(".part")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_text(text + "\n", encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise self._broken(error.strerror or str(error)) from error

    def _refresh(self) -> None:
        try:
            stat = self.path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino)
            if seen == self._seen:
                return
            if stat.st_size > _LARGEST:
                raise self._broken("it is too large")
            listed = json.loads(self.path.read_text(encoding="utf-8"))
            found = [_certificate(item) for item in listed]
        except FileNotFoundError:
            self._seen, self._found = None, {}
            return
        except OSError as error:
            raise self._broken(error.strerror or str(error)) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._broken("it is damaged") from error
        self._found = {(item.tier, item.task): item for item in found}
        self._seen = seen

    def _broken(self, why: str) -> StateError:
        return StateError(
            f"the thresholds in {self.path} cannot be used: {why}",
            hint="delete the file, and run `steward tiers calibrate FILE` again",
        )


def _certificate(item: dict[str, object]) -> Certificate:
    made = Certificate(**item)  # type: ignore[arg-type]  # what is wrong is found below
    steps = tuple((float(at), float(to)) for at, to in made.curve["steps"])  # type: ignore[index]
    rising = all(a < b for a, b in pairwise(steps))
    chances = (made.alpha, made.sure, made.bound, *(to for _, to in steps))
    if made.threshold is not None:
        chances = (*chances, made.threshold)
    points = tuple((float(a), float(b), float(c)) for a, b, c in made.points)
    chances = (*chances, *(share for point in points for share in point[:2]))
    counts = (made.worse, made.kept, made.seen)
    if not (
        steps
        and rising
        and all(0 <= chance <= 1 for chance in chances)
        and all(isinstance(count, int) for count in counts)
        and 0 <= made.worse <= made.kept <= made.seen
        and isinstance(made.tier, str)
        and isinstance(made.task, str)
    ):
        raise ValueError("no certificate")
    return Certificate(
        made.tier, made.task, made.alpha, made.sure, Curve(steps), made.threshold, *counts[::-1],
        made.bound, points,
    )  # fmt: skip
