"""The reader's training on a tiny encoder of the real file format: it learns, and what is exported
reads like what was trained."""

import random
import struct
import tempfile
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.errors import ModelError, UserError
from steward.lab.reader import network
from steward.lab.reader.corpus import COMPOUND, NONE, labels, read_corpus, template
from steward.lab.reader.encode import batch, encode
from steward.lab.reader.examples import DROP, ITEM, KEEP, SPARE, compound, example
from steward.lab.reader.export import export
from steward.lab.reader.homes import generate
from steward.lab.reader.intents import sampled
from steward.lab.reader.train import Point, parted, stream, train
from steward.lab.reader.vocabulary import kept_pieces, save, tokenizer
from steward.models.checkpoint import Checkpoint, read_checkpoint
from steward.models.reader import OnnxReader
from steward.plan.reader.canonical import SENSES
from steward.plan.reader.trained import INTENTS

TEMPLATES = Path(network.__file__).with_name("templates")
WIDTH, LAYERS, INNER = 96, 2, 192
WORDS = ("turn", "on", "off", "the", "light", "lamp", *"开关灯把客厅一下吧帮我")


def checkpoint_bytes(seed: int = 0) -> bytes:
    """Write a checkpoint as the encoder's authors do: header, pieces, tensors."""
    rng = np.random.default_rng(seed)
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *WORDS, *(f"▁{w}" for w in WORDS)]
    pieces += [chr(c) for c in range(ord("a"), ord("z") + 1) if chr(c) not in pieces]
    blob = "".join(pieces).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in pieces)]).astype("<u4")
    scores = np.array([0.0] * 4 + [-2.0 - len(pieces) / (i + 9) for i in range(len(pieces) - 4)])
    tensors: dict[str, np.ndarray] = {
        "emb.word": rng.normal(0, 0.3, (len(pieces), WIDTH)),
        "emb.pos": rng.normal(0, 0.1, (128, WIDTH)),
        "emb.type": rng.normal(0, 0.1, (2, WIDTH)),
        "emb.ln.w": np.ones(WIDTH),
        "emb.ln.b": np.zeros(WIDTH),
    }
    for layer in range(LAYERS):
        for name in network.LAYER:
            out, into = {"fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}.get(name, (WIDTH, WIDTH))
            tensors[f"l{layer}.{name}.w"] = rng.normal(0, 0.1, (out, into))
            tensors[f"l{layer}.{name}.b"] = np.zeros(out)
        for name in ("aln", "oln"):
            tensors[f"l{layer}.{name}.w"] = np.ones(WIDTH)
            tensors[f"l{layer}.{name}.b"] = np.zeros(WIDTH)
    head = b"E5S1" + struct.pack(
        "<I7ifi", 1, WIDTH, LAYERS, 12, INNER, len(pieces), 128, 2, 1e-12, 32
    )
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, len(blob))
    head += offsets.tobytes() + scores.astype("<f4").tobytes() + blob + struct.pack("<iI", 0, 0)
    packed = {name: pack(name, value) for name, value in tensors.items()}
    directory = struct.pack("<i", len(tensors))
    size = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    body = b""
    for name, value in tensors.items():
        kind, data = packed[name]
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, value.size, size + len(body), len(data))
        body += data
    return head + directory + body


def pack(name: str, value: np.ndarray) -> tuple[int, bytes]:
    matrix = name == "emb.word" or (name.endswith(".w") and not name.endswith("ln.w"))
    if not matrix:
        return 0, value.astype("<f4").tobytes()
    blocks = value.reshape(-1, 32)
    scales = np.abs(blocks).max(1) / 7
    whole = np.clip(np.round(blocks / scales[:, None]), -8, 7).astype(np.int8) + 8
    nibbles = (whole[:, :16] | (whole[:, 16:] << 4)).astype(np.uint8)
    packed = [
        s.astype("<f2").tobytes() + row.tobytes() for s, row in zip(scales, nibbles, strict=True)
    ]
    return 1, b"".join(packed)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    path = tmp_path / "encoder.bin"
    path.write_bytes(checkpoint_bytes())
    return read_checkpoint(path)


def test_a_checkpoint_is_read_with_its_shapes(checkpoint: Checkpoint) -> None:
    assert checkpoint.pieces[4:7] == ("▁", "turn", "on")
    words = checkpoint.words[np.arange(len(checkpoint.words))]
    assert words.shape == (len(checkpoint.pieces), WIDTH)
    assert checkpoint.tensors["l1.fo.w"].shape == (WIDTH, INNER)
    assert 0.25 < words.std() < 0.35


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 4000))
def test_damaged_checkpoints_are_refused(noise: bytes, at: int) -> None:
    whole = checkpoint_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.bin"
        for data in (noise, whole[:at], b"E5S1" + noise):
            path.write_bytes(data)
            with pytest.raises(ModelError, match="not an encoder checkpoint"):
                read_checkpoint(path)


def test_the_reader_learns_and_its_export_reads_the_same(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    templates = tuple(
        template(label, language, f"{text}{end}")
        for label, language, text in (
            ("on", "en", "turn on {light}"),
            ("off", "en", "turn off {light}"),
            ("on", "zh", "把{light}开"),
            ("off", "zh", "把{light}关"),
        )
        for end in (" a", " b", " c", " d", " e", " f", " g", " h", " i", " j", " k", " l")
    )
    kept = kept_pieces(checkpoint)
    words = tokenizer(checkpoint, kept)
    names = labels(templates)
    curve: list[Point] = []
    begun = network.start(checkpoint, kept, len(names), seed=1)
    made = train(begun, templates, words, 64 * 24, seed=1, report=curve.append, points=2)
    assert curve[-1].examples == 64 * 24
    assert curve[-1].loss < 0.95 * curve[0].loss
    export(made, names, tmp_path / "reader.onnx")
    save(words, tmp_path / "reader.json")
    reader = OnnxReader(tmp_path)
    text = "turn off the lamp a"
    known = [0] * len(text)
    reading = reader.read(text, known)
    said = words.encode(text, add_special_tokens=False)
    data = {
        "pieces": jnp.asarray([[0, *said.ids, 2]]),
        "marks": jnp.zeros((1, len(said.ids) + 2), jnp.int32),
        "held": jnp.ones((1, len(said.ids) + 2)),
    }
    scores, tags = network.forward(made, data)
    assert reading.labels[0][0] == names[int(scores[0].argmax())]
    lamp = text.index("lamp")
    expected = np.asarray(jnp.exp(tags[0] - jnp.log(jnp.exp(tags[0]).sum(-1, keepdims=True))))
    piece = next(i for i, (a, b) in enumerate(said.offsets) if a <= lamp < b)
    assert reading.tags[lamp][KEEP] == pytest.approx(float(expected[piece + 1][KEEP]), abs=0.15)


def test_every_label_of_the_corpus_is_known_to_the_plan() -> None:
    known = {*SENSES, *INTENTS, NONE, COMPOUND}
    unknown = {one.label for one in read_corpus(TEMPLATES)} - known
    assert not unknown


def test_both_languages_have_every_label() -> None:
    corpus = read_corpus(TEMPLATES)
    spoken = {
        language: {t.label for t in corpus if t.language == language} for language in ("en", "zh")
    }
    assert spoken["en"] == spoken["zh"]


@pytest.mark.parametrize("seed", range(20))
def test_examples_tag_what_was_filled_in(seed: int) -> None:
    rng = random.Random(seed)
    home = generate(rng)
    made = example(rng, template("off", "en", "kill {light} but not {but}"), home)
    assert len(made.tags) == len(made.text)
    named = "".join(c for c, tag in zip(made.text, made.tags, strict=True) if tag == KEEP)
    spared = "".join(c for c, tag in zip(made.text, made.tags, strict=True) if tag == SPARE)
    assert named and spared and named in made.text and spared in made.text
    listed = example(rng, template("list add", "zh", "{item}没了"), home)
    assert ITEM in listed.tags and KEEP not in listed.tags
    both = compound(
        rng,
        template("on", "en", "on {fan}"),
        template("off", "en", "off {tv}".replace("tv", "media")),
        home,
    )
    assert both.label == COMPOUND and set(both.tags) == {DROP}


def test_the_same_seed_makes_the_same_examples_and_homes_differ() -> None:
    corpus = read_corpus(TEMPLATES)
    one, other = (stream(corpus, random.Random(7)) for _ in range(2))
    first = [next(one).text for _ in range(200)]
    assert first == [next(other).text for _ in range(200)]
    assert len(set(first)) > 190
    sizes = {len(generate(random.Random(seed)).world.entities) for seed in range(30)}
    assert len(sizes) > 10


def test_validation_templates_are_never_trained_on() -> None:
    trained, held = parted(read_corpus(TEMPLATES))
    assert not set(trained) & set(held)
    assert 0.07 < len(held) / (len(held) + len(trained)) < 0.13


def test_examples_are_encoded_with_marks_of_their_home(checkpoint: Checkpoint) -> None:
    words = tokenizer(checkpoint, kept_pieces(checkpoint))
    rng = random.Random(3)
    made = [example(rng, template("on", "en", "turn on {light}"), generate(rng)) for _ in range(8)]
    encoded = encode(made, words, (NONE, COMPOUND, "on"))
    data = batch(encoded)
    assert data["pieces"].shape == data["marks"].shape == data["tags"].shape
    assert all(len(one.pieces) == len(one.marks) == len(one.tags) for one in encoded)
    assert all(max(one.marks) > 0 for one in encoded)


def test_packaged_sentences_become_templates_of_both_languages() -> None:
    rng = random.Random(1)
    for language in ("en", "zh"):
        found = sampled(rng, language)
        assert {one.label for one in found} >= {"on", "off", "open", "temperature =", "pause"}
        assert len(found) > 200


def test_a_template_with_a_slot_that_nobody_fills_is_refused() -> None:
    with pytest.raises(UserError, match="unknown slot"):
        template("on", "en", "turn on {lihgt}")
