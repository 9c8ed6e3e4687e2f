"""Fetching models to the shelf, from a real server that breaks off or serves something else."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ggufs import TINY, Listed, gguf
from sites import Site, serving
from typer.testing import CliRunner

from steward.cli import app
from steward.errors import ModelError, PeerError, UserError
from steward.models.hub import gguf_of
from steward.models.shelf import Shelf

MODEL = gguf()
SUM = hashlib.sha256(MODEL).hexdigest()
LARGE = gguf(TINY, [Listed("token_embd.weight", (32, 65536))], data=32 * 65536 * 4)


def ignore(done: int, size: int) -> None:
    """Take progress and do nothing with it."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        served.files["/m.gguf"] = MODEL
        yield served


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cache")


def left(shelf: Shelf) -> list[str]:
    return [path.name for path in shelf.root.rglob("*.part")]


def test_a_file_is_fetched_checked_listed_and_removed(shelf: Shelf, site: Site) -> None:
    told: list[tuple[int, int]] = []
    url = f"{site.url}/m.gguf"
    kept = shelf.get(url, lambda done, size: told.append((done, size)), expected=SUM)
    assert kept.path.read_bytes() == MODEL
    assert (kept.seal.sha256, kept.seal.source) == (SUM, url)
    assert told[-1] == (len(MODEL), len(MODEL))
    assert shelf.kept() == (kept,)
    assert shelf.find("m") == shelf.find("m.gguf") == kept.path
    before = len(site.asked)
    assert shelf.get(url, ignore) == kept
    assert len(site.asked) == before
    shelf.remove("m")
    assert shelf.kept() == ()
    assert not kept.path.exists()
    with pytest.raises(UserError, match="no model 'm'"):
        shelf.remove("m")


def test_a_broken_fetch_goes_on_where_it_stopped(shelf: Shelf, site: Site) -> None:
    site.files["/m.gguf"] = LARGE
    site.cut["/m.gguf"] = 3_000_000
    shelf.get(f"{site.url}/m.gguf", ignore)
    ranges = [wanted for _, wanted in site.asked]
    assert ranges[0] is None
    assert ranges[1] == "bytes=3000000-"
    assert site.sent == len(LARGE)
    assert left(shelf) == []


def test_a_fetch_that_was_killed_is_used_by_the_next(shelf: Shelf, site: Site) -> None:
    site.files["/m.gguf"] = LARGE

    def stop(done: int, size: int) -> None:
        if done > 1_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shelf.get(f"{site.url}/m.gguf", stop)
    (part,) = shelf.root.rglob("*.part")
    have = part.stat().st_size
    assert 0 < have < len(LARGE)
    assert shelf.kept() == ()
    site.asked.clear()
    shelf.get(f"{site.url}/m.gguf", ignore)
    assert site.asked[0] == ("/m.gguf", f"bytes={have}-")
    assert shelf.kept()[0].path.read_bytes() == LARGE


def test_another_file_than_the_wanted_one_is_refused(shelf: Shelf, site: Site) -> None:
    with pytest.raises(PeerError, match="its SHA-256 differs"):
        shelf.get(f"{site.url}/m.gguf", ignore, expected="0" * 64)
    assert (shelf.kept(), left(shelf)) == ((), [])
    with pytest.raises(UserError, match="no SHA-256"):
        shelf.get(f"{site.url}/m.gguf", ignore, expected="abc")


def test_hugging_face_tells_the_sum(
    shelf: Shelf, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", site.url)
    site.files["/o/r/resolve/main/m.gguf"] = MODEL
    site.headers = {"X-Linked-Etag": f'"{"0" * 64}"', "X-Linked-Size": str(len(MODEL))}
    with pytest.raises(PeerError, match="its SHA-256 differs"):
        shelf.get("hf:o/r/m.gguf", ignore)
    with pytest.raises(PeerError, match="has the SHA-256 0000"):
        shelf.get("hf:o/r/m.gguf", ignore, expected=SUM)
    site.headers["X-Linked-Etag"] = f'"{SUM}"'
    assert shelf.get("hf:o/r/m.gguf", ignore).seal.sha256 == SUM


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html>please log in</html>", "not a GGUF"),
        (MODEL[:-1], "cut off"),
        (gguf({"general.architecture": "clip"}), "no language model"),
        (gguf(tensors=[Listed("t", (1 << 39, 1 << 39))]), "cut off"),
    ],
    ids=["a page", "cut off", "no language model", "hostile"],
)
def test_what_is_no_model_does_not_stay(
    shelf: Shelf, site: Site, tmp_path: Path, data: bytes, said: str
) -> None:
    site.files["/m.gguf"] = data
    (tmp_path / "m.gguf").write_bytes(data)
    for where in (f"{site.url}/m.gguf", str(tmp_path / "m.gguf")):
        with pytest.raises(ModelError, match=said):
            shelf.get(where, ignore)
        assert (shelf.kept(), left(shelf)) == ((), [])
        assert shelf.find("m") is None


def test_a_file_of_this_machine_is_copied(shelf: Shelf, tmp_path: Path) -> None:
    original = tmp_path / "mine.gguf"
    original.write_bytes(LARGE)
    kept = shelf.get(str(original), ignore)
    original.unlink()
    assert kept.path.read_bytes() == LARGE
    with pytest.raises(ModelError, match="No such file"):
        shelf.get(str(tmp_path / "absent.gguf"), ignore)
    for wrong in ("notes.txt", "hf:o/r/README.md", "http://h/.gguf", ".hidden.gguf"):
        with pytest.raises(UserError, match=r"names no \.gguf file"):
            shelf.get(wrong, ignore)


def test_what_lets_one_in_is_not_kept_or_told(
    shelf: Shelf, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    url = site.url.replace("http://", "http://anna:secret@")
    site.cut["/m.gguf"] = 100
    kept = shelf.get(f"{url}/m.gguf?token=secret", ignore)
    assert kept.seal.source == f"{site.url}/m.gguf"
    for wrong in ("absent.gguf?token=secret", "page.html?token=secret"):
        with pytest.raises((PeerError, UserError)) as found:
            shelf.get(f"{url}/{wrong}", ignore)
        assert "secret" not in str(found.value)
    mine = [record for record in caplog.records if record.name.startswith("steward")]
    assert mine
    assert all("secret" not in record.getMessage() for record in mine)


def test_another_file_of_the_same_name_is_not_put_over_it(shelf: Shelf, site: Site) -> None:
    shelf.get(f"{site.url}/m.gguf", ignore)
    site.files["/other/m.gguf"] = LARGE
    with pytest.raises(UserError, match="is there already") as found:
        shelf.get(f"{site.url}/other/m.gguf", ignore)
    assert "steward models rm m.gguf" in found.value.hint


@pytest.mark.parametrize("harm", [MODEL[:-1], MODEL[:-1] + b"?", b"nonsense"])
def test_a_damaged_file_is_fetched_anew(shelf: Shelf, site: Site, harm: bytes) -> None:
    url = f"{site.url}/m.gguf"
    kept = shelf.get(url, ignore)
    kept.path.write_bytes(harm)
    again = shelf.get(url, ignore)
    assert again.path.read_bytes() == MODEL
    assert (again.seal.sha256, again.seal.source) == (SUM, url)
    assert shelf.seals.check(again.path, whole=True) == again.seal


def test_a_damaged_file_is_only_replaced_by_what_it_was(shelf: Shelf, site: Site) -> None:
    url = f"{site.url}/m.gguf"
    path = shelf.get(url, ignore).path
    path.write_bytes(b"nonsense")
    site.files["/m.gguf"] = LARGE
    with pytest.raises(PeerError, match="not the file that was wanted"):
        shelf.get(url, ignore)
    assert path.read_bytes() == b"nonsense"
    assert left(shelf) == []


def test_a_damaged_file_that_somebody_put_there_is_left(shelf: Shelf, site: Site) -> None:
    shelf.root.mkdir(parents=True)
    (shelf.root / "m.gguf").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="not a GGUF file"):
        shelf.get(f"{site.url}/m.gguf", ignore)


def test_a_full_disk_is_told_before_anything_is_fetched(
    shelf: Shelf, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 9))
    with pytest.raises(ModelError, match="0 MiB are free"):
        shelf.get(f"{site.url}/m.gguf", ignore)
    assert site.asked == []


def test_a_file_that_was_deleted_by_hand_is_forgotten(shelf: Shelf, site: Site) -> None:
    shelf.get(f"{site.url}/m.gguf", ignore).path.unlink()
    site.files["/m.gguf"] = LARGE
    assert shelf.get(f"{site.url}/m.gguf", ignore).path.read_bytes() == LARGE


def test_of_two_at_once_one_fetches(site: Site, tmp_path: Path) -> None:
    site.files["/m.gguf"] = LARGE
    program = (
        "import sys; from pathlib import Path; from steward.models.shelf import Shelf;"
        "print(Shelf(Path(sys.argv[1])).get(sys.argv[2], lambda *_: None).seal.sha256)"
    )
    command = [sys.executable, "-c", program, str(tmp_path), f"{site.url}/m.gguf"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0].strip() for process in both]
    assert said == [hashlib.sha256(LARGE).hexdigest()] * 2
    assert site.sent == len(LARGE)


def test_the_quantisation_chooses_the_file(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", site.url)
    names = ("README.md", "a-Q4_K_M.gguf", "a-Q8_0.gguf", "mmproj-a-F16.gguf", "b/a-bf16.gguf")
    split = "a-Q6_K-00001-of-00002.gguf"
    told = {"siblings": [{"rfilename": name} for name in (*names, split)]}
    site.files["/api/models/o/r"] = json.dumps(told).encode()
    assert gguf_of("o/r", "q4_k_m") == "hf:o/r/a-Q4_K_M.gguf"
    assert gguf_of("o/r", "BF16") == "hf:o/r/b/a-bf16.gguf"
    with pytest.raises(UserError, match="no file of the kind Q6_K") as found:
        gguf_of("o/r", "Q6_K")
    assert "Q4_K_M, Q8_0, BF16" in found.value.hint
    site.files["/api/models/o/r"] = b'{"siblings": 3}'
    with pytest.raises(PeerError, match="cannot read"):
        gguf_of("o/r", "Q8_0")
    with pytest.raises(PeerError, match="404"):
        gguf_of("o/absent", "Q8_0")
    monkeypatch.setenv("HF_ENDPOINT", site.url.replace("//", "//me:hidden@"))
    for repository in ("o/r", "o/absent"):
        with pytest.raises(PeerError) as refused:
            gguf_of(repository, "Q8_0")
        assert "hidden" not in str(refused.value)


def test_the_commands(store: object, site: Site, tmp_path: Path) -> None:
    from steward.models.store import Store

    assert isinstance(store, Store)
    real = store.file("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
    site.files["/mine.gguf"] = real.read_bytes()
    config = tmp_path / "steward.toml"
    config.write_text(
        f'[paths]\ncache = "{tmp_path / "cache"}"\nstate = "{tmp_path / "state"}"\n'
        # What [model] has besides is for its own source, and leaves the self-test out.
        f'[model]\nkv_cache = "q8_0"\nadapters = {{ other = "{tmp_path / "other.gguf"}" }}\n'
    )

    def steward(*arguments: str, code: int = 0) -> str:
        done = CliRunner(env={"COLUMNS": "200"}).invoke(
            app, ["--config", str(config), "models", *arguments], catch_exceptions=False
        )
        assert done.exit_code == code, done.output
        return done.stdout

    got = json.loads(steward("get", f"{site.url}/mine.gguf", "--json"))
    assert got["sha256"] == hashlib.sha256(real.read_bytes()).hexdigest()
    (listed,) = json.loads(steward("list", "--json"))
    assert (listed["name"], listed["source"]) == ("mine.gguf", f"{site.url}/mine.gguf")
    (checked,) = json.loads(steward("check", "--json"))
    assert checked["said"].strip()
    # One that is damaged does not keep the others from being checked.
    (tmp_path / "junk.gguf").write_bytes(b"GGUF")
    both = steward("check", str(tmp_path / "junk.gguf"), "mine.gguf", "--json", code=3)
    junk, sound = json.loads(both)
    assert "junk.gguf" in junk["error"]
    assert sound["sha256"] == got["sha256"]
    assert "mine.gguf" in steward("list")
    steward("rm", "mine.gguf")
    assert json.loads(steward("list", "--json")) == []
    found = json.loads(steward("search", "qwen3", "apache", "--json"))
    assert "Qwen3-0.6B" in {member["name"] for member in found}
    assert all(member["licence"] == "Apache-2.0" for member in found)
