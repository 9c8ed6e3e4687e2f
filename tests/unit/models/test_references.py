"""What the shipped model must say, computed by plain arithmetic instead of llama.cpp's kernels."""

from pathlib import Path

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from steward.models.selftest import QUESTION, TOLERANCE, known
from steward.models.store import Store

SMOL = "smollm2-135m-instruct"
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
WIDTH, HEADS, KV_HEADS, HEAD, LAYERS = 576, 9, 3, 64, 30


def norm(x: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    scale = np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)
    return np.asarray(x / scale * weight, np.float32)


def turned(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rotate pairs of neighbours by their place, as the file has them."""
    angles = np.arange(len(x))[:, None] / 100_000 ** (np.arange(0, HEAD, 2) / HEAD)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    even, odd = x[..., ::2], x[..., 1::2]
    out = np.empty_like(x)
    out[..., ::2], out[..., 1::2] = even * cos - odd * sin, even * sin + odd * cos
    return out


def log_probabilities(
    weights: dict[str, NDArray[np.float32]], ids: list[int]
) -> NDArray[np.float32]:
    """Return those of all tokens behind each of `ids`."""
    x = weights["token_embd.weight"][ids]
    hidden = np.triu(np.full((len(ids), len(ids)), -np.inf, np.float32), 1)
    for layer in range(LAYERS):
        w = {
            name.removeprefix(f"blk.{layer}."): tensor
            for name, tensor in weights.items()
            if name.startswith(f"blk.{layer}.")
        }
        h = norm(x, w["attn_norm.weight"])
        q = turned((h @ w["attn_q.weight"].T).reshape(-1, HEADS, HEAD))
        k = turned((h @ w["attn_k.weight"].T).reshape(-1, KV_HEADS, HEAD))
        v = (h @ w["attn_v.weight"].T).reshape(-1, KV_HEADS, HEAD)
        k, v = (np.repeat(part, HEADS // KV_HEADS, 1) for part in (k, v))
        scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(HEAD) + hidden
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        seen = np.einsum("hij,jhd->ihd", shares, v).reshape(-1, WIDTH)
        x = x + seen @ w["attn_output.weight"].T
        h = norm(x, w["ffn_norm.weight"])
        gate = h @ w["ffn_gate.weight"].T
        inner = gate / (1 + np.exp(-gate)) * (h @ w["ffn_up.weight"].T)
        x = x + inner @ w["ffn_down.weight"].T
    logits = norm(x, weights["output_norm.weight"]) @ weights["token_embd.weight"].T
    top = logits.max(-1, keepdims=True)
    return np.asarray(logits - top - np.log(np.exp(logits - top).sum(-1, keepdims=True)))


def words(reader: gguf.GGUFReader) -> Tokenizer:
    pieces = reader.fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(m.split(" ")) for m in reader.fields["tokenizer.ggml.merges"].contents()]
    made = Tokenizer(models.BPE({piece: number for number, piece in enumerate(pieces)}, merges))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"<\|im_start\|>|<\|im_end\|>"), "isolated"),
            pre_tokenizers.Digits(True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    made.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    return made


def test_the_reference_is_what_plain_arithmetic_gives(store: Store) -> None:
    (file,) = store.listed.sets[SMOL].files
    reference = known(file.sha256)
    path: Path = store.file(SMOL, file.name)
    reader = gguf.GGUFReader(path)
    weights = {
        t.name: gguf.dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors
    }
    prompt = (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{QUESTION}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    tokens = words(reader)
    begin = tokens.encode(prompt).ids
    answer = tokens.encode("".join(said.text for said in reference)).ids
    assert len(answer) == len(reference)
    found = log_probabilities(weights, begin + answer)
    ours = [float(found[len(begin) - 1 + n, token]) for n, token in enumerate(answer)]
    wanted = [said.logprob for said in reference]
    assert ours == pytest.approx(wanted, abs=TOLERANCE)
