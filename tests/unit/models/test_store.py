"""The store against a real HTTP server that can break off, refuse, and serve the wrong thing."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import Site, serving

from steward.errors import DeviceError, ModelError, PeerError
from steward.models import catalogue
from steward.models.catalogue import Catalogue
from steward.models.store import Store


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def noise(size: int, seed: str) -> bytes:
    """Bytes that do not compress, the same every time."""
    blocks = (hashlib.sha256(f"{seed}{i}".encode()).digest() for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        yield served


def listed(files: list[dict[str, object]]) -> Catalogue:
    weights = {"description": "d", "licence": "MIT", "origin": "o", "default": True, "files": files}
    return Catalogue.model_validate({"sets": {"tiny": weights}})


def one_file(name: str, data: bytes, *parts: dict[str, object]) -> dict[str, object]:
    return {"name": name, "size": len(data), "sha256": sha(data), "parts": list(parts)}


def by_url(site: Site, data: bytes) -> Catalogue:
    site.files["/w.bin"] = data
    return listed([one_file("w.bin", data, {"url": f"{site.url}/w.bin", "size": len(data)})])


def test_a_broken_connection_is_taken_up_where_it_broke(site: Site, tmp_path: Path) -> None:
    data = noise(2_000_000, "u")
    store = Store(tmp_path, by_url(site, data))
    site.cut["/w.bin"] = 1_200_000
    store.fetch("tiny")
    assert store.file("tiny", "w.bin").read_bytes() == data
    assert [wanted for _, wanted in site.asked] == [None, "bytes=1200000-"]


def test_an_earlier_half_is_used_by_the_next_process(site: Site, tmp_path: Path) -> None:
    data = noise(2_000_000, "u")
    store = Store(tmp_path, by_url(site, data))

    def stop(name: str, done: int, total: int) -> None:
        if done > 500_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.fetch("tiny", stop)
    assert not (tmp_path / "weights" / "tiny" / "w.bin").exists()
    Store(tmp_path, store.listed).fetch("tiny")
    assert store.file("tiny", "w.bin").read_bytes() == data
    ranges = [wanted for _, wanted in site.asked]
    assert ranges[0] is None
    assert ranges[1] is not None
    assert int(ranges[1][6:-1]) > 500_000


def test_a_server_without_ranges_starts_over(site: Site, tmp_path: Path) -> None:
    data = noise(100_000, "u")
    store = Store(tmp_path, by_url(site, data))
    site.cut["/w.bin"] = 60_000
    site.ranges = False
    store.fetch("tiny")
    assert store.file("tiny", "w.bin").read_bytes() == data


@pytest.mark.parametrize("served", [noise(1000, "other"), noise(900, "u"), noise(1100, "u")])
def test_wrong_bytes_never_get_the_name(site: Site, tmp_path: Path, served: bytes) -> None:
    data = noise(1000, "u")
    store = Store(tmp_path, by_url(site, data))
    site.files["/w.bin"] = served
    with pytest.raises(PeerError):
        store.fetch("tiny")
    assert list((tmp_path / "weights" / "tiny").iterdir()) == []
    site.files["/w.bin"] = data
    store.fetch("tiny")
    store.verify("tiny")


def test_hugging_face_files_come_from_the_configured_hub(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", site.url)
    data = noise(1000, "h")
    site.files["/some/repo/resolve/abc/sub/m.gguf"] = data
    part = {"huggingface": "some/repo", "revision": "abc", "member": "sub/m.gguf", "size": 1000}
    store = Store(tmp_path, listed([one_file("m.gguf", data, part)]))
    store.fetch("tiny")
    assert store.file("tiny", "m.gguf").read_bytes() == data


def test_refusals_say_what_to_do(site: Site, tmp_path: Path) -> None:
    store = Store(tmp_path, by_url(site, b"1234"))
    site.files.clear()
    with pytest.raises(PeerError, match="404") as caught:
        store.fetch("tiny")
    assert caught.value.hint


def test_damage_on_disk_is_found_and_mended(site: Site, tmp_path: Path) -> None:
    data = noise(5000, "u")
    store = Store(tmp_path, by_url(site, data))
    store.fetch("tiny")
    path = store.file("tiny", "w.bin")
    path.write_bytes(data[:4000])
    with pytest.raises(ModelError, match="4000 bytes instead of 5000") as caught:
        store.folder("tiny")
    assert "setup" in caught.value.hint
    assert store.missing() == ("tiny",)
    path.write_bytes(data[:-1] + b"\0")
    assert store.folder("tiny")
    with pytest.raises(ModelError, match="damaged"):
        store.verify("tiny")
    store.fetch("tiny")
    store.verify("tiny")


def test_what_is_whole_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    store = Store(tmp_path, by_url(site, noise(5000, "u")))
    store.fetch("tiny")
    site.asked.clear()
    store.fetch("tiny")
    assert site.asked == []


def test_unknown_names_are_told(site: Site, tmp_path: Path) -> None:
    store = Store(tmp_path, by_url(site, b"1234"))
    with pytest.raises(ModelError, match="smol") as caught:
        store.folder("smol")
    assert "tiny" in caught.value.hint
    with pytest.raises(ModelError, match="nope"):
        store.file("tiny", "nope")


def test_a_fetch_that_cannot_fit_is_refused_before_it_starts(site: Site, tmp_path: Path) -> None:
    site.files["/w.bin"] = b"1234"
    huge = shutil.disk_usage(tmp_path).free
    part = {"url": f"{site.url}/w.bin", "size": huge}
    file = {"name": "w.bin", "size": huge, "sha256": sha(b""), "parts": [part]}
    with pytest.raises(DeviceError, match="free") as caught:
        Store(tmp_path, listed([file])).fetch("tiny")
    assert "space" in caught.value.hint
    assert site.asked == []


FULL_DISK = """
import pathlib, resource, sys
from steward.errors import ModelError
from steward.models import catalogue
from steward.models.store import Store
cache = pathlib.Path(sys.argv[1])
store = Store(cache, catalogue.read(cache / "list.toml"))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    store.fetch("tiny")
except ModelError as error:
    print(error)
"""


def test_a_disk_that_fills_up_leaves_nothing_half_written(site: Site, tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the same refusal, by the same call."""
    data = noise(1_000_000, "u")
    store = Store(tmp_path, by_url(site, data))
    text = f"""
[sets.tiny]
description = "d"
licence = "MIT"
origin = "o"
files = [{{ name = "w.bin", size = {len(data)}, sha256 = "{sha(data)}", parts = [
    {{ url = "{site.url}/w.bin", size = {len(data)} }} ] }}]
"""
    (tmp_path / "list.toml").write_text(text.replace("parts = [\n    ", "parts = ["))
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "cannot write" in said
    assert "free some space" in said
    assert list((tmp_path / "weights" / "tiny").iterdir()) == []
    store.fetch("tiny")
    assert store.file("tiny", "w.bin").read_bytes() == data


FETCH = """
import pathlib, sys
from steward.models import catalogue
from steward.models.store import Store
cache = pathlib.Path(sys.argv[1])
Store(cache, catalogue.read(cache / "list.toml")).fetch("tiny")
"""


def test_processes_do_not_disturb_each_other(site: Site, tmp_path: Path) -> None:
    data = noise(3_000_000, "u")
    store = Store(tmp_path, by_url(site, data))
    part = f'{{ url = "{site.url}/w.bin", size = {len(data)} }}'
    head = '[sets.tiny]\ndescription = "d"\nlicence = "MIT"\norigin = "o"\n'
    file = f'{{ name = "w.bin", size = {len(data)}, sha256 = "{sha(data)}", parts = [{part}] }}'
    (tmp_path / "list.toml").write_text(f"{head}files = [{file}]\n")
    command = [sys.executable, "-c", FETCH, str(tmp_path)]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    store.verify("tiny")
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "../../x"}, "name"),
        ({"sha256": "12"}, "sha256"),
        ({"parts": []}, "parts"),
        ({"parts": [{"pypi": "a", "url": "http://x", "size": 1}]}, "exactly one"),
        ({"parts": [{"url": "http://x"}]}, "size"),
        ({"parts": [{"pypi": "absent", "member": "m"}]}, "not described"),
    ],
)
def test_a_wrong_list_is_refused(change: dict[str, object], said: str) -> None:
    good = one_file("w.bin", b"1234", {"url": "http://x", "size": 4})
    listed([good])
    with pytest.raises(ValueError, match=said):
        listed([{**good, **change}])


def test_the_committed_list_names_what_a_default_needs() -> None:
    committed = catalogue.read()
    assert set(committed.defaults) >= {
        "smollm2-135m-instruct",
        "whisper-base",
        "kokoro-82m",
        "kokoro-voices",
        "silero-vad",
    }
    assert all(weights.licence for weights in committed.sets.values())
    assert sum(committed.sets[name].size for name in committed.defaults) < 400e6


def test_a_damaged_list_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "list.toml").write_text("sets = 3")
    with pytest.raises(ModelError, match="cannot be used"):
        catalogue.read(tmp_path / "list.toml")
