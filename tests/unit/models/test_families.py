"""The open families: their shapes have as many parameters as their makers publish."""

from __future__ import annotations

import pytest

from steward.errors import UserError
from steward.models.families import Member, find, ladder, members, shape
from steward.models.quantised import KINDS, quantised

PUBLISHED_ROUNDED = 0.01


@pytest.mark.parametrize("member", members(), ids=lambda member: member.name)
def test_parameters(member: Member) -> None:
    counted = shape(member).parameters
    exact = member.parameters % 1_000_000 != 0
    allowed = 0.0005 if exact else PUBLISHED_ROUNDED
    assert abs(counted / member.parameters - 1) < allowed


def test_active_parameters_of_mixtures() -> None:
    published = {"Qwen3-30B-A3B": 3.3, "Mixtral-8x7B-Instruct": 12.9, "LFM2-8B-A1B": 1.5}
    published |= {"gpt-oss-20b": 3.6, "gpt-oss-120b": 5.1, "Qwen3-235B-A22B": 22.0}
    for name, billions in published.items():
        # Some makers count the table of the vocabulary, of which a token reads one row.
        assert shape(find(name)).active / 1e9 == pytest.approx(billions, rel=0.1), name


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("qwen3 0.6b", "Qwen3-0.6B"),
        ("Qwen/Qwen3-0.6B", "Qwen3-0.6B"),
        ("llama 3.2 1b", "Llama-3.2-1B-Instruct"),
        ("gemma-3-1b-it", "Gemma-3-1B-it"),
        ("google/gemma-3-1b-it", "Gemma-3-1B-it"),
        ("PHI-4", "Phi-4"),
        ("smollm2 135m", "SmolLM2-135M-Instruct"),
        ("bartowski/SmolLM2-135M-Instruct-GGUF", "SmolLM2-135M-Instruct"),
    ],
)
def test_find(said: str, meant: str) -> None:
    assert find(said).name == meant


def test_unknown_name() -> None:
    with pytest.raises(UserError) as caught:
        find("qwen3 0.7b")
    assert "Qwen3-0.6B" in caught.value.hint


def test_ladder_ascends() -> None:
    sizes = [member.parameters for member in ladder("Qwen3")]
    assert sizes == sorted(sizes)
    assert len(sizes) > len(ladder("MiMo")) > 0


def test_every_figure_has_a_source() -> None:
    assert all(bool(member.mmlu) == bool(member.mmlu_source) for member in members())


@pytest.mark.parametrize(
    ("model", "kind", "published"),
    [
        # Sizes of files on Hugging Face (TheBloke, bartowski), in MB; a vocabulary is in them.
        ("Llama-2-7B", "Q4_0", 3826),
        ("Llama-2-7B", "Q4_K_M", 4081),
        ("Llama-2-7B", "Q5_K_M", 4783),
        ("Llama-2-7B", "Q6_K", 5529),
        ("Llama-2-7B", "Q8_0", 7161),
        ("Llama-2-7B", "Q3_K_M", 3298),
        ("Llama-3.2-1B-Instruct", "Q4_K_M", 808),
        ("Llama-3.2-1B-Instruct", "Q8_0", 1321),
        ("Llama-3.2-1B-Instruct", "Q2_K", 581),
        ("SmolLM2-135M-Instruct", "Q4_K_M", 105.5),
    ],
)
def test_files_are_as_large_as_published(model: str, kind: str, published: float) -> None:
    assert quantised(shape(find(model)), kind).bytes / 1e6 == pytest.approx(published, rel=0.02)


def test_every_kind_of_every_model() -> None:
    for member in members():
        whole = shape(member)
        for kind in KINDS:
            packed = quantised(whole, kind)
            assert packed.parameters == whole.parameters
            assert packed.bytes <= whole.bytes


def test_unknown_kind() -> None:
    with pytest.raises(UserError):
        quantised(shape(find("Qwen3-0.6B")), "Q4_X")
