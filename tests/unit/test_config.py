"""The configuration: one file, clear errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.config import Config, load
from steward.errors import ConfigError


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "steward.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert load(written(tmp_path, "")) == Config()


def test_values_are_read(tmp_path: Path) -> None:
    text = 'area = "kitchen"\n[server]\nport = 0\n[model]\nsmalltalk = "off"\ntools = "on"\n'
    config = load(written(tmp_path, text))
    assert (config.area, config.server.port) == ("kitchen", 0)
    assert (config.model.smalltalk, config.model.tools) == ("off", "on")


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("[server]\nprot = 1", "server.prot", "server.port"),
        ("colour = 1", "colour", "known keys"),
        ("[server]\nport = 70000", "server.port", "mend"),
        ("[server]\ncert = 'cert.pem'", "both", "mend"),
        ("[server", "TOML", "mend"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path / "nowhere.toml")


def test_the_environment_may_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_CONFIG", str(written(tmp_path, 'area = "den"')))
    assert load().area == "den"
