"""Which open questions are told from what is said to the home, and what of the home would leave.

    python bench/asking.py [FOLDER ...] [--publish]

Every first sentence of the sets of homes in FOLDER (those under tests/golden/homes without it) is
read in its home. "taken for open": the rules for open questions alone would let it leave; "would
leave": besides, no stage before understood it. Open questions are those of data/open_questions.txt,
in the demo home.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from results import publish, table
from steward.config import Config
from steward.home.fixtures import demo
from steward.lab.evaluate.cases import Case, read_sets
from steward.plan.asking.stage import inquiry_of
from steward.plan.cascade import NO_CONTEXT, Stage, decide
from steward.types import Gap, Unknown, Utterance, World
from steward.wiring import assemble

HERE = Path(__file__).parent
HOMES = HERE.parent / "tests" / "golden" / "homes"
QUESTIONS = HERE / "data" / "open_questions.txt"
HELD_OUT = "\n# held out\n"


def questions() -> tuple[list[str], list[str]]:
    """Return the open questions that the rules were written with, and the others."""
    seen, _, held_out = QUESTIONS.read_text(encoding="utf-8").partition(HELD_OUT)
    return tuple(  # type: ignore[return-value]
        [line for line in part.splitlines() if line and not line.startswith("#")]
        for part in (seen, held_out)
    )


async def reaches(stages: Sequence[Stage], text: str, world: World) -> bool:
    """Tell whether no stage before the tiers understands `text`."""
    plan = await decide(stages, Utterance(text), world)
    return plan.body == Unknown(Gap.NOT_UNDERSTOOD)


def taken(text: str, world: World) -> bool:
    """Tell whether the rules take `text` for an open question."""
    return inquiry_of(Utterance(text), world, NO_CONTEXT) is not None


async def of_set(stages: Sequence[Stage], cases: Sequence[Case]) -> dict[str, object]:
    """Return the counts of one set of homes."""
    said = {(case.home, case.sentence): case for case in cases if not case.trial.before}
    open_ = [case for case in said.values() if taken(case.sentence, case.world)]
    leaving = [c.sentence for c in open_ if await reaches(stages, c.sentence, c.world)]
    return {"sentences": len(said), "open": len(open_), "leave": len(leaving), "which": leaving}


async def main() -> None:
    """Measure, print, and with --publish write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    folders = given.folders or [HOMES / name for name in ("dev", "unseen", "heldout")]
    with tempfile.TemporaryDirectory() as state:
        config = Config.model_validate({"paths": {"state": state}, "model": {"smalltalk": "off"}})
        stages = assemble(config).stages
        homes = {folder.name: await of_set(stages, read_sets([folder])) for folder in folders}
        asked: dict[str, dict[str, object]] = {}
        for name, texts in zip(("seen", "held out"), questions(), strict=True):
            found = [text for text in texts if taken(text, demo())]
            reaching = [text for text in found if await reaches(stages, text, demo())]
            missed = [text for text in texts if text not in reaching]
            asked[name] = {"questions": len(texts), "asked": len(reaching), "missed": missed}
    rows = [[n, f["sentences"], f["open"], f["leave"]] for n, f in homes.items()]
    body = table(["said to homes", "sentences", "taken for open", "would leave"], rows)
    rows = [[n, f["questions"], f["asked"]] for n, f in asked.items()]
    body += "\n\n" + table(["open questions", "questions", "asked"], rows)
    if given.publish:
        publish("asking", "Open questions", {"homes": homes, "questions": asked}, body)
    else:
        print(body, homes, asked, sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
