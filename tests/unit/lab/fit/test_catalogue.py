"""The catalogue of devices: names as people type them, and figures that can be true."""

from __future__ import annotations

import pytest

from steward.errors import UserError
from steward.lab.fit.catalogue import devices, find
from steward.lab.fit.device import ANY, Device
from steward.lab.fit.efficiency import EFFICIENCIES
from steward.lab.fit.predict import predict
from steward.lab.fit.settings import Settings
from steward.models.families import find as find_model
from steward.models.families import shape
from steward.models.quantised import quantised


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("rtx 3060", "RTX 3060"),
        ("RTX3060", "RTX 3060"),
        ("NVIDIA GeForce RTX 3060 12GB", "RTX 3060"),
        ("rtx 4070 ti super", "RTX 4070 Ti Super"),
        ("m2 max", "Apple M2 Max"),
        ("Apple M3 Max (30 GPU cores)", "Apple M3 Max 30-core"),
        ("m3 max 40-core", "Apple M3 Max"),
        ("MacBook Pro M4 Pro", "Apple M4 Pro"),
        ("pi 5", "Raspberry Pi 5"),
        ("raspberry pi 5 8GB", "Raspberry Pi 5"),
        ("RPi4", "Raspberry Pi 4"),
        ("iPhone 15 Pro", "Apple A17 Pro"),
        ("snapdragon 8 gen 3", "Snapdragon 8 Gen 3"),
        ("orange pi 5", "RK3588"),
        ("jetson orin nano", "Jetson Orin Nano 8GB"),
        ("a100 40gb", "A100 40GB"),
        ("A100-SXM-80GB", "A100 80GB"),
        ("h100 pcie", "H100 PCIe"),
        ("8295", "SA8295P"),
        ("strix halo", "Ryzen AI Max+ 395"),
        ("AMD Radeon RX 7900 XTX", "RX 7900 XTX"),
        ("Intel(R) N100", "Intel N100"),
        ("ddr4 3200", "PC, DDR4-3200 x2"),
    ],
)
def test_find(said: str, meant: str) -> None:
    assert find(said).name == meant


def test_the_size_that_is_said_is_the_memory() -> None:
    assert find("pi 5 8GB").memory == 8 * 10**9
    assert find("pi 5").memory == 16 * 10**9


def test_a_size_that_is_not_sold() -> None:
    with pytest.raises(UserError) as caught:
        find("pi 5 64GB")
    assert "16 GB" in caught.value.hint


@pytest.mark.parametrize("said", ["rtx 3065", "snapdragon 8 gen 7", "", "???", "x" * 5000])
def test_unknown_names(said: str) -> None:
    with pytest.raises(UserError) as caught:
        find(said)
    assert "--bandwidth" in caught.value.hint
    assert len(str(caught.value)) < 400


def test_near_names_are_told() -> None:
    with pytest.raises(UserError) as caught:
        find("rtx 3065")
    assert "RTX 3060" in caught.value.hint


@pytest.mark.parametrize("device", devices(), ids=lambda device: device.name)
def test_figures_can_be_true(device: Device) -> None:
    assert 5e9 < device.bandwidth < 1e13
    assert 4e8 < device.memory < 2e12
    assert device.flops, "no peak"
    assert device.arithmetic() / device.bandwidth > 1
    assert device.source
    assert device.power is None or 1 < device.power < 1500
    assert find(device.name) == device


def test_no_name_means_two_devices() -> None:
    named = [name for device in devices() for name in {device.name, *device.aliases}]
    assert len(named) == len({name.casefold() for name in named})
    for device in devices():
        for alias in device.aliases:
            assert find(alias).name == device.name


def test_no_share_is_more_than_the_whole() -> None:
    for known in EFFICIENCIES.values():
        assert all(0 < share <= 1 for share in known.decode.values())
        assert known.decode[ANY] == max(known.decode.values())


def test_a_weak_processor_reaches_less() -> None:
    assert find("pi 4").efficiency.decode[ANY] < find("pi 5").efficiency.decode[ANY]


@pytest.mark.parametrize(
    ("device", "kind", "published"),
    [
        # Llama 2 7B of llama.cpp's discussions 4167 (Apple) and 15013 (CUDA), tokens/s.
        ("m2 ultra 76-core", "Q4_0", 94.27),
        ("m1", "Q8_0", 7.91),
        ("m4 max", "F16", 31.64),
        ("rtx 3060", "Q4_0", 76),
        ("rtx 4090", "Q4_0", 189),
    ],
)
def test_published_speeds(device: str, kind: str, published: float) -> None:
    llama = quantised(shape(find_model("llama 2 7b")), kind)
    said = predict(llama, find(device), Settings(prompt=1, answer=128))
    assert said.decode.likely == pytest.approx(published, rel=0.1)
    assert said.decode.low < published < said.decode.high
