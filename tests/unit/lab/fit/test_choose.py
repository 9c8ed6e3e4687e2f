"""Which model for a device: what is ranked, and what is said when nothing will do."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner
from worked_out import DEVICE, SETTINGS

from steward.cli import app
from steward.cli.fit import size
from steward.errors import UserError
from steward.lab.fit.catalogue import find
from steward.lab.fit.choose import Wish, candidate, devices_for, meets, ranked, shrink
from steward.models.families import find as member

PI = find("pi 5 8GB")


def test_what_is_ranked_meets_every_wish_and_the_best_known_comes_first() -> None:
    wish = Wish(quality=40, speed=3, memory=6_000_000_000)
    found = list(ranked(PI, SETTINGS, wish))
    assert found and all(meets(each, wish) for each in found)
    known = [each.member.mmlu for each in found if each.member.mmlu is not None]
    assert len(known) == len(found)
    assert known == sorted(known, reverse=True)


def test_a_model_is_ranked_in_the_truest_quantisation_that_does() -> None:
    small = member("qwen3-0.6b")
    slow = candidate(small, "Q8_0", PI, SETTINGS).predicted.decode.likely
    wish = Wish(speed=slow * 1.05)
    kinds = {each.member.name: each.kind for each in ranked(PI, SETTINGS, wish)}
    assert kinds[small.name] not in ("Q8_0", "F16")
    assert list(ranked(PI, SETTINGS, Wish()))[-1].kind == "Q8_0"


def test_a_quality_that_is_not_known_is_none() -> None:
    unknown = candidate(member("smollm2-135m"), "Q8_0", PI, SETTINGS)
    assert unknown.member.mmlu is None
    assert meets(unknown, Wish()) and not meets(unknown, Wish(quality=1))


def test_where_nothing_will_do_there_is_something_smaller_and_something_to_buy() -> None:
    wish = Wish(quality=70, latency=2)
    assert not list(ranked(PI, SETTINGS, wish))
    smaller = shrink(PI, SETTINGS, wish)
    assert smaller and all(each.predicted.spoken.likely <= 2 for each in smaller)
    assert len({each.member.family for each in smaller}) == len(smaller)
    bought = devices_for([PI, find("rtx 4090"), DEVICE], SETTINGS, wish)
    assert [device.name for device, _ in bought] == [find("rtx 4090").name]


@pytest.mark.parametrize(
    ("text", "expected"), [("8GB", 8e9), ("68 GB/s", 68e9), ("1.5tb", 1.5e12), ("512M", 512e6)]
)
def test_sizes_are_read_as_people_write_them(text: str, expected: float) -> None:
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "GB", "-3GB", "8 apples", "0GB", "1e9", "8GBs"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no size"):
        size(text)


def run(*words: str) -> Any:
    done = CliRunner().invoke(app, ["fit", *words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_command_predicts_a_named_model_on_a_named_device() -> None:
    (said,) = run("qwen3-0.6b", "--device", "pi 5", "--kv", "q8_0")["models"]
    assert said["fits"] and said["decode"]["low"] < said["decode"]["high"]
    (half,) = run("qwen3-0.6b", "--device", "pi 5", "--threads", "2")["models"]
    assert half["decode"]["likely"] < said["decode"]["likely"]


def test_the_command_takes_a_device_by_hand() -> None:
    said = run("--bandwidth", "68GB/s", "--memory", "8GB", "--choose", "--speed", "10")
    assert said["device"]["memory"] == 8_000_000_000
    assert said["models"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--bandwidth", "fast"], "no size"),
        (["--bandwidth", "68GB/s"], "needs a memory"),
        (["--device", "abacus"], "no device is known"),
        (["no-such-model", "--device", "pi 5"], "no model"),
        (["qwen3-0.6b", "--device", "pi 5", "--kv", "Q9"], "no KV cache"),
    ],
)
def test_what_cannot_be_right_is_said_to_be_so(words: list[str], message: str) -> None:
    done = CliRunner().invoke(app, ["fit", *words])
    assert isinstance(done.exception, UserError)
    assert message in str(done.exception)
