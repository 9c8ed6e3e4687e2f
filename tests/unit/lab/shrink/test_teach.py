"""A larger model answers with reasons, over a real connection."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from steward.cli import app
from steward.errors import PeerError, UserError
from steward.lab.shrink.lessons import Example, read_examples
from steward.lab.shrink.teach import read

ASKED: list[dict[str, object]] = []
KEYS: list[str | None] = []


class Teacher(BaseHTTPRequestHandler):
    """Answers as it was asked to, but to what holds "odd"."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer one question."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        ASKED.append(request)
        KEYS.append(self.headers.get("Authorization"))
        task, question = (message["content"] for message in request["messages"])
        said = (
            "Reason: it is known.\nAnswer: yes"
            if "Reason" in task
            else "理由：大家知道。\n答案：是"
        )
        if "odd" in question:
            said = "I would rather not."
        chunk = {"choices": [{"delta": {"content": said}}]}
        body = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def url() -> Iterator[str]:
    """A server with a larger model."""
    ASKED.clear()
    KEYS.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Teacher)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def run(*words: str) -> None:
    """Run the command."""
    found = CliRunner().invoke(app, ["teach", *words])
    if found.exception is not None:
        raise found.exception


def test_questions_are_answered_once_and_an_interrupted_run_goes_on(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEWARD_TEACHER_KEY", "secret")
    asked, out = tmp_path / "questions.txt", tmp_path / "why.jsonl"
    asked.write_text("is it hot?\n\n热吗\nhow odd?\nis it hot?\n", encoding="utf-8")
    whole = json.dumps({"question": "is it hot?", "answer": "no", "reason": "it is winter"}) + "\n"
    out.write_text(whole + '{"question": "热', encoding="utf-8")
    run(str(asked), "--url", url, "--out", str(out), "--name", "large")
    assert read_examples(out) == (
        Example("is it hot?", "no", "it is winter"),
        Example("热吗", "是", "大家知道。"),
    )
    assert len(ASKED) == 2
    assert set(KEYS) == {"Bearer secret"}


def test_an_answer_without_a_reason_is_no_example() -> None:
    assert read("q", "Answer: yes") is None
    assert read("q", "Reason: \nAnswer: ") is None
    assert read("q", "**Reason:** so.\n**Answer:** yes") == Example("q", "yes", "so.")


def test_no_server_no_questions_and_a_foreign_file_are_told(tmp_path: Path) -> None:
    asked, out = tmp_path / "questions.txt", tmp_path / "why.jsonl"
    asked.write_text("a\n")
    with pytest.raises(PeerError):
        run(str(asked), "--url", "http://127.0.0.1:1/v1", "--out", str(out))
    out.write_text("something else\n")
    with pytest.raises(UserError, match="no examples"):
        run(str(asked), "--url", "http://127.0.0.1:1/v1", "--out", str(out))
    asked.write_text("\n")
    with pytest.raises(UserError, match="no questions"):
        run(str(asked), "--url", "http://127.0.0.1:1/v1", "--out", str(out))
    with pytest.raises(UserError, match="cannot read"):
        run(str(tmp_path / "none.txt"), "--url", "http://127.0.0.1:1/v1", "--out", str(out))
