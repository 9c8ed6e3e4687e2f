"""Two runs on a device, and what follows from them for other models."""

from dataclasses import replace

import pytest
from worked_out import DEVICE, shape

from steward.lab.fit.calibration import Sample, calibrated
from steward.lab.fit.device import Device
from steward.lab.fit.predict import decode_seconds, prefill_seconds
from steward.lab.fit.settings import Settings

SETTINGS = Settings(context=1024, prompt=100, answer=20)
SLOW = replace(DEVICE, flops={"fp32": 1e10})


def ran(kind: str, slower: float) -> Sample:
    """A run that took `slower` times as long as is predicted."""
    model = shape(kind)
    prefill = 100 / prefill_seconds(model, SLOW, SETTINGS) / slower
    decode = 1 / decode_seconds(model, SLOW, SETTINGS) / slower
    return Sample(model, 100, 20, 1024, prefill, decode)


def seconds(on: Device, kind: str) -> tuple[float, float]:
    model = shape(kind)
    return decode_seconds(model, on, SETTINGS), prefill_seconds(model, on, SETTINGS)


def test_a_device_that_is_twice_as_slow_is_so_for_all_models() -> None:
    on = calibrated(SLOW, [ran("Q4_1", 2), ran("Q4_0", 2)])
    for kind in ("Q4_1", "Q4_0", "Q8_0", "F16"):
        twice = [2 * each for each in seconds(SLOW, kind)]
        assert seconds(on, kind) == pytest.approx(twice)


def test_the_second_run_moves_only_the_repacked_kernels() -> None:
    on = calibrated(SLOW, [ran("Q4_1", 1), ran("Q4_0", 0.8)])
    assert seconds(on, "Q8_0") == pytest.approx(seconds(SLOW, "Q8_0"))
    decode, prefill = seconds(on, "Q4_0")
    before, longer = seconds(SLOW, "Q4_0")
    assert 0.8 * before < decode < before
    assert 0.8 * longer < prefill < longer


def test_a_run_that_was_disturbed_does_not_turn_a_kernel_upside_down() -> None:
    on = calibrated(SLOW, [ran("Q4_1", 1), ran("Q4_0", 0.01)])
    assert seconds(on, "Q4_0")[0] > seconds(SLOW, "Q4_0")[0] / 3
