"""What the trained reader understands of one command, in terms of this home."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from steward.plan.cascade import THRESHOLD
from steward.plan.parts.asked import in_unit
from steward.plan.parts.atoms import Token, tokens
from steward.plan.parts.byparts import steps_of
from steward.plan.parts.choose import Scene, matching
from steward.plan.parts.verbs import one_act
from steward.plan.reader.calibration import calibrated
from steward.plan.reader.canonical import ASKING, SENSES, canonical, overlooked
from steward.plan.reader.marks import marks
from steward.plan.templates.grammar import Match
from steward.plan.templates.resolve import Step, resolve
from steward.plan.templates.split import Part
from steward.thinking import Reader, Reading
from steward.types import Gap, Json, Unknown

STAGE = "reader"
"""The name of this stage in a Plan."""

TRAINED = frozenset({"en", "zh"})
"""Languages that the reader was trained on."""

INTENTS = {
    "ask time": "HassGetCurrentTime",
    "ask date": "HassGetCurrentDate",
    "ask timer": "HassTimerStatus",
    "list add": "HassShoppingListAddItem",
    "list done": "HassShoppingListCompleteItem",
}
"""The intent of labels that find no thing by its words."""
_PAUSE = re.compile(r"[,;，；。、]\s*\S|\s(?:and|then)\s|然后|接着")
_EMPTY = frozenset({"none", "compound"})
_ITEM = 3
_LIKELY = 0.5


def read_trained(
    text: str, scene: Scene, capabilities: Collection[str], reader: Reader
) -> Part | Unknown:
    """Return what the plain `text` asks for by the trained `reader`, or why nothing.

    Whatever comes of it names only entities of the home and only `capabilities`.
    """
    said = tokens(text, scene.world)
    reading = reader.read(text, marks(text, said))
    label, share = reading.labels[0]
    if calibrated(share) < THRESHOLD or label in _EMPTY or not _is_one(label, text, said):
        return Unknown(Gap.NOT_UNDERSTOOD)
    steps, sure = _steps(label, text, said, reading, scene, capabilities)
    confidence = calibrated(share * sure)
    if isinstance(steps, Unknown):
        return steps
    if confidence < THRESHOLD or _heats_off(said, steps):
        return Unknown(Gap.NOT_UNDERSTOOD)
    match = Match(steps[0][1].intent, "default", {}, {})
    return Part(text, match, steps, confidence=confidence, stage=STAGE)


def _heats_off(said: Sequence[Token], steps: Sequence[Step]) -> bool:
    """Tell whether a temperature is set, though the verb says off: "关掉泳池加热"."""
    off = any(token.senses.get("act") in ("off", "turn_close") for token in said)
    return off and any(draft.capability.endswith("set_temperature") for draft, _ in steps)


def _is_one(label: str, text: str, said: Sequence[Token]) -> bool:
    """Tell whether no verb on either side of a pause says something else than `label`.

    "It's cold, open the vent": the reader may hear the first half only, as it may of two commands.
    """
    if _commands(said) > 1:
        return False
    acts = {token.senses["act"] for token in said if token.has("act") and not token.named}
    if not acts or not _PAUSE.search(text.strip()):
        return True
    wanted = SENSES.get(label, {}).get("act")
    return wanted is not None and one_act({*acts, wanted}) is not None


def _commands(said: Sequence[Token]) -> int:
    """Count the stretches between signs that have a verb and something that it is done to."""
    clauses: list[list[Token]] = [[]]
    for token in said:
        if token.senses.get("fill") == "mark":
            clauses.append([])
        else:
            clauses[-1].append(token)
    return sum(
        any(t.has("act") and not t.atoms for t in clause) and any(t.atoms for t in clause)
        for clause in clauses
    )


def _steps(
    label: str,
    text: str,
    said: Sequence[Token],
    reading: Reading,
    scene: Scene,
    capabilities: Collection[str],
) -> tuple[tuple[Step, ...] | Unknown, float]:
    if label in INTENTS:
        return _by_intent(label, text, said, reading, scene, capabilities)
    if label not in SENSES:
        return Unknown(Gap.NOT_UNDERSTOOD), 0.0
    words, sure = canonical(label, text, said, reading)
    strange = next((word for word in words if not word.known and label != "ask when"), None)
    if strange is not None:
        return Unknown(Gap.NO_SUCH_DEVICE, strange.text), sure
    if overlooked(label, said, words) is not None:
        return Unknown(Gap.NOT_UNDERSTOOD), 0.0
    steps = steps_of(words, label in ASKING, scene, capabilities)
    return steps if isinstance(steps, Unknown) else in_unit(steps, said), sure


def _by_intent(
    label: str,
    text: str,
    said: Sequence[Token],
    reading: Reading,
    scene: Scene,
    capabilities: Collection[str],
) -> tuple[tuple[Step, ...] | Unknown, float]:
    """Read what has no thing to find but an item, or nothing at all."""
    slots: dict[str, Json] = {}
    sure = 1.0
    if label.startswith("list"):
        item, sure = _item(text, reading)
        if not item:
            return Unknown(Gap.NOT_UNDERSTOOD), 0.0
        slots["item"] = item
        atoms = frozenset(
            atom for token in said for atom in token.atoms if reading.tags[token.start][1] > _LIKELY
        )
        lists = [thing for thing in scene.things if thing.entity.domain == "todo"]
        named = matching(atoms, lists) if atoms else []
        if len(named) == 1:
            slots["name"] = named[0].entity.id
    match = Match(INTENTS[label], "default", slots, {})
    return resolve((match,), scene.world, scene.area, scene.language, capabilities), sure


def _item(text: str, reading: Reading) -> tuple[str, float]:
    """Return the text of the item, whole words only, and the least probability of its characters.

    Where the item is not one stretch of the sentence there is none.
    """
    shares = [row[_ITEM] for row in reading.tags]
    inside = [index for index, share in enumerate(shares) if share > _LIKELY]
    if not inside or inside != list(range(inside[0], inside[-1] + 1)):
        return "", 0.0
    start, end = inside[0], inside[-1] + 1
    while start and _is_inside_word(text, start):
        start -= 1
    while end < len(text) and _is_inside_word(text, end):
        end += 1
    return text[start:end].strip(), min(shares[index] for index in inside)


def _is_inside_word(text: str, at: int) -> bool:
    """Tell whether a Latin word or a number goes on across position `at`."""
    before, after = text[at - 1], text[at]
    return (before + after).isascii() and before.isalnum() and after.isalnum()
