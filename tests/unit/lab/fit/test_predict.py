"""The prediction, on shapes and devices whose figures can be worked out by hand."""

from dataclasses import replace

import pytest
from worked_out import DEVICE, SETTINGS, shape

from steward.lab.fit.memory import cached, memory
from steward.lab.fit.predict import decode_seconds, predict, prefill_seconds


def test_a_token_reads_all_weights_and_the_cache_before_it() -> None:
    model = shape()
    cache = 110 * 2 * 2 * 128 * 2
    assert decode_seconds(model, DEVICE, SETTINGS) == pytest.approx((model.bytes + cache) / 1e9)


def test_a_prompt_does_two_operations_for_each_weight_and_asks_for_a_word_once() -> None:
    slow = replace(DEVICE, flops={"fp32": 1e9})
    matrices = 2 * 1024 * 256
    vocabulary = 32000 * 256
    pairs = 2 * 100 * 50 * 2 * 2 * 128 * 2
    expected = (2 * matrices * 100 + 2 * vocabulary + pairs) / 1e9
    assert prefill_seconds(shape(), slow, SETTINGS) == pytest.approx(expected)


def test_a_token_reads_only_the_experts_that_it_asks() -> None:
    few, all_ = shape(experts=8), shape(experts=0)
    of_experts = sum(t.bytes for t in few.tensors if t.expert)
    rest = few.bytes - of_experts
    read = decode_seconds(few, DEVICE, SETTINGS) - decode_seconds(all_, DEVICE, SETTINGS)
    assert read == pytest.approx((rest + of_experts / 4 - all_.bytes) / 1e9)


def test_a_window_bounds_the_cache_and_its_type_halves_it() -> None:
    whole = cached(shape(), SETTINGS)
    assert whole == 1024 * 2 * 2 * 128 * 2
    assert cached(shape(window=100), SETTINGS) == whole // 4
    assert cached(shape(), replace(SETTINGS, cache="Q8_0")) == whole * 34 // 64


def test_a_repacked_matrix_is_there_twice_but_not_the_vocabulary() -> None:
    model = shape("Q4_0")
    twice = sum(t.bytes for t in model.tensors[1:])
    kept = memory(model, SETTINGS, repacking=True).weights
    assert kept == memory(model, SETTINGS).weights + twice


def test_what_does_not_fit_is_said_not_to_and_is_far_slower() -> None:
    tight = replace(DEVICE, bandwidth=1e11, free=1 << 20)
    inside = predict(shape(), replace(tight, free=None), SETTINGS)
    outside = predict(shape(), tight, SETTINGS)
    assert inside.fits and not outside.fits
    assert outside.decode.likely < inside.decode.likely / 50


def test_layers_beside_the_graphics_card_go_at_the_speed_of_the_other_memory() -> None:
    card = replace(DEVICE, kind="gpu", bandwidth=1e12, host=1e10)
    all_, half, none = (
        predict(shape(), card, replace(SETTINGS, gpu=part)).decode.likely for part in (None, 0.5, 0)
    )
    assert all_ > half > none
    assert none == pytest.approx(0.7 * 1e10 / shape().bytes, rel=0.1)


def test_a_draft_that_is_right_makes_it_faster_and_one_that_is_wrong_slower() -> None:
    draft = replace(shape(), tensors=shape().tensors[1:])
    alone = predict(shape(), DEVICE, SETTINGS).decode.likely
    right = predict(shape(), DEVICE, replace(SETTINGS, draft=draft, accepted=0.9)).decode.likely
    wrong = predict(shape(), DEVICE, replace(SETTINGS, draft=shape(), accepted=0.1)).decode.likely
    assert wrong < alone < right


def test_energy_cost_and_battery_follow_from_the_time() -> None:
    said = predict(shape(), DEVICE, SETTINGS)
    busy = 100 / said.prefill.likely + 20 / said.decode.likely
    assert said.joules == pytest.approx(10 * busy * 1000)
    assert said.battery == 2.0
    wear = 100 / (3 * 8766) * busy * 1000 / 3600
    assert said.cost == pytest.approx(10 * busy * 1000 / 3.6e6 * 0.30 + wear)
    assert predict(shape(), replace(DEVICE, power=None), SETTINGS).cost is None


def test_ranges_hold_their_likely_value_and_times_are_fastest_at_their_low_end() -> None:
    said = predict(shape(), DEVICE, SETTINGS)
    for each in (said.decode, said.prefill, said.first_token, said.spoken):
        assert each.low < each.likely < each.high
    assert said.first_token.likely < said.spoken.likely
