"""`steward fit train` and `steward fit serve`, as they are typed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from steward.cli import app
from steward.cli.fit import size
from steward.errors import DeviceError, UserError

GPT3 = "fit train --parameters 175B --tokens 300B --tflops 78 --days 30"


def run(line: str) -> str:
    """Run a command; an error of it is raised."""
    done = CliRunner().invoke(app, shlex.split(line), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def read(line: str) -> Any:
    return json.loads(run(f"{line} --json"))


def test_gpt3_as_a_table() -> None:
    said = run(GPT3)
    assert "315 ZFLOP" in said
    assert "1,559 (exactly 1,558.05), in servers of 8: 195" in said
    assert "350 GB" in said


def test_gpt3_as_json() -> None:
    said = read(GPT3)
    assert said["schedule"]["flops"] == pytest.approx(3.15e23)
    assert said["schedule"]["count"] == 1559
    assert said["memory"]["optimizer"] == 2.1e12
    assert said["memory"]["activations"] is None
    assert said["layout"] is None
    assert said["bill"]["rent"] is None


def test_an_adapter_for_a_named_model_on_a_named_card() -> None:
    said = read("fit train 'qwen3 0.6b' --method lora --tokens 5M --device 'rtx 3060'")
    assert said["job"]["network"]["layers"] == 28
    assert 0.01 < said["job"]["adapter"] / said["job"]["network"]["parameters"] < 0.03
    assert said["layout"] == {"tensor": 1, "pipeline": 1, "data": 1, "zero": 1}
    assert said["memory"]["activations"] > 0
    assert said["bill"]["electricity"] > 0


def test_the_published_day_of_answers() -> None:
    said = read("fit serve --parameters 175B --requests 14B --prompt 0 --answer 566.6667")
    assert said["tokens"] == pytest.approx(7.933e12, rel=1e-4)
    assert said["flops"] == pytest.approx(2.78e24, rel=2e-3)
    assert said["fleet"] is None


def test_machines_for_a_named_model() -> None:
    said = read("fit serve 'qwen3 8b' --requests 1M --device h100")
    fleet = said["fleet"]
    assert fleet["machines"] >= fleet["exact"] > 0
    assert fleet["pace"]["decode"] >= 5
    assert "machines" in run("fit serve 'qwen3 8b' --requests 1M --device h100")


def test_a_page_of_a_device(tmp_path: Path) -> None:
    every, one = tmp_path / "pi.html", tmp_path / "one.html"
    run(f"fit --device 'pi 5' --html {every}")
    told = every.read_text(encoding="utf-8")
    assert "Raspberry Pi 5" in told
    assert "Qwen3-0.6B" in told
    # Of each family the first that is too large is told, and no larger one.
    assert "Qwen3-14B" in told
    assert "Qwen3-32B" not in told
    run(f"fit smollm2-135m-instruct --device 'pi 5' --html {one}")
    assert "Qwen3" not in one.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="cannot write"):
        run(f"fit smollm2-135m-instruct --device 'pi 5' --html {tmp_path}/nowhere/fit.html")


def test_a_name_is_shown_as_it_is() -> None:
    shown = run('fit qwen3-0.6b --device "my [/] [red]box" --bandwidth 68GB/s --memory 8GB')
    assert "my [/] [red]box" in shown


def test_a_bound_of_memory_is_a_wish() -> None:
    found = read('fit --device "pi 5 8gb" --memory 1GB')["models"]
    assert found
    assert max(each["total"] for each in found) <= 1e9


@pytest.mark.parametrize(
    ("text", "count"), [("8GB", 8e9), ("8 GiB", 8 * 2**30), ("1.5mb", 1.5e6), ("68GB/s", 68e9)]
)
def test_a_size(text: str, count: float) -> None:
    assert size(text) == count


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("fit train --tflops 78 --days 30", "either a model or its --parameters"),
        ("fit train --parameters 7B --days 30", "on what it is trained"),
        ("fit train --parameters many --tflops 1", "no such number"),
        ("fit train --parameters 7B --tflops 78 --days 3 --count 2", "days or the accelerators"),
        ("fit train --parameters 7B --tflops 78 --method lora", "how large an adapter"),
        ("fit train --parameters 7B --tflops 78 --method distil", "a distillation has a teacher"),
        ("fit train --parameters 7B --tflops 78 --teacher 70B", "a distillation has a teacher"),
        ("fit train qwen9-1b --tflops 78", "qwen9-1b"),
        ("fit serve --requests 1M", "either a model or its --parameters"),
        ("fit serve qwen3-8b --requests 1M", "on which machine"),
    ],
)
def test_what_cannot_be_right_is_refused(line: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as raised:
        run(line)
    assert raised.value.hint


def test_a_model_that_fits_without_what_is_kept_twice_says_how() -> None:
    one = "fit qwen3-8b --device"
    assert "GB, at least" in run(f"{one} 'pi 5 8gb'")
    model = read(f"{one} 'pi 5 8gb'")["models"][0]
    assert model["needed"] <= model["room"] < model["total"]
    assert ": fits │" in run(f"{one} 'pi 5 16gb'")
    assert "does not fit" in run(f"{one} 'pi 5 4gb'")


def test_help_leads_to_the_options_of_the_usual_command() -> None:
    assert "steward fit models --help" in " ".join(run("fit --help").split())


def test_help_keeps_the_brackets_of_a_section() -> None:
    assert "[model]" in run("tune --help").split("Arguments")[1]


def test_wishes_below_nothing_are_refused() -> None:
    assert CliRunner().invoke(app, ["fit", "--latency", "-1"]).exit_code == 2


@pytest.mark.parametrize("line", ["fit nothing", "fit --device zzzzzz", "fit qwen3-9b"])
def test_a_hint_is_one_sentence_after_another(line: str) -> None:
    with pytest.raises(UserError) as raised:
        run(line)
    assert raised.value.hint.startswith(("name a", "say what", "did you mean"))
