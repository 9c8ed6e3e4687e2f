"""Which turns and which sentences a question needs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from steward.models.leaving.documents import BUDGET, SHORT, chosen, sentences, whole
from steward.models.leaving.parts import LONG, PART, picked, picking
from steward.models.leaving.terms import terms
from steward.models.leaving.turns import relevant
from steward.models.stream import PLAIN
from steward.thinking import Generation, Message, Token

LEASE = """The lease begins on the first of March and runs for two years.
Rent is due on the fifth working day of each month.
The deposit equals three months of rent and bears no interest.
Pets are allowed if the neighbours agree in writing.
The tenant waters the front garden in summer.
Smoking is forbidden in the stairwell and in the lift.
Notice must be given three months before the end of a quarter.
The boiler is serviced by the landlord once a year, in October.
Bicycles belong into the cellar and not into the hall.
The tenant insures his own furniture against water and fire."""
LEASE_ZH = """租期从三月一日开始，为期两年。房租每月五日之前支付。押金为三个月房租，不计利息。
经邻居书面同意可以养宠物。租客夏天负责给前院浇水。楼道和电梯内禁止吸烟。
退租须在季度末前三个月书面通知。锅炉由房东每年十月检修一次。自行车须停放在地下室，不得停在大厅。
租客自行为家具投保水险和火险。每周二和周五收垃圾，垃圾桶前一天晚上放到路边。晚上十点以后请保持安静。
洗衣房周日不开放，其他日子从早上七点开到晚上九点，每次使用需要投币两元。公共区域由物业每周打扫两次，请不要在走廊堆放杂物。
房东进入房屋检查须提前二十四小时通知租客。租客若要改造房屋，须先得到房东书面许可。钥匙丢失由租客承担换锁费用。
停车位编号为七号，每月另付三百元。访客车辆请停在路边。租约到期如需续签，须提前六十天提出，租金涨幅不超过百分之五。"""


def turn(said: str, answered: str) -> tuple[Message, Message]:
    return Message("user", said), Message("assistant", answered)


BEFORE = (
    *turn("Who built the Eiffel Tower?", "Gustave Eiffel's company did."),
    *turn("How do I boil an egg?", "Seven minutes in boiling water."),
)


@pytest.mark.parametrize(
    ("said", "needed"),
    [
        ("How tall is the Eiffel Tower?", 1),
        ("And for a soft one?", 1),
        ("Why is the sky blue?", 0),
        ("为什么天空是蓝色的？", 0),
        ("那煎蛋呢？", 1),
        ("Why?", 1),
    ],
)
def test_turns_that_a_question_leans_on_are_needed(said: str, needed: int) -> None:
    assert len(relevant(said, BEFORE)) == 2 * needed


def test_a_question_that_leans_on_one_that_leans_needs_both() -> None:
    before = (*BEFORE, *turn("And for a soft one?", "Four minutes."))
    assert [each.content for each in relevant("What about that for a duck?", before)][0::2] == [
        "How do I boil an egg?",
        "And for a soft one?",
    ]


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How large is the deposit?", "three months of rent and bears"),
        ("Are pets allowed?", "neighbours agree"),
        ("Who services the boiler?", "landlord once a year"),
        ("When is the rent due?", "fifth working day"),
    ],
)
def test_the_sentence_that_answers_is_chosen_and_most_others_are_not(
    question: str, fact: str
) -> None:
    made = chosen(question, LEASE)
    assert fact in made and len(made) < 0.5 * len(LEASE) and "…" in made


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("押金是多少？", "三个月房租"),
        ("可以养宠物吗？", "邻居书面同意"),
        ("谁检修锅炉？", "每年十月"),
    ],
)
def test_chinese_sentences_are_chosen(question: str, fact: str) -> None:
    made = chosen(question, LEASE_ZH)
    assert fact in made and len(made) < 0.6 * len(LEASE_ZH)


def test_a_document_that_no_word_fits_is_sent_whole_unless_its_meaning_is_known() -> None:
    assert chosen("宠物？", LEASE) == LEASE

    def embed(texts: Sequence[str]) -> list[NDArray[np.float32]]:
        near = [float("Pets" in text or "宠物" in text) for text in texts]
        return [np.array([one, 1 - one], np.float32) for one in near]

    made = chosen("宠物？", LEASE, embed)
    assert "Pets are allowed" in made and len(made) < BUDGET


def test_what_is_about_all_of_a_document_is_known() -> None:
    assert whole("Sum it up, please") and whole("总结一下") and not whole("May I keep pets?")


def test_forms_of_a_word_are_one() -> None:
    assert terms("Boxes") == terms("the box") and terms("watered") == terms("watering")
    assert "宠物" in terms("可以养宠物吗")


class Model:
    """Answers with the same numbers each time."""

    def __init__(self, said: str) -> None:
        self.said = said
        self.asked: list[tuple[str, Generation]] = []

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        self.asked.append((messages[-1].content, options))
        yield Token(self.said, 0.0)


async def test_a_long_document_is_read_here_part_by_part_and_only_named_sentences_are_left() -> (
    None
):
    document = "\n".join(f"Paragraph {number} tells of it." for number in range(3 * PART))
    model = Model("2, 1, 99")

    async def here() -> Model:
        return model

    made = await picked(picking(here), "Sum it up", document)
    assert len(model.asked) == 3 and all(options.grammar for _, options in model.asked)
    assert sentences(made) == [
        f"Paragraph {number} tells of it."
        for number in (0, 1, PART, PART + 1, 2 * PART, 2 * PART + 1)
    ]
    nobody = Model("none")

    async def there() -> Model:
        return nobody

    assert sentences(await picked(picking(there), "Sum it up", document))[0].startswith("Paragraph")
    assert LONG > SHORT
