"""The log of what left, byte for byte."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from steward.audit import Audit
from steward.events import Asked, Asking, Ended, Heard
from steward.outgoing import MAX_ENTRIES
from steward.types import Origin, Utterance

BODY = '{"messages": [{"role": "user", "content": "为什么天空是蓝色的？"}]}'.encode()


def test_what_left_is_kept_byte_for_byte_with_what_came_of_it(tmp_path: Path) -> None:
    with closing(Audit(tmp_path, 90)) as log:
        log.note(Heard("t", 1.0, Utterance("why is the sky blue?"), 1.0, Origin("page", "phone")))
        log.note(Asking("t", time.time(), "here", b""))
        log.note(Asking("t", time.time(), "cloud", BODY))
        (left,) = log.sent.search("t")
        assert (left.body, left.ms, left.who) == (BODY, None, "phone")
        log.note(Asked("t", time.time(), "cloud", 12.5, "", 30, 9, 0.002))
        log.note(Asking("t", time.time(), "second", b"{}"))
        log.note(Asked("t", time.time(), "second", 3.0, "it is down"))
        log.note(Ended("t", time.time(), "done"))
    with closing(Audit(tmp_path, 90)) as later:
        second, first = later.sent.search()
        assert (first.body, first.ms, first.tokens_in, first.money) == (BODY, 12.5, 30, 0.002)
        assert (second.failure, second.tier) == ("it is down", "second")
        assert later.sent.search("another") == ()
        assert later.sent.search(before=second.id) == (first,)
    assert (tmp_path / "sent.db").stat().st_mode & 0o777 == 0o600


def test_it_is_kept_as_long_as_the_audit_log_and_bounded(tmp_path: Path) -> None:
    now = [1_000_000.0]
    with closing(Audit(tmp_path, 2, lambda: now[0])) as log:
        log.note(Asking("old", now[0], "cloud", b"{}"))
        now[0] += 3 * 86_400
        assert log.sent.search() == ()
        for number in range(MAX_ENTRIES + 3):
            log.note(Asking(str(number), now[0], "cloud", b"{}"))
        assert len(log.sent.search(limit=MAX_ENTRIES + 3)) == MAX_ENTRIES


def test_where_nothing_leaves_there_is_no_file(tmp_path: Path) -> None:
    with closing(Audit(tmp_path, 90)) as log:
        log.note(Asking("t", time.time(), "here", b""))
    assert not (tmp_path / "sent.db").exists()
