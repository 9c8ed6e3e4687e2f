"""The store of the owner's words and corrections."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from steward.errors import StateError
from steward.skills.words import Words
from steward.types import Call, Done, Failed, Json, Meaning, Taught

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def words(tmp_path: Path) -> Iterator[Words]:
    made = Words(tmp_path / "words.db", lambda: NOW)
    yield made
    made.close()


def call(service: str, **arguments: Json) -> Call:
    return Call("c", f"words.{service}", Meaning("test"), arguments)


def teach(phrase: str, meaning: str) -> Call:
    return call("teach", phrase=phrase, language="en", kind="routine", meaning=meaning)


async def test_a_word_taught_again_has_its_new_meaning_only(words: Words) -> None:
    await words.perform(teach("Nap", "turn off the fan"))
    again = await words.perform(teach("nap", "turn off the light"))
    assert isinstance(again, Done) and isinstance(again.value, dict)
    assert again.value["before"]["meaning"] == "turn off the fan"
    assert await words.learned() == (Taught("nap", "en", "routine", "turn off the light"),)


async def test_what_was_not_taught_cannot_be_forgotten(words: Words) -> None:
    outcome = await words.perform(call("forget", phrase="nap"))
    assert isinstance(outcome, Failed) and outcome.reason == "not_found"


@pytest.mark.parametrize(
    "bad", [call("teach", phrase="nap"), call("teach", phrase="", language="en"), call("forget")]
)
async def test_bad_arguments_change_nothing(words: Words, bad: Call) -> None:
    outcome = await words.perform(bad)
    assert isinstance(outcome, Failed) and outcome.reason == "invalid"
    assert await words.learned() == ()


async def test_a_correction_is_kept_with_its_time_and_can_be_dropped(words: Words) -> None:
    deed: Json = {"capability": "light.turn_on", "arguments": {"entity_id": ["light.a"]}}
    note = call(
        "note", text="light on", language="en", correction="no, b", wrong=[deed], right=[deed]
    )
    assert isinstance(await words.perform(note), Done)
    ((number, example),) = await words.examples()
    assert example.time == NOW.isoformat(timespec="seconds")
    assert example.wrong[0].arguments == {"entity_id": ["light.a"]}
    assert await words.learned() == ()
    assert await words.drop(number)
    assert not await words.drop(number)
    assert await words.examples() == ()


def test_a_damaged_file_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    path.write_text("this is no database" * 100)
    with pytest.raises(StateError) as caught:
        Words(path, lambda: NOW)
    assert "move it away" in caught.value.hint


def test_two_processes_see_the_same_words(tmp_path: Path) -> None:
    one, two = (Words(tmp_path / "words.db", lambda: NOW) for _ in range(2))
    asyncio.run(one.perform(teach("nap", "turn off the fan")))
    assert [word.phrase for word in asyncio.run(two.learned())] == ["nap"]
    one.close()
    two.close()
