"""The command line as a user runs it: real models, real recordings, no network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from steward.home.local import LocalHome
from steward.types import Entity

STEWARD = Path(sys.executable).with_name("steward")
SPEECH = Path(__file__).parents[1] / "data" / "speech"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "steward.toml"
    state = tmp_path / "state"
    file.write_text(f"[paths]\nstate = {str(state)!r}\n", encoding="utf-8")
    return file


def steward(config: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STEWARD, "--config", config, *arguments], capture_output=True, text=True, timeout=300
    )


def ask(config: Path, *arguments: str | Path) -> dict[str, Any]:
    done = steward(config, "ask", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def states(config: Path) -> dict[str, Entity]:
    """Read the home as another process would: its file is shared."""
    home = LocalHome(config.with_name("state") / "home.db", lambda _: None)
    world = await home.world()
    home.close()
    return {entity.id: entity for entity in world.entities}


@pytest.mark.parametrize(
    ("recording", "language", "spoken"),
    [
        ("living_room_light_en.wav", "en", ("living room", "on")),
        ("turn_on_the_living_room_lamp.wav", "en", ("living room", "on")),
        ("living_room_light_zh.wav", "zh", ("客厅", "开")),
        ("living_room_light_de.wav", "de", None),
        ("living_room_light_es.wav", "es", None),
    ],
)
async def test_a_recorded_sentence_moves_the_home_and_is_answered(
    config: Path, tmp_path: Path, recording: str, language: str, spoken: tuple[str, ...] | None
) -> None:
    before = await states(config)
    reply = tmp_path / "reply.wav"
    turn = ask(config, "--wav", SPEECH / recording, "--say", reply)
    after = await states(config)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"light.living_room_light"}
    assert after["light.living_room_light"].state == "on"
    assert turn["language"] == language
    assert turn["reply"]
    if spoken is None:
        assert turn["silent"]
        assert not reply.exists()
    else:
        heard = ask(config, "--wav", reply)
        assert heard["language"] == language
        for word in spoken:
            assert word in heard["utterance"].lower(), heard["utterance"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "turn on the kitchen light and close the living room curtain",
            {"light.kitchen_light": "on", "cover.living_room_curtain": "closed"},
        ),
        ("lock the front door", {}),
    ],
)
async def test_a_command_changes_exactly_what_it_names(
    config: Path, sentence: str, expected: dict[str, str]
) -> None:
    before = await states(config)
    ask(config, sentence)
    after = await states(config)
    assert {n: after[n].state for n in after if after[n] != before[n]} == expected


async def test_a_chinese_command_sets_the_air_conditioner(config: Path) -> None:
    before = await states(config)
    turn = ask(config, "把卧室的空调调到二十四度")
    after = await states(config)
    assert {n for n in after if after[n] != before[n]} == {"climate.bedroom_ac"}
    assert after["climate.bedroom_ac"].attributes["temperature"] == 24
    assert turn["language"] == "zh"


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("is the front door locked?", ("yes", "locked")),
        ("what's the weather like?", ("°", "degrees")),
        ("set a timer for ten minutes", ("10 minutes", "ten minutes")),
    ],
)
async def test_a_question_is_answered(config: Path, sentence: str, words: tuple[str, ...]) -> None:
    before = await states(config)
    turn = ask(config, sentence)
    assert any(word in turn["reply"].lower() for word in words), turn["reply"]
    assert all(outcome["kind"] == "done" for outcome in turn["outcomes"])
    assert await states(config) == before


def test_the_home_is_shown_and_reset(config: Path) -> None:
    ask(config, "turn on the kitchen light")
    world = json.loads(steward(config, "home", "--json").stdout)
    lit = {e["id"]: e["state"] for e in world["entities"]}
    assert lit["light.kitchen_light"] == "on"
    assert "Kitchen Light" in steward(config, "home").stdout
    assert steward(config, "home", "reset").returncode == 0
    assert "off" in ask(config, "is the kitchen light on")["reply"]


def test_another_home_is_loaded(config: Path, tmp_path: Path) -> None:
    fixtures = tmp_path / "hut.yaml"
    fixtures.write_text(
        "areas: [{id: den, name: Den}]\n"
        "entities: [{id: light.den, name: Den Lamp, area: den, state: 'off'}]\n"
    )
    assert steward(config, "home", "load", fixtures).returncode == 0
    assert ask(config, "turn on the den lamp")["outcomes"][0]["kind"] == "done"
    broken = steward(config, "home", "load", tmp_path / "nowhere.yaml")
    assert broken.returncode == 2
    assert "hint:" in broken.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ask", ""], 2),
        (["ask", "word " * 10_000], 2),
        (["ask"], 2),
        (["ask", "--wav", "/dev/null"], 2),
        (["--config", "nowhere.toml", "home"], 2),
    ],
)
def test_bad_input_is_a_clear_error(config: Path, arguments: list[str], code: int) -> None:
    done = steward(config, *arguments)
    assert done.returncode == code
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_timer_outlives_the_process_that_set_it(config: Path) -> None:
    ask(config, "set a timer for ten minutes")
    assert "minute" in ask(config, "how much time is left on my timer")["reply"]


@pytest.mark.parametrize(
    "sentence",
    [
        "open the pod bay doors",
        "who won the 1987 cup?",
        "turn on the light in the attic",
        "打开阁楼的灯",
        "谁赢得了一九八七年的冠军？",
    ],
)
async def test_what_he_cannot_do_changes_nothing_and_is_said(config: Path, sentence: str) -> None:
    before = await states(config)
    turn = ask(config, sentence)
    assert await states(config) == before
    assert turn["outcomes"] == []
    assert turn["plan"]["kind"] == "unknown"
    negative = ("don't", "not", "no ", "can't", "sorry", "不", "没")
    assert any(word in turn["reply"].lower() for word in negative), turn["reply"]
