"""What the API of OpenAI answers."""

from __future__ import annotations

import time
import uuid
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from steward.serve.openai.shapes import CalledTool


def _now() -> int:
    return int(time.time())


class Answer(BaseModel):
    """Base of the answers below."""

    model_config = ConfigDict(frozen=True)


class Model(Answer):
    """One model that can be asked."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "steward"


class Models(Answer):
    """All models that can be asked."""

    object: Literal["list"] = "list"
    data: tuple[Model, ...]


class Said(Answer):
    """The assistant's message, or in a stream what is new of it."""

    role: Literal["assistant"] | None = "assistant"
    content: str | None = None
    tool_calls: tuple[CalledTool, ...] | None = None


Finish = Literal["stop", "length", "tool_calls"]


class Choice(Answer):
    """The one answer to a chat."""

    index: int = 0
    message: Said
    finish_reason: Finish


class Completion(Answer):
    """The answer to a chat."""

    id: str = Field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(default_factory=_now)
    model: str
    choices: tuple[Choice, ...]


class ChunkChoice(Answer):
    """What is new of the one answer."""

    index: int = 0
    delta: Said
    finish_reason: Finish | None = None


class Chunk(Answer):
    """A piece of the answer to a chat."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int = Field(default_factory=_now)
    model: str
    choices: tuple[ChunkChoice, ...]


class OutputText(Answer):
    """Text of a response."""

    type: Literal["output_text"] = "output_text"
    text: str
    annotations: tuple[str, ...] = ()


class OutputMessage(Answer):
    """The message of a response."""

    id: str = Field(default_factory=lambda: f"msg_{uuid.uuid4().hex}")
    type: Literal["message"] = "message"
    role: Literal["assistant"] = "assistant"
    status: Literal["completed"] = "completed"
    content: tuple[OutputText, ...]


class Responded(Answer):
    """A response."""

    id: str = Field(default_factory=lambda: f"resp_{uuid.uuid4().hex}")
    object: Literal["response"] = "response"
    created_at: int = Field(default_factory=_now)
    status: Literal["in_progress", "completed"] = "completed"
    model: str
    output: tuple[OutputMessage, ...] = ()
    previous_response_id: str | None = None
    parallel_tool_calls: bool = False
    tool_choice: Literal["none"] = "none"
    tools: tuple[str, ...] = ()


class Embedding(Answer):
    """The direction of one text; base64 holds the same numbers as little-endian 32-bit floats."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: tuple[float, ...] | str


class Embeddings(Answer):
    """The directions of the texts, in their order."""

    object: Literal["list"] = "list"
    model: str
    data: tuple[Embedding, ...]


class Transcription(Answer):
    """What was said; the last three are of `verbose_json`."""

    text: str
    task: Literal["transcribe"] | None = None
    language: str | None = None
    duration: float | None = None
