"""Hard cases: which turns they are, that they are encrypted, capped, judged and erased."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from steward.errors import StateError, UserError
from steward.events import Acted, Asked, Ended, Event, Heard, Planned, Replied
from steward.lab.tiers.rows import Row, judged
from steward.models.cases import Cases
from steward.models.casework import Case, Reached
from steward.types import (
    Call,
    Calls,
    Done,
    Failed,
    Meaning,
    Origin,
    Plan,
    Question,
    Reply,
    Unknown,
    Utterance,
    Words,
)

LAMP = Call("1", "light.turn_on", Meaning("HassTurnOn"), {"entity_id": ["light.a"], "code": "99"})
CASE = Case(1.0, "why is the sky blue", "en", "asking", 0.4, {"words": "…"}, (), "Dust.")
NOT_UNDERSTOOD = Plan(Unknown(), "en", "grammar", 0.0)
LIT = Plan(Calls((LAMP,)), "en", "grammar", 1.0)


def turn(name: str, said: str, plan: Plan, *more: Event, at: Origin | None = None) -> list[Event]:
    origin = at or Origin("page", "anna")
    return [
        Heard(name, 0, Utterance(said), 1.0, origin),
        Planned(name, 0, plan, 1.0),
        *more,
        Replied(name, 0, Reply("Sorry?", "en"), 1.0),
        Ended(name, 0, "done"),
    ]


def noted(folder: Path, events: Sequence[Event], most: int = 100) -> list[Case]:
    cases = Cases(folder, most, clock=lambda: 100.0)
    for event in events:
        cases.note(event)
    found = [each.case for each in cases.all()]
    cases.close()
    return found


def test_what_was_not_understood_is_kept_with_what_was_said_then(tmp_path: Path) -> None:
    events = [
        *turn("1", "lite the kitchn", NOT_UNDERSTOOD),
        *turn("2", "somebody else", LIT, Acted("2", 0, Done("1"), 1.0), at=Origin("cli", "ben")),
        *turn("3", "light the kitchen", LIT, Acted("3", 0, Done("1"), 1.0)),
        *turn("4", "and the hall", LIT, Acted("4", 0, Done("1"), 1.0)),
    ]
    (case,) = noted(tmp_path, events)
    assert (case.said, case.correction, case.reply) == (
        "lite the kitchn",
        "light the kitchen",
        "Sorry?",
    )
    assert case.plan == {"unknown": "not_understood", "about": ""}


def test_a_question_back_is_kept(tmp_path: Path) -> None:
    (case,) = noted(tmp_path, turn("1", "light", Plan(Question("Which?"), "en", "grammar", 0.5)))
    assert case.plan == {"question": "Which?"}


def test_a_failure_is_kept_without_the_arguments_of_its_calls(tmp_path: Path) -> None:
    failed = Acted("1", 0, Failed("1", "unavailable", "it is off"), 1.0)
    (case,) = noted(tmp_path, turn("1", "light", LIT, failed))
    assert case.outcomes == ("unavailable",)
    assert case.plan == [{"capability": "light.turn_on", "entity_id": ["light.a"]}]


def test_what_tiers_answered_is_kept_with_how_sure_they_seemed(tmp_path: Path) -> None:
    asked = (
        Asked("1", 0, "device", 5.0, text="Lyon", score=0.3),
        Asked("1", 0, "hub", 5.0, failure="no route"),
        Asked("1", 0, "cloud", 5.0, text="Paris", score=0.0),
    )
    plan = Plan(Words("Paris"), "en", "asking", 0.9)
    (case,) = noted(tmp_path, turn("1", "the capital of France", plan, *asked))
    assert case.answers == (Reached("device", "Lyon", 0.3), Reached("cloud", "Paris", 0.0))


def test_what_went_well_or_holds_a_secret_is_not_kept(tmp_path: Path) -> None:
    well = turn("1", "light", LIT, Acted("1", 0, Done("1"), 1.0))
    secret = turn("2", "my password is swordfish77", NOT_UNDERSTOOD)
    leave = turn("4", "unlock it", Plan(Question("Shall I?", (LAMP,)), "en", "grammar", 1.0))
    ended: list[Event] = [Heard("3", 0, Utterance("oh"), 1.0), Ended("3", 0, "cancelled")]
    assert noted(tmp_path, [*well, *secret, *leave, *ended]) == []
    assert not list(tmp_path.iterdir())


def test_nobody_reads_them_in_the_files(tmp_path: Path) -> None:
    noted(tmp_path, turn("1", "the zebra wants tea", NOT_UNDERSTOOD))
    files = [path for path in (tmp_path / "cases").iterdir() if path.is_file()]
    assert len(files) >= 2
    for path in files:
        assert b"zebra" not in path.read_bytes()
        if path.suffix in (".db", ".key"):
            assert path.stat().st_mode & 0o077 == 0


def test_the_oldest_go_first(tmp_path: Path) -> None:
    cases = Cases(tmp_path, most=3)
    for number in range(5):
        cases.keep(replace(CASE, said=str(number)))
    assert [each.case.said for each in cases.all()] == ["2", "3", "4"]


def test_they_are_judged_and_erased_by_their_numbers(tmp_path: Path) -> None:
    cases = Cases(tmp_path, most=10)
    asked = replace(CASE, answers=(Reached("device", "Dust", 0.3), Reached("cloud", "Light", 0.9)))
    first, second = cases.keep(asked), cases.keep(CASE)
    cases.judge(first, "big")
    with pytest.raises(UserError, match="no model"):
        cases.judge(second, "same")
    with pytest.raises(UserError, match="no case 99"):
        cases.judge(99, "same")
    assert judged(each.case for each in cases.all()) == [Row("en", 0.3, 0.0, 1.0, "device")]
    assert cases.erase([second, 99]) == 1
    assert [each.number for each in cases.all()] == [first]
    assert cases.erase() == 1
    assert cases.all() == ()


def test_what_is_erased_is_gone_from_the_file(tmp_path: Path) -> None:
    cases = Cases(tmp_path, most=10)
    number = cases.keep(CASE)
    (token,) = cases._file().connection.execute("SELECT token FROM hard").fetchone()
    cases.erase([number])
    cases.close()
    for path in (tmp_path / "cases").iterdir():
        assert token[20:60] not in path.read_bytes()


def test_several_may_begin_at_once(tmp_path: Path) -> None:
    begin = threading.Barrier(4)

    def keep() -> None:
        cases = Cases(tmp_path, most=10)
        begin.wait(timeout=30)
        cases.keep(CASE)
        cases.close()

    workers = [threading.Thread(target=keep) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert [each.case for each in Cases(tmp_path, most=10).all()] == [CASE] * 4


def test_without_its_key_nothing_can_be_read_and_it_is_said(tmp_path: Path) -> None:
    cases = Cases(tmp_path, most=10)
    cases.keep(CASE)
    (tmp_path / "cases" / "cases.key").unlink()
    with pytest.raises(StateError, match="cannot be read"):
        Cases(tmp_path, most=10).all()
