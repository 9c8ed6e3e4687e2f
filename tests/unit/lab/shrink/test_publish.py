from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import tiny_weights
from hugging import folder
from typer.testing import CliRunner, Result

from steward.cli import app
from steward.errors import ModelError, StewardError, UserError
from steward.lab.shrink import model
from steward.lab.shrink.card import card, page
from steward.lab.shrink.publish import private_key, publish, read_report
from steward.lab.shrink.report import missed
from steward.lab.shrink.run import check_free
from steward.lab.shrink.target import target
from steward.models.published import MANIFEST, Makers, read_manifest, write_manifest

WORDS = "turn off the light in the kitchen, then turn on the heating of the hall. "


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, with ranges, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with the part that is asked for."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        wanted = self.headers.get("Range")
        begin, end = 0, len(data) - 1
        if wanted:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            begin, end = int(first), min(int(last or end), end)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{end}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(end - begin + 1))
        self.end_headers()
        self.wfile.write(data[begin : end + 1])


def steward(home: Path, *arguments: str) -> Result:
    config = home / "steward.toml"
    config.write_text(f'[paths]\ncache = "{home}/cache"\nstate = "{home}/state"\n')
    return CliRunner().invoke(app, ["--config", str(config), *arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which `steward shrink` made a model smaller."""
    home = tmp_path_factory.mktemp("home")
    model.write(tiny_weights.weights("gemma3"), home / "tiny.gguf")
    (home / "notes.txt").write_text(WORDS * 40)
    (home / "other.txt").write_text("关掉厨房的灯, then open the curtain of the hall. " * 20)
    (home / "quiz" / "val").mkdir(parents=True)
    rows = ["id,question,A,B,C,D,answer", *(f"{n},一加{n}是几？,1,2,3,4,B" for n in range(4))]
    (home / "quiz" / "val" / "sums_val.csv").write_text("\n".join(rows))
    (home / "homes" / "bakery").mkdir(parents=True)
    golden = Path(__file__).parents[3] / "golden" / "homes" / "dev" / "bakery"
    for name in ("_fixtures.yaml", "corrections.yaml"):
        (home / "homes" / "bakery" / name).write_bytes((golden / name).read_bytes())
    asked = ["shrink", f"{home}/tiny.gguf", "--target", "300 KB, 5 tokens/s", "--device", "pi 5"]
    more = ["--texts", f"{home}/notes.txt", "--held", f"{home}/other.txt", "--json"]
    files = [
        "--sets",
        f"{home}/quiz",
        "--homes",
        f"{home}/homes",
        "--out",
        f"{home}/small.gguf",
        "--html",
        f"{home}/r.html",
    ]
    done = steward(home, *asked, *more, *files)
    assert done.exit_code == 0, done.output + repr(done.exception)
    (home / "said.json").write_text(done.stdout)
    return home


def test_shrinking_writes_a_model_that_keeps_to_the_target_and_tells_what_it_cost(
    made: Path,
) -> None:
    found = read_report(made / "small.gguf")
    assert (made / "small.gguf").stat().st_size == found.after.bytes <= 300_000
    assert found.before.bytes > found.after.bytes
    assert json.loads((made / "said.json").read_text())["sha256"] == found.sha256
    assert found.missed == ""
    assert set(found.likeness) == {"held back", "other"}
    assert all(0 < each.kl < 1 and each.agreement > 0.5 for each in found.likeness.values())
    assert found.after.decode > 0
    assert found.after.joules is not None
    quiz, homes = found.tasks
    assert quiz.before.questions == 4
    assert homes.before.name == "homes"
    assert 0 < homes.after.share <= 1
    assert found.parent.licence == "apache-2.0"
    assert min(each.kl for each in found.tried) <= found.tried[0].kl
    assert not list((made / "cache" / "shrink").iterdir())


def test_a_folder_of_hugging_face_is_shrunk_as_a_file_is(made: Path, tmp_path: Path) -> None:
    folder(tmp_path / "hf", "llama", "llama")
    asked = ["shrink", f"{tmp_path}/hf", "--target", "300 KB", "--device", "pi 5"]
    more = ["--texts", f"{made}/notes.txt", "--out", f"{tmp_path}/small.gguf"]
    done = steward(tmp_path, *asked, *more)
    assert done.exit_code == 0, done.output + repr(done.exception)
    found = read_report(tmp_path / "small.gguf")
    assert found.parent.name == "hf"
    assert found.after.bytes <= 300_000 < found.before.bytes


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_and_the_card_show_texts_of_others_as_text(made: Path, language: str) -> None:
    found = read_report(made / "small.gguf")
    bad = replace(found, name="<script>alert(1)</script>", missed="too slow")
    shown = page(bad, language)
    assert "<script" not in shown
    assert "too slow" in shown
    assert found.parent.sha256 in card(found)
    assert "license: apache-2.0" in card(found)
    assert "too slow" in card(bad)


def test_what_is_missed_is_measured_here_and_predicted_elsewhere(made: Path) -> None:
    found = replace(read_report(made / "small.gguf").after, bytes=900, decode=5.0, predicted=50.0)
    assert missed(target("1 KB, 20 tokens/s"), found, here=False) == ""
    assert missed(target("1 KB, 20 tokens/s"), found, here=True) == "5 tokens/s instead of 20"


def test_a_wrong_request_leaves_nothing(made: Path, tmp_path: Path) -> None:
    good = ["shrink", f"{made}/tiny.gguf", "--texts", f"{made}/notes.txt", "--device", "pi 5"]
    out = tmp_path / "out.gguf"
    (tmp_path / "taken.json").write_text('{"mine": 1}')
    for target_, path, said in (
        ("1 KB", out, "smallest file"),
        ("100000000 tokens/s", out, "fastest"),
        ("soon", out, "no target"),
        ("300 KB", made / "small.gguf", "there already"),
        ("300 KB", tmp_path / "out.bin", "no name of a model"),
        ("300 KB", tmp_path / "taken.gguf", "taken.json is there"),
    ):
        done = steward(tmp_path, *good, "--target", target_, "--out", str(path))
        assert isinstance(done.exception, StewardError)
        assert said in done.exception.message
        assert not out.exists()
        assert not (tmp_path / "cache" / "shrink").exists()
    (tmp_path / "short.txt").write_text("too little")
    for more, said in (
        (["--sets", str(tmp_path)], "no questions"),
        (["--homes", str(tmp_path)], "no home"),
        (["--held", str(tmp_path / "short.txt")], "too short"),
        (["--texts", str(tmp_path / "absent.txt")], "cannot read the text"),
    ):
        done = steward(tmp_path, *good, "--target", "300 KB", "--out", str(out), *more)
        assert isinstance(done.exception, StewardError)
        assert said in done.exception.message
        assert not (tmp_path / "cache" / "shrink").exists()


def test_a_report_that_an_interruption_left_is_no_hindrance(made: Path, tmp_path: Path) -> None:
    (tmp_path / "small.json").write_bytes((made / "small.json").read_bytes())
    check_free(tmp_path / "small.gguf")
    (tmp_path / "small.json").write_text("[]")
    with pytest.raises(UserError, match="there already"):
        check_free(tmp_path / "small.gguf")


@pytest.fixture
def public(made: Path, tmp_path: Path) -> Path:
    return publish(made / "small.gguf", tmp_path / "public", "1.0.0", tmp_path / "state")


def test_a_published_folder_is_installed_from_the_disk_and_from_a_mirror(
    public: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    installed = steward(mine, "models", "get", str(public), "--json")
    assert installed.exit_code == 0, installed.output + repr(installed.exception)
    told = json.loads(installed.stdout)
    assert Path(told["path"]).read_bytes() == (public / "small.gguf").read_bytes()
    serve = partial(Quiet, directory=str(public.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), serve)
    Thread(target=server.serve_forever, daemon=True).start()
    other = tmp_path / "other"
    other.mkdir()
    where = f"http://127.0.0.1:{server.server_port}/{public.name}/{MANIFEST}"
    fetched = steward(other, "models", "get", where, "--json")
    server.shutdown()
    server.server_close()
    assert fetched.exit_code == 0, fetched.output + repr(fetched.exception)
    assert json.loads(fetched.stdout)["sha256"] == told["sha256"]


@pytest.mark.parametrize("name", [MANIFEST, "manifest.sig", "small.gguf"])
def test_what_was_changed_after_the_signature_is_refused(
    public: Path, tmp_path: Path, name: str
) -> None:
    data = bytearray((public / name).read_bytes())
    place = data.index(b"1.0.0") if name == MANIFEST else len(data) // 2
    data[place] = data[place] ^ 1
    (public / name).write_bytes(data)
    done = steward(tmp_path, "models", "get", str(public))
    assert isinstance(done.exception, StewardError)
    assert not list((tmp_path / "cache").rglob("small.gguf"))


@pytest.mark.parametrize("name", ["../evil.gguf", "/etc/evil.gguf", "a/b.gguf", ".gguf", ""])
def test_a_signed_manifest_that_leads_elsewhere_is_refused(public: Path, name: str) -> None:
    key = private_key(public.parents[1] / "state")
    good = read_manifest(str(public))
    file = good.model.model_copy(update={"name": name})
    write_manifest(public, good.model_copy(update={"files": (file,)}), key)
    with pytest.raises(ModelError, match="damaged"):
        read_manifest(str(public))


def test_another_maker_or_an_older_version_is_refused(
    made: Path, public: Path, tmp_path: Path
) -> None:
    makers = Makers(tmp_path / "cache")
    first = read_manifest(str(public))
    newer = publish(made / "small.gguf", tmp_path / "public", "1.10.0", tmp_path / "state")
    makers.check(read_manifest(str(newer)))
    makers.keep(read_manifest(str(newer)))
    with pytest.raises(ModelError, match="older"):
        makers.check(first)
    makers.check(first, first.signer)
    foreign = publish(made / "small.gguf", tmp_path / "theirs", "2.0.0", tmp_path / "their-state")
    with pytest.raises(ModelError, match="signed by"):
        makers.check(read_manifest(str(foreign)))
    with pytest.raises(ModelError, match="signed by"):
        Makers(tmp_path / "empty").check(first, read_manifest(str(foreign)).signer)


def test_only_the_file_of_the_report_is_published_once_a_version(
    made: Path, public: Path, tmp_path: Path
) -> None:
    again = partial(publish, to=public.parent, state=tmp_path / "state")
    with pytest.raises(UserError, match="already"):
        again(made / "small.gguf", version="1.0.0")
    with pytest.raises(UserError, match="version"):
        again(made / "small.gguf", version="newest")
    other = tmp_path / "small.gguf"
    other.write_bytes(b"another")
    with pytest.raises(UserError, match="no report"):
        again(other, version="1.1.0")
    other.with_suffix(".json").write_bytes((made / "small.json").read_bytes())
    with pytest.raises(UserError, match="not the file"):
        again(other, version="1.1.0")
    assert {path.name for path in public.parent.iterdir()} == {public.name}
    assert (tmp_path / "state" / "maker.key").stat().st_mode & 0o777 == 0o600
