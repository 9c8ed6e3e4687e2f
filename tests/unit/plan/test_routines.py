"""A scene is run when it is asked for or announced, and not when it is mentioned."""

from __future__ import annotations

import pytest

from steward.plan.language.text import is_chinese, plain
from steward.plan.routines.announced import announced
from steward.types import Entity, World

HOME = World(
    entities=(
        Entity("scene.movie", "Movie Time", "unknown"),
        Entity("scene.night", "Good Night", "unknown"),
        Entity("scene.evening", "Romantic Evening", "unknown"),
        Entity("scene.leave", "离家模式", "unknown"),
        Entity("script.plants", "Water the plants", "off"),
        Entity("light.movie", "Movie Lamp", "off"),
    )
)


def asked(text: str, home: World = HOME) -> str:
    found = announced(plain(text, "zh" if is_chinese(text) else "en"), home)
    return found.entity.id if found is not None else ""


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("set the movie scene", "scene.movie"),
        ("we're going to watch a movie", "scene.movie"),
        ("我要看电影了", "scene.movie"),
        ("I'm off to bed, good night", "scene.night"),
        ("晚安啦", "scene.night"),
        ("romantic scene please", "scene.evening"),
        ("we're leaving", "scene.leave"),
        ("我出门了", "scene.leave"),
        ("please water the plants", "script.plants"),
        ("do the movie thing", "scene.movie"),
        ("set things up for a movie", "scene.movie"),
        ("跑一遍离家模式", "scene.leave"),
    ],
)
def test_what_is_announced_is_the_scene(text: str, scene: str) -> None:
    assert asked(text) == scene


@pytest.mark.parametrize(
    "text",
    [
        "he said good night and left",
        "is it movie time",
        "we had a romantic evening last friday",
        "my neighbour never waters the plants",
        "昨天看电影看到十二点",
        "我不想看电影",
        "他们离家出走了",
        "你睡了吗",
        "evening",
        "plants",
    ],
)
def test_a_story_runs_nothing(text: str) -> None:
    assert asked(text) == ""


def test_the_word_that_was_said_decides_between_two_scenes_of_a_kind() -> None:
    both = World(entities=(*HOME.entities, Entity("scene.bed", "Bedtime", "unknown")))
    assert asked("bedtime", both) == "scene.bed"
    assert asked("goodnight", both) == ""
    assert asked("good night", both) == "scene.night"
