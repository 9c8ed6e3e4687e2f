"""Tokens: only hashes are kept, for this machine's owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.errors import StateError, UserError
from steward.serve.tokens import FILE, Grant, Scope, Tokens, cookie_value, local_key, opened


def test_a_token_or_its_cookie_lets_in_and_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path) as tokens:
        token = tokens.create("phone", Scope.TALK)
        tokens.create("tablet", Scope.ADMIN)
        phone = Grant("phone", Scope.TALK)
        assert tokens.grant(token, None) == tokens.grant(None, cookie_value(token)) == phone
        for wrong in (None, "", token[:-1], token.upper(), cookie_value(token), "密码"):
            assert tokens.grant(wrong, None) is None
        for wrong in ("", token, tokens.all()[0].hash, tokens.all()[0].cookie_hash):
            assert tokens.grant(None, wrong) is None


def test_what_is_kept_lets_nobody_in(tmp_path: Path) -> None:
    with opened(tmp_path) as tokens:
        token = tokens.create("phone", Scope.TALK)
        for file in tmp_path.iterdir():
            kept = file.read_bytes()
            assert token.encode() not in kept
            assert cookie_value(token).encode() not in kept
            assert file.stat().st_mode & 0o777 == 0o600


def test_names_are_unique_and_plain(tmp_path: Path) -> None:
    with opened(tmp_path) as tokens:
        tokens.create("Anna's phone".replace("'", ""), Scope.TALK)
        tokens.create("手机", Scope.TALK)
        for name in ("手机", "", " ", "a\nb", "x" * 65, "this machine", "<b>"):
            with pytest.raises(UserError):
                tokens.create(name, Scope.TALK)
        assert not tokens.revoke("nobody")
        assert [token.name for token in tokens.all()] == ["Annas phone", "手机"]


def test_scopes_include_those_before_them() -> None:
    talk, control, admin = Scope
    assert admin.includes(control)
    assert control.includes(talk)
    assert not talk.includes(control)
    assert not control.includes(admin)


def test_the_key_of_this_machine_stays(tmp_path: Path) -> None:
    key = local_key(tmp_path / "new")
    assert len(key) == 40
    assert local_key(tmp_path / "new") == key != local_key(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["local.key"]


def test_damage_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "local.key").write_text("")
    with pytest.raises(StateError, match="damaged"):
        local_key(tmp_path)
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(StateError, match="damaged"):
        Tokens(tmp_path)
