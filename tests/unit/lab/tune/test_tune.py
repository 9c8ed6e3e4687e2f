"""What is chosen, what is kept, and one short run on a random model."""

import json
from pathlib import Path

import pytest
import tiny
from typer.testing import CliRunner

from steward.cli import app
from steward.config.models import LanguageModelConfig
from steward.errors import ModelError
from steward.lab.tune.candidates import PLAIN, SURE, candidates
from steward.lab.tune.choice import Speed, best, speeds
from steward.models import profile
from steward.models.ahead.model import Ahead
from steward.models.disk import sha256
from steward.models.llama import Llama
from steward.models.open import open_model
from steward.models.profile import Profile
from steward.models.store import Store


def test_each_round_is_compared_with_itself() -> None:
    times = {PLAIN: [[1.0, 2.0], [4.0, 8.0]], "twice": [[0.5, 1.0], [2.0, 4.0]]}
    assert speeds(times, PLAIN) == {PLAIN: Speed(1.0, 1.0), "twice": Speed(2.0, 2.0)}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"a": Speed(1.5, 1.2), "b": Speed(1.4, 1.3)}, "a"),
        ({"a": Speed(9.0, 0.9), "b": Speed(1.4, 1.3)}, "b"),
        ({"a": Speed(9.0, 0.9), "b": Speed(1.02, 1.01)}, PLAIN),
        ({}, PLAIN),
    ],
)
def test_only_what_always_wins_is_chosen(found: dict[str, Speed], expected: str) -> None:
    assert best({PLAIN: Speed(1.0, 1.0), **found}, PLAIN) == expected


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_plain_is_a_candidate(cores: int) -> None:
    found = candidates(cores)
    assert next(iter(found)) == PLAIN
    assert found[PLAIN] == Profile(cores, spin=True, batch=512)
    assert len(set(found.values())) == len(found)


def test_heads_and_a_draft_are_candidates() -> None:
    found = candidates(2, heads="some.npz", draft="some.gguf")
    added = [profile for name, profile in found.items() if name not in candidates(2)]
    assert {each.heads for each in added} == {"some.npz", ""}
    assert {each.draft for each in added} == {"some.gguf", ""}
    assert all(each.ahead and each.sure > 0 for each in added)


def test_a_profile_belongs_to_the_file(tmp_path: Path) -> None:
    assert profile.find(tmp_path / "profiles", "a") is None
    kept = profile.keep(tmp_path / "profiles", "a", Profile(3, repeats=2))
    assert profile.find(kept.parent, "a") == Profile(3, repeats=2)
    assert profile.find(kept.parent, "b") is None
    kept.write_text("{", encoding="utf-8")
    assert profile.find(kept.parent, "a") is None
    assert profile.forget(kept.parent, "a")
    assert not profile.forget(kept.parent, "a")


def test_what_was_tuned_is_used(tmp_path: Path) -> None:
    model = tiny.write(tmp_path / "tiny.gguf")
    store = Store(tmp_path / "cache")
    folder = store.root.parent / profile.FOLDER
    config = LanguageModelConfig(source=str(model), context=256)
    total = sha256(model)
    profile.keep(folder, total, Profile(1, ahead=True))
    assert isinstance(open_model(config, store), Ahead)
    profile.keep(folder, total, Profile(1, scheme="ngram-map"))
    server = open_model(config, store)
    assert isinstance(server, Llama)
    server.close()


def test_a_draft_with_the_same_tokens_may_guess(tmp_path: Path) -> None:
    model, draft = tiny.write(tmp_path / "a.gguf"), tiny.write(tmp_path / "b.gguf", layers=1)
    tuned = Profile(1, ahead=True, draft=str(draft), sure=0.1)
    Ahead(model, tuned, 256).close()
    length = (5).to_bytes(8, "little")
    draft.write_bytes(draft.read_bytes().replace(length + b"light", length + b"night"))
    with pytest.raises(ModelError, match=r"b\.gguf cannot draft for a\.gguf"):
        Ahead(model, tuned, 256)


def test_what_is_gone_is_not_missed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = tiny.write(tmp_path / "tiny.gguf")
    gone = Profile(1, ahead=True, heads="/gone.npz", draft="/gone.gguf", sure=0.5)
    Ahead(model, gone, 256).close()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert "/gone.npz is gone" in caplog.text


def test_a_short_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.cpu_count", lambda logical=True: 1)
    model = tiny.write(tmp_path / "tiny.gguf")
    settings = tmp_path / "steward.toml"
    settings.write_text(
        f'[paths]\ncache = "{tmp_path}/cache"\n[model]\ncontext = 512\n', encoding="utf-8"
    )
    draft = tiny.write(tmp_path / "draft.gguf", layers=1)
    command = ["--config", str(settings), "tune", str(model), "--draft", str(draft)]
    done = CliRunner().invoke(app, [*command, "--rounds", "1", "--tokens", "4", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["best"] in told["speeds"]
    assert told["speeds"][PLAIN] == {"median": 1.0, "worst": 1.0}
    # Its heads are narrower than a block of that type.
    assert "cache q4_0" in told["impossible"]
    assert {f"draft model, {sure:.0%} sure" for sure in SURE} <= set(told["speeds"])
    kept = json.loads(Path(told["kept"]).read_text(encoding="utf-8"))
    assert kept == told["profile"]
    assert CliRunner().invoke(app, [*command, "--forget"]).stdout == "forgotten\n"
