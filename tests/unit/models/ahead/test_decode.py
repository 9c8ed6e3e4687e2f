"""Looking ahead changes nothing: on a random model, with right, wrong and mixed guesses."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import tiny

from steward.errors import ModelError
from steward.models.ahead.decode import Chosen, Count, Decoder, Wish
from steward.models.ahead.gbnf import lark_of
from steward.models.ahead.guess import Quotes, Repeats, Smaller, alike
from steward.models.ahead.network import Network, Past
from steward.models.ahead.rules import Rules, Vocabulary
from steward.models.schema import grammar_of
from steward.models.stream import NO_LOGPROB

CALL = grammar_of(
    {
        "type": "object",
        "properties": {
            "name": {"enum": ["turn_on", "turn_off"]},
            "thing": {"enum": ["light", "lighthouse"]},
            "level": {"type": "integer", "minimum": 0, "maximum": 99},
            "note": {"type": "string", "maxLength": 6},
        },
        "required": ["name", "thing", "level", "note"],
        "additionalProperties": False,
    }
)
PROMPTS = ["turn the light on", "light light light", "off", "in turn, in turn, in", "\u4f60\u597d"]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return Network(tiny.write(tmp_path_factory.mktemp("tiny") / "tiny.gguf"))


@pytest.fixture(scope="module")
def vocabulary(network: Network) -> Vocabulary:
    return Vocabulary(network)


class Oracle:
    """Guesses an answer that is known, with a wrong token now and then."""

    def __init__(self, start: int, tokens: Sequence[int], wrong: float, seed: int) -> None:
        self._start, self._tokens, self._wrong = start, tokens, wrong
        self._random = random.Random(seed)

    def guess(self, tokens: Sequence[int]) -> Sequence[int]:
        rest = self._tokens[len(tokens) - self._start :][:5]
        return [(t + 1) % 200 if self._random.random() < self._wrong else t for t in rest]


# Floats of 16 bits would round differently in batches of other shapes, and break near ties.
def past_of(network: Network, batch: int = 32) -> Past:
    return Past(network, context=tiny.CONTEXT, threads=1, batch=batch, cache="f32", flash=False)


def answer(decoder: Decoder, prompt: str, wish: Wish, rules: Rules | None = None) -> list[Chosen]:
    tokens = decoder.past.network.tokenize(prompt.encode())
    return list(decoder.answer(tokens, wish, rules))


def same(one: Sequence[Chosen], other: Sequence[Chosen]) -> bool:
    return [each.token for each in one] == [each.token for each in other]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("wrong", [0.0, 0.3, 1.0])
def test_guesses_change_nothing(network: Network, wrong: float, temperature: float) -> None:
    plain, ahead = Decoder(past_of(network)), past_of(network)
    for seed, prompt in enumerate(PROMPTS):
        wish = Wish(40, temperature, seed, scored=True)
        expected = answer(plain, prompt, wish)
        start = len(network.tokenize(prompt.encode()))
        oracle = Oracle(start, [each.token for each in expected], wrong, seed)
        decoder = Decoder(ahead, [oracle])
        found = answer(decoder, prompt, wish)
        assert same(found, expected)
        assert [e.logprob for e in found] == pytest.approx([e.logprob for e in expected], abs=1e-3)
        assert (decoder.count.right > 0) == (wrong < 1)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("scored", [False, True])
def test_jumping_changes_nothing(
    network: Network, vocabulary: Vocabulary, temperature: float, scored: bool
) -> None:
    plain = Decoder(past_of(network), forced=False)
    ahead = Decoder(past_of(network), [Repeats(2)])
    for seed, prompt in enumerate(PROMPTS):
        wish = Wish(120, temperature, seed, scored)
        expected = answer(plain, prompt, wish, Rules(vocabulary, CALL))
        found = answer(ahead, prompt, wish, Rules(vocabulary, CALL))
        said = b"".join(network.piece(each.token) for each in found)
        assert said == b"".join(network.piece(each.token) for each in expected)
        assert said.startswith(b'{"name":"turn_o')
        assert said.endswith(b'"}')
        assert not scored or all(each.logprob > NO_LOGPROB for each in found)
    assert ahead.count.computed < plain.count.computed


def test_a_forced_answer_costs_nothing(network: Network, vocabulary: Vocabulary) -> None:
    decoder = Decoder(past_of(network))
    found = answer(decoder, "off", Wish(40), Rules(vocabulary, grammar_of({"const": "light"})))
    assert b"".join(network.piece(each.token) for each in found) == b'"light"'
    assert decoder.count == Count(ended=len(found))


def test_what_is_left_of_the_limit_is_not_overrun(network: Network, vocabulary: Vocabulary) -> None:
    decoder = Decoder(past_of(network), [Repeats(2)])
    for most in range(1, 12):
        assert len(answer(decoder, PROMPTS[1], Wish(most))) <= most
        assert len(answer(decoder, "off", Wish(most), Rules(vocabulary, CALL))) <= most


def test_long_prompts_are_computed_in_pieces(network: Network, vocabulary: Vocabulary) -> None:
    text = "turn off the light in the hall, " * 5
    small = Decoder(past_of(network, batch=8), [Repeats(2)])
    large = Decoder(past_of(network, batch=128))
    rules = [Rules(vocabulary, CALL) for _ in range(2)]
    assert same(answer(small, text, Wish(60), rules[0]), answer(large, text, Wish(60), rules[1]))


def test_a_smaller_network_may_guess(network: Network, tmp_path: Path) -> None:
    other = Network(tiny.write(tmp_path / "draft.gguf", seed=1, layers=1))
    same_one = Decoder(past_of(network), [Smaller(past_of(network), 4)])
    other_one = Decoder(past_of(network), [Smaller(past_of(other), 4)])
    plain = Decoder(past_of(network))
    for prompt in PROMPTS:
        expected = answer(plain, prompt, Wish(30))
        assert same(answer(same_one, prompt, Wish(30)), expected)
        assert same(answer(other_one, prompt, Wish(30)), expected)
    assert same_one.count.computed < plain.count.computed


def test_a_smaller_network_that_is_unsure_guesses_nothing(network: Network) -> None:
    unsure = Smaller(past_of(network), 4, sure=1.1)
    assert unsure.guess(network.tokenize(b"light")) == []


def test_networks_with_other_tokens_are_not_alike(network: Network, tmp_path: Path) -> None:
    assert alike(network, Network(tiny.write(tmp_path / "same.gguf", seed=1)))
    other = tiny.write(tmp_path / "other.gguf")
    length = (5).to_bytes(8, "little")
    other.write_bytes(other.read_bytes().replace(length + b"light", length + b"night"))
    assert not alike(network, Network(other))


def test_too_much_for_the_context(network: Network) -> None:
    decoder = Decoder(past_of(network))
    with pytest.raises(ModelError, match="do not fit"):
        answer(decoder, "x" * (tiny.CONTEXT + 1), Wish(4))
    assert answer(decoder, "light", Wish(4))


@pytest.mark.parametrize("grammar", ["%llguidance {}\nstart: nothing", "%llguidance {}\nstart: ("])
def test_invalid_grammars(vocabulary: Vocabulary, grammar: str) -> None:
    with pytest.raises(ModelError, match="invalid"):
        Rules(vocabulary, grammar)


@pytest.mark.parametrize(
    ("grammar", "words"),
    [
        ('root ::= "a/b" | "a.c"', "a/b"),
        ('root ::= deed ("; " deed)*\ndeed ::= "on" | "off" " " [0-9]+', "on; off 12; on"),
        ('root ::= "say \\"x\\" \\\\ \\n"', 'say "x" \\ \n'),
        ('root ::= [^"]{2,3} # two or three\n', "ab"),
    ],
)
def test_gbnf(network: Network, vocabulary: Vocabulary, grammar: str, words: str) -> None:
    rules = Rules(vocabulary, lark_of(grammar))
    tokens = network.tokenize(words.encode())
    assert rules.fitting(tokens) == len(tokens)
    assert rules.fitting(network.tokenize(b'"\xff')) == 0


@pytest.mark.parametrize("grammar", ['root ::= "(" root ")"', "root ::= other", "root ::= <x>"])
def test_what_is_not_regular_is_refused(grammar: str) -> None:
    with pytest.raises(ModelError, match="cannot be looked ahead in"):
        lark_of(grammar)


def test_what_followed_before_is_guessed() -> None:
    repeats = Repeats(2, 3)
    assert repeats.guess([1, 2, 3, 4, 5, 1, 2]) == [3, 4, 5]
    assert repeats.guess([1, 2, 3, 4, 5, 1, 2, 3]) == [4, 5, 1]
    assert repeats.guess([9, 8, 7, 9, 8]) == [7, 9, 8]
    assert repeats.guess([1, 2]) == []


def test_what_was_said_is_guessed_in_a_string(network: Network) -> None:
    quotes = Quotes(network, 40)

    def guessed(text: str) -> str:
        tokens = quotes.guess(network.tokenize(text.encode()))
        return b"".join(map(network.piece, tokens)).decode()

    asked = 'put the kitchen light on, please. {"name":"turn_on","thing":'
    assert guessed(f'{asked}"ki') == "tchen light on"
    assert guessed(f'{asked}"kitchen') == " light on"
    # Nothing is looked for after a string, in one that has just begun, or inside another word.
    for end in ('"kitchen"', '"kitchen",', '"', '"k', '"tchen', '"garden'):
        assert guessed(asked + end) == ""
    # Another text, and one that goes on.
    assert guessed('the hall {"a":"ha') == "ll {"
    assert guessed('the hall {"a":"hall') == " {"
