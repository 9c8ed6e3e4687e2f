"""The rules of `[risk]` as the configuration gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.config import load
from steward.errors import ConfigError
from steward.plan.risk import rules
from steward.types import Capability, Risk


def test_the_owner_lists_domains_or_switches_it_off(tmp_path: Path) -> None:
    file = tmp_path / "steward.toml"
    file.write_text('[risk]\nconfirm = ["lock"]\nheat = 25\n', encoding="utf-8")
    risk = load(file).risk
    made = rules((Capability("lock.unlock", risk=Risk.GUARDED),), risk.confirm, risk.heat)
    assert (made.domains, made.heat) == (frozenset({"lock"}), 25)
    assert made.guarded == {"lock.unlock"}
    file.write_text('[risk]\nconfirm = "off"\n', encoding="utf-8")
    assert rules((), load(file).risk.confirm, 28).domains == frozenset()


@pytest.mark.parametrize("line", ['confirm = "sometimes"', "heat = 90", "ask = true"])
def test_a_bad_rule_is_an_error(tmp_path: Path, line: str) -> None:
    file = tmp_path / "steward.toml"
    file.write_text(f"[risk]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        load(file)
