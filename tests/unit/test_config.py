"""The configuration: one file, clear errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.config import Config, add_table, load
from steward.errors import ConfigError
from steward.wiring import wake_words


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


@pytest.mark.parametrize("before", ["", "# ours\narea = 'hall' # here\n\n[server]\nport = 0"])
def test_a_table_is_added_and_the_rest_stays_as_it_was(tmp_path: Path, before: str) -> None:
    file = tmp_path / "new" / "steward.toml"
    if before:
        file.parent.mkdir()
        file.write_text(before, encoding="utf-8")
    odd = 'http://hä"us\\.local:8123'
    add_table(file, "home_assistant", url=odd)
    assert file.read_text(encoding="utf-8").startswith(before)
    config = load(file)
    assert config.home_assistant.url == odd
    assert config.area == ("hall" if before else None)
    kept = file.read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="already has a table"):
        add_table(file, "home_assistant", url="http://other")
    assert file.read_text(encoding="utf-8") == kept


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    file = written(tmp_path, "[server")
    with pytest.raises(ConfigError, match="not valid TOML"):
        add_table(file, "home_assistant", url="http://other")
    assert file.read_text() == "[server"


@pytest.mark.parametrize(
    ("word", "words"),
    [('"jarvis"', ("jarvis",)), ('["jarvis", "你好管家", "jarvis"]', ("jarvis", "你好管家"))],
)
def test_one_wake_word_or_several(tmp_path: Path, word: str, words: tuple[str, ...]) -> None:
    assert wake_words(load(written(tmp_path, f"[wake]\nword = {word}"))) == words


def test_no_wake_word_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, "[wake]\nword = []"))
    assert "wake.word" in caught.value.message


def test_models_share_a_budget_and_have_tables_of_their_own(tmp_path: Path) -> None:
    config = load(
        written(
            tmp_path,
            '[models]\nmemory = "1.5GB"\nprompts = "200 MB"\n'
            '[models.big]\nsource = "~/big.gguf"\nkv_cache = "q8_0"\n',
        )
    )
    assert config.models.memory == 1_500_000_000
    assert config.models.prompts == 200_000_000
    assert list(config.models.named) == ["big"]
    assert config.models.named["big"].kv_cache == "q8_0"
    assert not Config().models.named


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[models]\nmemory = "much"', 'models.memory: Value error, write a size like "500MB"'),
        ("[models]\nmemory = 3", "models.memory"),
        ('[models]\nmemroy = "1GB"', "models.memroy"),
        ('[models.big]\nsorce = "x"', "unknown key models.big.sorce"),
        ('[models.big]\ntools = "on"', "unknown key models.big.tools"),
        ('[model]\nkv_cache = "q9"', "model.kv_cache"),
    ],
)
def test_wrong_tables_of_models_are_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    assert said in caught.value.message
