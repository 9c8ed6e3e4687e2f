"""Whatever the owner teaches: his names make nothing, and what is forgotten leaves no trace."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from steward.plan.owner.aliases import with_names
from steward.plan.owner.teaching import asked, lessons
from steward.skills.words import Words
from steward.types import Area, Call, Entity, Meaning, Taught, World

HOME = World(
    areas=(Area("study", "Study", None, ("书房",)),),
    entities=(
        Entity("light.desk", "Desk Lamp", "on", "study", ("台灯",)),
        Entity("fan.attic", "Attic Fan", "off"),
    ),
)
KEYS = ("study", "light.desk", "fan.attic", "light.gone")
PHRASES = st.text(alphabet="abc dé台灯亮小屋书房study ", min_size=1, max_size=12).filter(str.strip)
WORDS = st.builds(
    Taught,
    phrase=PHRASES,
    language=st.sampled_from(("en", "zh")),
    kind=st.sampled_from(("name", "routine")),
    meaning=st.sampled_from(KEYS),
)


def bare(world: World) -> World:
    return World(
        tuple(replace(each, aliases=()) for each in world.floors),
        tuple(replace(each, aliases=()) for each in world.areas),
        tuple(replace(each, aliases=()) for each in world.entities),
    )


@given(st.lists(WORDS, max_size=6))
@settings(deadline=None)
def test_a_name_changes_nothing_of_the_home_but_aliases(known: list[Taught]) -> None:
    seen = with_names(HOME, known)
    assert bare(seen) == bare(HOME)
    for before, after in zip(HOME.entities, seen.entities, strict=True):
        assert after.aliases[: len(before.aliases)] == before.aliases


@given(st.lists(WORDS, max_size=4), WORDS)
@settings(deadline=None, max_examples=25)
def test_to_teach_and_to_forget_is_to_do_nothing(known: list[Taught], word: Taught) -> None:
    known = [each for each in known if each.phrase.casefold() != word.phrase.casefold()]

    async def run() -> None:
        skill = Words(Path(folder) / "words.db", lambda: datetime(2026, 3, 4, tzinfo=UTC))
        for each in known:
            await skill.perform(taught(each))
        before = await skill.learned()
        await skill.perform(taught(word))
        assert word in await skill.learned()
        forget = Call("f", "words.forget", Meaning("t"), {"phrase": word.phrase.upper().lower()})
        await skill.perform(forget)
        assert await skill.learned() == before
        skill.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run())


def taught(word: Taught) -> Call:
    arguments = {
        "phrase": word.phrase,
        "language": word.language,
        "kind": word.kind,
        "meaning": word.meaning,
    }
    return Call("t", "words.teach", Meaning("t"), arguments)


@given(st.text(max_size=60), st.sampled_from(("en", "zh", "fr")))
@settings(deadline=None)
def test_any_text_can_be_read_for_lessons(text: str, language: str) -> None:
    list(lessons(text, language))
    assert all(phrase.strip() for phrase in asked(text))
