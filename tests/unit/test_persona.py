from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from steward.cli import app
from steward.errors import ConfigError
from steward.persona import load_persona, shipped
from steward.plan.reply.manner import Occasion


def test_every_persona_that_comes_with_him_is_well() -> None:
    assert shipped() == ("brief", "butler", "friend", "steward")
    for name in shipped():
        persona = load_persona(name)
        assert persona.name.lower() == name
    # What configurations have without naming one changes no word.
    assert load_persona("steward").manner == {}


def test_one_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('name = "Mia"\nabout = "Mine."\n[manner.en.openings]\ndone = ["Ta-da!"]\n')
    assert load_persona(str(file)).manner["en"].openings[Occasion.DONE] == ("Ta-da!",)


def test_the_list_marks_who_he_is_also_one_of_ones_own(tmp_path: Path) -> None:
    mia, config = tmp_path / "mia.toml", tmp_path / "steward.toml"
    mia.write_text('name = "Mia"\nabout = "Cheerful."')
    config.write_text(f'persona = "{mia}"')
    done = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["--config", str(config), "persona"])
    (marked,) = [line for line in done.stdout.splitlines() if "*" in line]
    assert marked.split() == [str(mia), "*", "Cheerful."]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "Mia"', "about"),
        ('name = "Mia"\nabout = "x"\nvoise = 1', "voise"),
        ('name = "Mia"\nabout = "x"\n[voice]\nspeed = 9', "voice.speed"),
        ('name = "Mia"\nabout = "x"\n[voice]\nchinese = "hanako"', "voice.chinese"),
        ('name = "Mia"\nabout = "x"\n[face]\noutline = "red"', "face.outline"),
        ('name = "Mia"\nabout = "x"\n[face]\nwears = ["hat"]', "face.wears"),
        ('name = "Mia"\nabout = "x"\n[manner.en.openings]\ndone = ["All 3 done."]', "done"),
        ('name = "Mia"\nabout = "x"\n[manner.en.openings]\nhappy = ["Yes."]', "openings"),
        ("name = ", "TOML"),
        ("name = " + "[" * 5000, "TOML"),
        ("\x00", "TOML"),
        ("#" * 70_000, "too long"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=says) as failed:
        load_persona(str(file))
    assert failed.value.hint


@pytest.mark.parametrize("named", ["jeeves", "", "..", "/nowhere/mine.toml", "../steward"])
def test_one_that_is_not_there(named: str) -> None:
    with pytest.raises(ConfigError) as failed:
        load_persona(named)
    assert "butler" in failed.value.hint


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.builds(
        lambda table, key, value: f"name = 'M'\nabout = 'M'\n[{table}]\n{key} = {value}".encode(),
        st.sampled_from(("voice", "face", "manner", "manner.en", "manner.en.openings")),
        st.sampled_from(("speed", "wears", "hair", "done", "begin", "x")),
        st.sampled_from(
            ("nan", "inf", "-1", "1e999", "[]", "{}", "[[]]", "''", "1979-02-30", "'\\u0000'")
        ),
    )
)
def test_any_bytes_are_a_persona_or_an_error_with_a_hint(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(raw)
    try:
        load_persona(str(file))
    except ConfigError as error:
        assert error.hint
