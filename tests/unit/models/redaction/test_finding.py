from __future__ import annotations

import pytest

from steward.models.redact import Kind, Recognisers, Redacted, Vault, redact
from steward.models.redaction.home import Words
from steward.models.redaction.spans import Span, settle

RECOGNISERS = Recognisers()


def found(text: str, recognisers: Recognisers = RECOGNISERS) -> dict[str, Kind]:
    return {text[span.start : span.end]: span.kind for span in recognisers.find(text)}


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("Write to ada.byron@example.org please", "ada.byron@example.org", Kind.EMAIL),
        ("see https://example.org/a?b=c.", "https://example.org/a?b=c", Kind.URL),
        ("pay with 4111 1111 1111 1111 now", "4111 1111 1111 1111", Kind.CARD),
        ("my card 4111111111111112 is lost", "4111111111111112", Kind.CARD),
        ("transfer to GB29 NWBK 6016 1331 9268 19", "GB29 NWBK 6016 1331 9268 19", Kind.IBAN),
        ("the router is 192.168.1.1", "192.168.1.1", Kind.IP),
        ("its card is 00:1b:44:11:3a:b7", "00:1b:44:11:3a:b7", Kind.IP),
        ("my SSN is 219-09-9999", "219-09-9999", Kind.SSN),
        ("my driver's license is D123-4567-8901", "D123-4567-8901", Kind.LICENCE),
        ("ring +44 20 7946 0018 tonight", "+44 20 7946 0018", Kind.PHONE),
        ("call 555-0123", "555-0123", Kind.PHONE),
        ("She was born on March 3, 1964", "March 3, 1964", Kind.DATE),
        ("he just turned 42", "42", Kind.AGE),
        ("deliver it to 14 Elm Street, Apt. 5, Bonn", "14 Elm Street, Apt. 5, Bonn", Kind.ADDRESS),
        ("we live at Gartenweg 12", "Gartenweg 12", Kind.ADDRESS),
        ("Please invite Thorbjørg Eiríksdóttir for dinner", "Thorbjørg Eiríksdóttir", Kind.PERSON),
        ("my name is Key", "Key", Kind.PERSON),
        ("a flight to New Zealand", "New Zealand", Kind.PLACE),
        ("he works for Brightwater Holdings Ltd", "Brightwater Holdings Ltd", Kind.ORGANIZATION),
        ("电话13812345678", "13812345678", Kind.PHONE),
        ("座机010-62345678", "010-62345678", Kind.PHONE),
        ("身份证11010519491231002X", "11010519491231002X", Kind.ID),
        ("车牌京A·12B45停在门口", "京A·12B45", Kind.PLATE),
        ("加我微信：sunny_2024", "sunny_2024", Kind.ACCOUNT),
        ("护照号E12345678", "E12345678", Kind.PASSPORT),
        ("请给欧阳明月发短信", "欧阳明月", Kind.PERSON),
        ("陈女士来过", "陈", Kind.PERSON),
        ("快递寄到广州市天河区体育西路100号3栋502室", "广州市天河区体育西路100号3栋502室", Kind.ADDRESS),  # noqa: E501
        ("我在成都明辉科技有限公司上班", "成都明辉科技有限公司", Kind.ORGANIZATION),
        ("我出生于1988年7月2日", "1988年7月2日", Kind.DATE),
    ],
)  # fmt: skip
def test_finds(text: str, words: str, kind: Kind) -> None:
    assert found(text)[words] is kind


@pytest.mark.parametrize(
    "text",
    [
        "Turn on the kitchen light and set the thermostat to 21.5 degrees",
        "Wake me at 7:30 tomorrow",
        "What is 3,500 times 18 percent?",
        "Will it rain? May I open the windows?",
        "How do I boil 2 eggs?",
        "I'd like a recipe with 200 g of flour and 3 eggs.",
        "把客厅的灯打开，温度调到二十六度",
        "白菜和豆腐一起炖要多久？",
        "微积分里的链式法则怎么理解？",
        "提醒我八点半开会",
    ],
)
def test_leaves_the_everyday_alone(text: str) -> None:
    assert found(text) == {}


def test_open_kinds_stay() -> None:
    recognisers = Recognisers(open={Kind.PLACE})
    assert found("Anna moved to Norway", recognisers) == {"Anna": Kind.PERSON}


def test_the_homes_own_words() -> None:
    home = Words(["Bee", "小玥"], ["Horse Barn", "鱼池"], plain=["Kitchen"])
    recognisers = Recognisers(home)
    text = "tell bee that the horse  barn, the beech and 小玥的鱼池 are fine"
    assert found(text, recognisers) == {
        "bee": Kind.PERSON,
        "horse  barn": Kind.HOME,
        "小玥": Kind.PERSON,
        "鱼池": Kind.HOME,
    }


def test_no_words_of_the_home_find_nothing() -> None:
    assert list(Words([""], [" "]).find("anything at all")) == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("the alarm code is 4711", "4711"),
        ("My PIN: 0815", "0815"),
        ("the wifi password for the guests is fish-and-chips", "fish-and-chips"),
        ("门锁密码是839201", "839201"),
        ("把门禁码改成2580", "2580"),
        ("use sk-proj-abcdefghij0123456789ABCD for it", "sk-proj-abcdefghij0123456789ABCD"),
        ("curl -H 'Authorization: Bearer abcdefghijklmnop1234'", "Bearer abcdefghijklmnop1234"),
        ("postgres://bob:hunter2@db.local/x", "bob:hunter2"),
        ("enter 4455 to disarm the alarm", "4455"),
    ],
)
def test_a_secret_blocks_the_whole_text(text: str, secret: str) -> None:
    vault = Vault()
    out = redact(text, vault, RECOGNISERS)
    assert out.text == ""
    assert secret in {text[span.start : span.end] for span in out.blocked}
    assert len(vault) == 0


@pytest.mark.parametrize(
    "text",
    [
        "What is the wifi password?",
        "how do I change my PIN",
        "密码忘了怎么办",
        "the door code is not working",
    ],
)
def test_talking_about_secrets_is_not_telling_them(text: str) -> None:
    assert redact(text, Vault(), RECOGNISERS).blocked == ()


def test_health_and_money_are_kept_where_the_owner_says_so() -> None:
    text = "my blood pressure is high and so is the mortgage"
    assert RECOGNISERS.blocked(text) == ()
    kept = Recognisers(kept={Kind.HEALTH, Kind.MONEY})
    assert [span.kind for span in kept.blocked(text)] == [Kind.HEALTH, Kind.MONEY]
    assert redact("我确诊了糖尿病", Vault(), kept).text == ""


def test_the_same_words_get_the_same_placeholder() -> None:
    vault = Vault()
    first = redact("Ask Anna Berg for the key", vault, RECOGNISERS)
    second = redact("Then Tobias Lund met Anna Berg", vault, RECOGNISERS)
    assert first.text == "Ask <PERSON_1> for the key"
    assert second.text == "Then <PERSON_2> met <PERSON_1>"
    assert isinstance(first, Redacted)


def test_settling_keeps_the_surer_and_what_is_left_of_the_other() -> None:
    text = "Paxata, 14 Elm Street"
    spans = [
        Span(0, 21, Kind.ORGANIZATION, 0.5),
        Span(8, 15, Kind.ADDRESS, 0.9),
        Span(11, 21, Kind.ADDRESS, 0.8),
    ]
    assert settle(text, spans) == (
        Span(0, 6, Kind.ORGANIZATION, 0.5),
        Span(8, 21, Kind.ADDRESS, 0.9),
    )


def test_a_vault_shows_nothing() -> None:
    vault = Vault()
    redact("Ask Anna Berg", vault, RECOGNISERS)
    assert "Anna" not in repr(vault)


@pytest.mark.parametrize(
    "text",
    [
        *("A" * 2_000, "Abcd Efgh " * 300, "A\n" * 1_000, "1 Aa, " * 500, "a." * 2_000),
        *("路街号楼室省市区县" * 200, "王小明说" * 500, "<PERSON_" * 300, "corner of " * 300),
    ],
    ids=range(9),
)  # fmt: skip
def test_monotonous_texts_come_to_an_end(text: str) -> None:
    spans = RECOGNISERS.find(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
