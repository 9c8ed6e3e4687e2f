"""Computed prompts on disk: found again, never when damaged, never more than the limit."""

import os
from pathlib import Path

import pytest

from steward.errors import ModelError
from steward.models.prefixes import Prefixes, key_of


def keep(prefixes: Prefixes, key: str, content: bytes) -> Path:
    part = prefixes.part()
    part.write_bytes(content)
    prefixes.keep(part, key)
    found = prefixes.find(key)
    assert found is not None
    return found


def test_what_is_kept_is_found_with_its_content(tmp_path: Path) -> None:
    prefixes = Prefixes(tmp_path / "prompts", 1000)
    path = keep(prefixes, "a", b"computed")
    assert path.read_bytes() == b"computed"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert prefixes.find("b") is None


def test_a_second_computation_takes_the_place_of_the_first(tmp_path: Path) -> None:
    prefixes = Prefixes(tmp_path, 1000)
    keep(prefixes, "a", b"first")
    assert keep(prefixes, "a", b"second").read_bytes() == b"second"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"computeD", b"computed and more"])
def test_a_damaged_file_is_not_found_and_removed(tmp_path: Path, damage: bytes) -> None:
    prefixes = Prefixes(tmp_path, 1000)
    path = keep(prefixes, "a", b"computed")
    path.write_bytes(damage)
    assert prefixes.find("a") is None
    assert not path.exists()


def test_the_longest_unused_go_when_there_is_too_much(tmp_path: Path) -> None:
    prefixes = Prefixes(tmp_path, 250)
    for age, key in ((300, "old"), (200, "older use"), (100, "new")):
        path = keep(prefixes, key, bytes(80))
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    assert prefixes.find("old") is not None
    keep(prefixes, "newest", bytes(80))
    assert prefixes.find("older use") is None
    assert all(prefixes.find(key) for key in ("old", "new", "newest"))


def test_what_is_larger_than_all_that_may_be_kept_is_not(tmp_path: Path) -> None:
    prefixes = Prefixes(tmp_path, 100)
    keep(prefixes, "a", bytes(80))
    part = prefixes.part()
    part.write_bytes(bytes(101))
    prefixes.keep(part, "b")
    assert prefixes.find("a") is not None
    assert prefixes.find("b") is None
    assert not part.exists()


def test_what_a_dead_process_was_writing_goes(tmp_path: Path) -> None:
    prefixes = Prefixes(tmp_path, 1000)
    abandoned, fresh = prefixes.part(), prefixes.part()
    for part in (abandoned, fresh):
        part.write_bytes(b"half")
    os.utime(abandoned, (0, 0))
    keep(prefixes, "a", b"computed")
    assert not abandoned.exists()
    assert fresh.exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot write"):
        Prefixes(tmp_path / "file" / "prompts", 1)


def test_any_other_fact_is_another_key() -> None:
    facts = {"text": "a", "cache": ["f16", "f16"]}
    assert key_of(facts) == key_of(dict(reversed(facts.items())))
    assert key_of(facts) != key_of({**facts, "cache": ["f16", "q8_0"]})
    assert key_of(facts) != key_of({**facts, "text": "a "})
