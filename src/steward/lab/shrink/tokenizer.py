"""A tokenizer.json of Hugging Face as the entries that llama.cpp reads.

Two kinds are known: byte-level BPE (Llama 3, Qwen, SmolLM), and BPE over characters with bytes as
the last resort (Llama 2, Gemma), which llama.cpp takes for SentencePiece's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from steward.errors import ModelError
from steward.lab.shrink.metadata import Entry, flag, number, numbers, reals, text, texts

NORMAL, UNKNOWN, CONTROL, OWN, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
"""llama.cpp's kinds of tokens."""
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_DIGITS = {
    r"\p{N}{1,3}": "llama-bpe",
    r"|\p{N}|": "qwen2",
}
"""What tells the rules by which Llama 3 and Qwen cut a text, in their regular expressions."""
_HINT = "convert it with llama.cpp's convert_hf_to_gguf.py, and name the .gguf file"


def tokenizer(folder: Path, rows: int) -> dict[str, Entry]:
    """Return the entries of the tokenizer in a folder, for a vocabulary of `rows`.

    Raises:
        ModelError: it is missing or damaged, of another kind, or has more tokens than `rows`.
    """
    said, config = _json(folder / "tokenizer.json"), _optional(folder / "tokenizer_config.json")
    try:
        return _entries(folder, said, config, rows)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelError(
            f"{folder / 'tokenizer.json'} is not as it should be: {error!r:.80}", hint=_HINT
        ) from error


def _entries(
    folder: Path, said: Mapping[str, Any], config: Mapping[str, Any], rows: int
) -> dict[str, Entry]:
    model = said["model"]
    if model.get("type") != "BPE":
        raise ModelError(f"a tokenizer of the kind {model.get('type')!r:.20}", hint=_HINT)
    tokens, kinds = _tokens(folder, said, rows)
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    found = {"tokenizer.ggml.tokens": texts(tokens), "tokenizer.ggml.token_type": numbers(kinds)}
    if model.get("byte_fallback"):
        joined = {
            merge.replace(" ", "", 1): -float(n) for n, merge in reversed([*enumerate(merges)])
        }
        least = -float(len(merges) + 1)
        found |= {
            "tokenizer.ggml.model": text("llama"),
            "tokenizer.ggml.pre": text("default"),
            "tokenizer.ggml.scores": reals([joined.get(token, least) for token in tokens]),
            "tokenizer.ggml.add_space_prefix": flag("Prepend" in json.dumps(said["normalizer"])),
        }
    else:
        found |= {
            "tokenizer.ggml.model": text("gpt2"),
            "tokenizer.ggml.pre": text(_rules(said)),
            "tokenizer.ggml.merges": texts(merges),
        }
    return {**found, **_marks(folder, said, config, tokens)}


def _tokens(folder: Path, said: Mapping[str, Any], rows: int) -> tuple[list[str], list[int]]:
    placed: dict[int, tuple[str, int]] = {}
    unknown = said["model"].get("unk_token")
    for token, at in said["model"]["vocab"].items():
        kind = BYTE if _BYTE.fullmatch(token) else UNKNOWN if token == unknown else NORMAL
        placed[at] = (token, kind)
    for each in said.get("added_tokens", ()):
        kind = CONTROL if each["special"] else OWN
        placed[each["id"]] = (each["content"], UNKNOWN if each["content"] == unknown else kind)
    if max(placed) >= rows:
        raise ModelError(
            f"{folder} has {max(placed) + 1} tokens in its tokenizer and {rows} in its vocabulary",
            hint="its files do not belong together: fetch them again",
        )
    # Some vocabularies are longer, so that their length is a round number.
    both = [placed.get(at, (f"[PAD{at}]", UNUSED)) for at in range(rows)]
    return [token for token, _ in both], [kind for _, kind in both]


def _rules(said: Mapping[str, Any]) -> str:
    """Return llama.cpp's name of the rules by which a text is cut before it is encoded."""
    steps = said["pre_tokenizer"]
    steps = steps["pretokenizers"] if steps["type"] == "Sequence" else [steps]
    kinds = [step["type"] for step in steps]
    if kinds == ["ByteLevel"] and steps[0].get("use_regex", True):
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and steps[0]["individual_digits"]:
        return "smollm"
    if kinds == ["Split", "ByteLevel"]:
        pattern = steps[0]["pattern"].get("Regex", "")
        for part, name in _DIGITS.items():
            if part in pattern and pattern.startswith(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"):
                return name
    raise ModelError(f"a tokenizer that cuts texts by {kinds}", hint=_HINT)


def _marks(
    folder: Path, said: Mapping[str, Any], config: Mapping[str, Any], tokens: Sequence[str]
) -> dict[str, Entry]:
    """Return where a text and an answer begin and end, and how a chat is written."""
    places = {token: at for at, token in enumerate(tokens)}
    found: dict[str, Entry] = {}
    names = {"bos": "bos", "eos": "eos", "pad": "padding", "unk": "unknown"}
    for mark, name in names.items():
        token = config.get(f"{mark}_token")
        token = token["content"] if isinstance(token, dict) else token
        if token in places:
            found[f"tokenizer.ggml.{name}_token_id"] = number(places[token])
    template = folder / "chat_template.jinja"
    chat = (
        template.read_text(encoding="utf-8") if template.exists() else config.get("chat_template")
    )
    if isinstance(chat, str):
        found["tokenizer.chat_template"] = text(chat)
    for mark in ("bos", "eos"):
        before = config.get(f"add_{mark}_token")
        if before is None:
            before = mark == "bos" and _begins(said, config.get("bos_token"))
        found[f"tokenizer.ggml.add_{mark}_token"] = flag(bool(before))
    return found


def _begins(said: Mapping[str, Any], bos: object) -> bool:
    """Tell whether the tokenizer itself puts the mark of the begin before a text."""
    token = bos["content"] if isinstance(bos, dict) else bos
    return isinstance(token, str) and token in json.dumps(
        said.get("post_processor"), ensure_ascii=False
    )


def _optional(path: Path) -> Mapping[str, Any]:
    return _json(path) if path.exists() else {}


def _json(path: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"cannot read {path}: {error}", hint=_HINT) from error
    if not isinstance(said, dict):
        raise ModelError(f"{path} is no JSON object", hint=_HINT)
    return said
