"""Many satellites that speak to one hub at once: how long each waits, and whether any waits longer.

    python bench/side_by_side.py

A hub as a process of its own; 1, 2, 4 and 8 satellites that are paired with it, over TLS on
loopback. Each says one command after the other without a pause, in English or in Chinese; times
are from the end of a recording, which ends a moment after what is said.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from household import Household
from rooms import Room, Turn

from results import busy, percentiles, publish, table

SPEECH = Path(__file__).parents[1] / "tests" / "data" / "speech"
SAID = (SPEECH / "living_room_light_en.wav", SPEECH / "living_room_light_zh.wav")
AT_ONCE = (1, 2, 4, 8)
TURNS = 5
"""Of each satellite."""


async def main() -> None:
    """Measure, and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        household = Household(Path(folder))
        household.start_hub()
        try:
            await household.until_said("the hub's door is open")
            rooms = [await paired(household, f"room {number}") for number in range(max(AT_ONCE))]
            for said in SAID:
                await rooms[0].say(said)
            found = {number: await together(rooms[:number]) for number in AT_ONCE}
        finally:
            household.close()
    rows = [
        (number, *(f"{one[p]:.1f}" for one in (heard, answered) for p in ("p50", "p99")), fairness)
        for number, (heard, answered, fairness) in found.items()
    ]
    heads = [
        "satellites at once",
        "words, p50 s",
        "p99 s",
        "first sound, p50 s",
        "p99 s",
        "fairness",
    ]
    body = table(heads, rows)
    body += (
        "\n\nFairness is Jain's index of the satellites' mean times to the first sound: 1 where "
        f"all wait alike, 1/n where one has everything. {TURNS} turns each.{busy()}"
    )
    data = {
        str(number): {"words_s": heard, "sound_s": answered, "fairness": fairness}
        for number, (heard, answered, fairness) in found.items()
    }
    publish("side_by_side", "Satellites side by side", {"at_once": data}, body)


async def paired(household: Household, name: str) -> Room:
    """Return a satellite that is paired and connected."""
    kept = await household.pair(name)
    room = Room(name, household.folder / name, kept, household.door)
    await room.connect()
    return room


async def together(
    rooms: Sequence[Room],
) -> tuple[dict[str, float], dict[str, float], float]:
    """Let all `rooms` speak at once; return the seconds to words, to sound, and the fairness."""

    async def speak(number: int) -> list[Turn]:
        return [await rooms[number].say(SAID[number % len(SAID)]) for _ in range(TURNS)]

    turns = await asyncio.gather(*(speak(number) for number in range(len(rooms))))
    means = [sum(turn.answered for turn in each) / len(each) for each in turns]
    return (
        percentiles([turn.heard for each in turns for turn in each]),
        percentiles([turn.answered for each in turns for turn in each]),
        round(sum(means) ** 2 / (len(means) * sum(mean**2 for mean in means)), 3),
    )


if __name__ == "__main__":
    asyncio.run(main())
