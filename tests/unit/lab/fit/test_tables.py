"""The published tables of speeds: predictions for devices that were not fitted to."""

from __future__ import annotations

import numpy as np
import pytest

from fit_model import columns, fitted
from fit_reports import BITS, apple, reports, sizes
from fit_tables import GENERIC, by_class, devices, errors, shipped, split
from steward.models.families import find, shape
from steward.models.quantised import KINDS, quantised


def test_apple_silicon_fitted_on_half_of_the_chips() -> None:
    found = split(apple(), lambda fit, test: 1 / (columns(test) @ fitted(fit, GENERIC, 0.01)), 50)
    assert found["splits_below_10%"] == 1.0


def test_users_reports_fitted_on_half_of_the_devices() -> None:
    points, left = reports()
    assert len(points) + sum(left.values()) == 774
    assert float(str(split(points, by_class, 30)["median_of_a_split"])) < 0.25


def test_the_constants_in_the_code() -> None:
    chips, users = apple(), reports()[0]
    assert np.median(errors(chips, shipped(chips))) < 0.05
    assert np.median(errors(users, shipped(users))) < 0.15
    assert len(devices(chips)) == 28


def test_fitting_finds_what_made_the_figures() -> None:
    """Speeds that follow the model exactly give its coefficients back."""
    points = apple()
    true = np.array([1.1, 1.25, 1.25, 1.25, 150.0, 3.0])
    speeds = 1 / (columns(points) @ true)
    made = [
        type(p)(p.device, p.model, p.kind, p.load, float(speed), p.engine)
        for p, speed in zip(points, speeds, strict=True)
    ]
    found = fitted(made, GENERIC, 1e-6)
    assert np.allclose(1 / (columns(points) @ found), speeds, rtol=0.01)


@pytest.mark.parametrize(
    ("model", "said", "billions", "active"),
    [
        ("Qwen/Qwen3.6-35B-A3B", "36", 35, 3),
        ("google/gemma-4-E2B-it", "5", 2, None),
        ("unsloth/Qwen3.5-0.8B-GGUF", "1", 0.8, None),
        ("LiquidAI/LFM2.5-230M", "0", 0.23, None),
        ("openai/gpt-oss-20b", "22", 20, 3.6),
        ("poolside/Laguna-XS-2.1", "33", 33, None),
    ],
)
def test_sizes_in_names(model: str, said: str, billions: float, active: float | None) -> None:
    row = {"model": model, "params_b": said, "active_params_b": ""}
    assert sizes(row) == (billions, active)


def test_bits_of_whole_files() -> None:
    llama = shape(find("llama 3.1 8b"))
    for kind in BITS.keys() & set(KINDS) - {"MXFP4", "Q2_K"}:
        bits = 8 * quantised(llama, kind).bytes / llama.parameters
        assert BITS[kind] == pytest.approx(bits, rel=0.05), kind
