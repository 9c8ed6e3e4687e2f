"""`steward tiers calibrate`, `plot`, `cases` and `judge`, as they are typed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from steward.butler import Butler
from steward.cli import app
from steward.config import Config
from steward.config.tiers import TiersConfig
from steward.errors import UserError
from steward.models.cases import Cases
from steward.models.casework import Case, Reached
from steward.models.certificates import Certificates
from steward.types import Utterance
from steward.wiring import assemble

CASE = Case(
    1.0, "为什么天是蓝的 [b]", "zh", "asking", 0.4, None, (), "…", (Reached("device", "…", 0.6),)
)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of state that the commands use."""
    file = tmp_path / "steward.toml"
    file.write_text(f'[paths]\nstate = "{tmp_path / "state"}"\n', encoding="utf-8")
    monkeypatch.setenv("STEWARD_CONFIG", str(file))
    return tmp_path / "state"


def run(*words: str | Path) -> Result:
    """Run a command; an error of it is raised."""
    done = CliRunner().invoke(app, ["tiers", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def questions(path: Path, number: int) -> Path:
    """Write questions of which the surer half is always right, the other never."""
    draw = random.Random(1)
    scores = [draw.random() for _ in range(number)]
    rows = [{"task": "en", "confidence": at, "local": int(at > 0.5), "big": 1} for at in scores]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_what_is_calibrated_is_kept_and_drawn(tmp_path: Path, state: Path) -> None:
    file = questions(tmp_path / "rows.jsonl", 400)
    (told,) = json.loads(run("calibrate", file, "--alpha", "0.05", "--json").stdout)
    (found,) = Certificates(state).all()
    assert found.threshold == told["threshold"] == 1.0
    assert (found.tier, found.task, found.alpha, found.worse) == ("device", "en", 0.05, 0)
    assert json.loads(run("plot", "--json").stdout)[0]["kept"] == found.kept
    page = tmp_path / "risk.html"
    run("plot", "--html", page)
    text = page.read_text(encoding="utf-8")
    assert f"{found.kept} of {found.seen}" in " ".join(text.split())
    assert text.count("<svg") == 2
    assert "<script" not in text


def test_too_few_questions_are_said_to_be_too_few(tmp_path: Path, state: Path) -> None:
    done = run("calibrate", questions(tmp_path / "rows.jsonl", 20))
    assert "no answer counts as sure" in done.stderr
    (found,) = Certificates(state).all()
    assert (found.threshold, found.alpha) == (None, 0.1)
    run("plot", "--html", tmp_path / "risk.html")
    assert "Nothing can be certified" in (tmp_path / "risk.html").read_text(encoding="utf-8")


def test_why_there_are_no_cases(state: Path) -> None:
    assert 'no cases are kept: set `cases = "on"` under [tiers]' in run("cases").stderr


def test_a_dry_run_keeps_nothing(tmp_path: Path, state: Path) -> None:
    run("calibrate", questions(tmp_path / "rows.jsonl", 400), "--dry-run")
    assert Certificates(state).all() == ()
    with pytest.raises(UserError, match="nothing is calibrated"):
        run("plot")
    with pytest.raises(UserError, match="nothing to calibrate with"):
        run("calibrate")


def test_names_from_a_file_are_text_on_the_page(tmp_path: Path, state: Path) -> None:
    file = tmp_path / "rows.jsonl"
    row = {"task": "<script>alert(1)</script>", "confidence": 1, "local": 1, "big": 1}
    file.write_text(json.dumps(row), encoding="utf-8")
    run("calibrate", file)
    run("plot", "--html", tmp_path / "risk.html")
    assert "<script" not in (tmp_path / "risk.html").read_text(encoding="utf-8")


def test_cases_are_listed_judged_used_and_erased(state: Path) -> None:
    store = Cases(state, 100)
    number, _ = store.keep(CASE), store.keep(CASE)
    store.close()
    assert "[b]" in run("cases").stdout
    run("judge", str(number), "same")
    exported = json.loads(run("cases", "--json").stdout)
    assert [each["verdict"] for each in exported] == ["same", ""]
    assert exported[0]["said"] == CASE.said
    run("calibrate", "--cases")
    assert Certificates(state).of("device", "zh") is not None
    run("cases", "--erase", str(number))
    run("cases", "--erase-all")
    assert json.loads(run("cases", "--json").stdout) == []
    with pytest.raises(UserError, match="no such case"):
        run("cases", "--erase", "1")


@pytest.mark.parametrize("keep", [True, False])
async def test_a_turn_is_kept_only_where_the_owner_said_so(tmp_path: Path, keep: bool) -> None:
    tiers = TiersConfig(cases="on") if keep else TiersConfig()
    config = Config.model_validate({"paths": {"state": tmp_path}, "tiers": tiers})
    butler = Butler(assemble(config))
    async for _ in butler.turn(Utterance("defenestrate the aubergine")):
        pass
    assert [each.case.said for each in Cases(tmp_path, 10).all()] == (
        ["defenestrate the aubergine"] if keep else []
    )
    assert (tmp_path / "cases").exists() == keep
