"""Sentences with personal data in them, and where it is: the sets that redaction is measured on.

`public` is presidio-research's synthetic set, and `chinese` sentences of our own, filled by a seed.
Each is parted in two by the digest of a sentence's template: recognisers are built with `built`,
and only `held` is ever published.
"""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from steward.models.redaction.checks import luhn, resident_digit

HERE = Path(__file__).parent
PACKAGE = "presidio-evaluator==0.3.2"
PACKAGE_SHA256 = "2ec1be3710a2843553a5fb185916d85b0fa174fb9e1927e03ea83152fdc95eb1"
"""Its source archive holds `data/synth_dataset_v2.json` (MIT; the identities are by Fake Name
Generator, CC BY-SA 3.0, which is why they are fetched and not copied here)."""


@dataclass(frozen=True)
class Gold:
    """Characters `start` to `end` of a sentence are personal data of the kind `kind`."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Sample:
    """A sentence, what is personal in it, and whether it is only ever scored on."""

    text: str
    gold: tuple[Gold, ...]
    held: bool


def public(folder: Path) -> tuple[Sample, ...]:
    """Return the 1,500 samples of presidio-research; its archive is fetched to `folder` by pip."""
    archive = folder / "presidio_evaluator-0.3.2.tar.gz"
    if not archive.is_file():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*command, "--quiet", "--dest", str(folder), PACKAGE], check=True)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != PACKAGE_SHA256:
        raise SystemExit(f"{archive} is not the archive that was measured with")
    with tarfile.open(archive) as tar:
        member = tar.extractfile("presidio_evaluator-0.3.2/data/synth_dataset_v2.json")
        assert member is not None
        entries = json.load(member)
    return tuple(
        Sample(
            entry["full_text"],
            tuple(
                Gold(span["start_position"], span["end_position"], span["entity_type"])
                for span in entry["spans"]
            ),
            _held(str(entry["template_id"])),
        )
        for entry in entries
    )


def _held(template: str) -> bool:
    return hashlib.sha256(f"held {template}".encode()).digest()[0] < 128


def chinese(each: int = 300, seed: int = 7) -> tuple[Sample, ...]:
    """Return `each` sentences of either half, filled with names and places made for them."""
    lines = (HERE / "personal_zh.txt").read_text(encoding="utf-8").splitlines()
    templates = [line for line in lines if line and not line.startswith("#")]
    random_ = random.Random(seed)
    samples = []
    for held in (False, True):
        half = [template for template in templates if _held(template) is held]
        samples += [
            _fill(half[index % len(half)], held, Maker(random_, held)) for index in range(each)
        ]
    return tuple(samples)


def _fill(template: str, held: bool, maker: Maker) -> Sample:
    text, gold, rest = "", [], template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        kind, _, rest = rest.partition("}")
        text += before
        value = maker.make(kind)
        gold.append(Gold(len(text), len(text) + len(value), kind))
        text += value
    return Sample(text + rest, tuple(gold), held)


class Maker:
    """Makes values of each kind; the two halves share neither given names nor roads nor places."""

    def __init__(self, random_: random.Random, held: bool) -> None:
        self.random = random_
        lists = json.loads((HERE / "personal_zh.json").read_text(encoding="utf-8"))
        # Surnames are few: four in five people have one of a hundred, in any list.
        self.surnames: list[str] = lists["surnames"]
        self.given: list[str] = lists["given"][held::2]
        self.regions: list[list[str]] = lists["regions"][held::2]
        self.roads: list[str] = lists["roads"][held::2]
        self.estates: list[str] = lists["estates"][held::2]
        self.firms: list[str] = lists["firms"][held::2]

    def make(self, kind: str) -> str:
        """Return a value of a kind, named as in the templates."""
        made: str = getattr(self, f"_{kind.lower()}")()
        return made

    def _digits(self, count: int) -> str:
        return "".join(self.random.choices("0123456789", k=count))

    def _person(self) -> str:
        return self.random.choice(self.surnames) + self.random.choice(self.given)

    def _address(self) -> str:
        province, city, district = self.random.choice(self.regions)
        road = f"{self.random.choice(self.roads)}{self.random.randint(1, 999)}号"
        estate = self.random.choice(self.estates)
        house, flat = self.random.randint(1, 30), self.random.randint(101, 2804)
        room = self.random.choice(
            [
                f"{house}号楼{self.random.randint(1, 6)}单元{flat}室",
                f"{house}栋{flat}",
                f"{house}幢{flat}室",
            ]
        )
        forms = [
            f"{province}{city}{district}{road}",
            f"{province}{city}{district}{road}{estate}{room}",
            f"{city}{district}{road}",
            f"{city}{district}{estate}{room}",
            f"{district}{road}",
            f"{road}{estate}{room}",
            f"{estate}{room}",
        ]
        return self.random.choice(forms)

    def _phone(self) -> str:
        head = self.random.choice(["13", "15", "16", "17", "18", "19"]) + self._digits(1)
        a, b = self._digits(4), self._digits(4)
        area = self.random.choice(["010", "021", "0571", "0755", "0931", "0898"])
        land = self.random.choice("2345678") + self._digits(7)
        forms = [f"{head}{a}{b}"] * 3 + [
            f"{head} {a} {b}",
            f"{head}-{a}-{b}",
            f"+86 {head}{a}{b}",
            f"{area}-{land}",
            f"({area}){land}",
        ]
        return self.random.choice(forms)

    def _birth(self) -> str:
        year, month = self.random.randint(1940, 2020), self.random.randint(1, 12)
        day = self.random.randint(1, 28)
        forms = [
            f"{year}年{month}月{day}日",
            f"{year}-{month:02}-{day:02}",
            f"{year}.{month}.{day}",
        ]
        return self.random.choice(forms)

    def _id(self) -> str:
        region = self.random.choice(["110105", "310104", "440305", "330106", "620102", "510107"])
        year, month = self.random.randint(1940, 2020), self.random.randint(1, 12)
        body = f"{region}{year}{month:02}{self.random.randint(1, 28):02}" + self._digits(3)
        return body + resident_digit(body)

    def _card(self) -> str:
        body = self.random.choice(["622202", "621700", "622848", "625912"]) + self._digits(
            self.random.choice([9, 12])
        )
        number = next(body + last for last in "0123456789" if luhn(body + last))
        if self.random.random() < 0.3:
            return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
        return number

    def _plate(self) -> str:
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
        place = self.random.choice("京沪粤浙苏鲁川渝甘豫湘闽") + self.random.choice("ABCDEF")
        if self.random.random() < 0.3:
            return place + self.random.choice("DF") + self._digits(5)
        return (
            place
            + self.random.choice(["", "·"])
            + "".join(self.random.choices(letters[:24], k=2))
            + self._digits(3)
        )

    def _email(self) -> str:
        user = self.random.choice(["lan.hu", "yuqing", "zz_wang", "m.chen88", "tianya"])
        host = self.random.choice(["qq.com", "163.com", "foxmail.com", "mail.example.cn"])
        return f"{user}{self._digits(2)}@{host}"

    def _wechat(self) -> str:
        head = self.random.choice(["wxid_", "sunny_", "lz", "Tom-", "happy"])
        return head + "".join(self.random.choices("abcdefghkmnp23456789", k=7))

    def _passport(self) -> str:
        return self.random.choice(["E", "G", "EA", "EJ"]) + self._digits(8)

    def _company(self) -> str:
        _, city, _ = self.random.choice(self.regions)
        tail = self.random.choice(
            ["科技有限公司", "贸易有限责任公司", "文化传媒有限公司", "集团股份有限公司"]
        )
        return city.rstrip("市州") + self.random.choice(self.firms) + tail
