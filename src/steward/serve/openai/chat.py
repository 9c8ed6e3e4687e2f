"""POST /v1/chat/completions."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from steward.errors import StewardError, UserError
from steward.serve.body import read_body
from steward.serve.endpoint import parse
from steward.serve.engines import Engines
from steward.serve.openai.answers import Choice, Chunk, ChunkChoice, Completion, Finish, Said
from steward.serve.openai.errors import refused, shaped
from steward.serve.openai.names import STEWARD, Names, named
from steward.serve.openai.raw import called, pieces, tools_of
from steward.serve.openai.shapes import Chat
from steward.serve.openai.steward import Attempt, StewardModel, attempt_of, digest

MAX_BYTES = 1_048_576
BODY_SECONDS = 20.0


class Chats:
    """Answers chats: those with `steward` by the butler, others by the general model."""

    def __init__(self, steward: StewardModel, engines: Engines, names: Names) -> None:
        self._steward = steward
        self._engines = engines
        self._names = names

    async def complete(self, request: Request) -> Response:
        """Answer a chat; the model `steward` acts on the home, others only talk.

        With `stream`, as server-sent events. The butler has his own tools and answers in words.
        """
        try:
            chat = parse(Chat, await read_body(request, MAX_BYTES, BODY_SECONDS))
            asked = [(message.role, message.text) for message in chat.messages]
            attempt = attempt_of(request, asked)
            answer = self._answer(chat, attempt)
            # What cannot be right is refused before a stream begins.
            first = await anext(answer, "")
        except StewardError as error:
            return refused(error)
        whole = _from(first, answer)
        if chat.stream:
            return StreamingResponse(_stream(chat, whole), media_type="text/event-stream")
        try:
            async with aclosing(whole):
                text = [piece async for piece in whole]
        except StewardError as error:
            return refused(error)
        said, finish = _said(chat, text)
        completion = Completion(
            model=chat.model, choices=(Choice(message=said, finish_reason=finish),)
        )
        return json_of(completion)

    async def _answer(self, chat: Chat, attempt: Attempt) -> AsyncGenerator[str, None]:
        if chat.model == STEWARD:
            yield await self._ask(chat, attempt)
            return
        model = await named(chat.model, self._names, self._engines)
        async with aclosing(pieces(model, chat)) as answer:
            async for piece in answer:
                yield piece

    async def _ask(self, chat: Chat, attempt: Attempt) -> str:
        last = chat.messages[-1]
        if last.role != "user":
            raise UserError(
                "the last message is not the user's", hint="end the chat with what is asked"
            )
        if chat.response_format.type != "text":
            raise UserError(
                "the butler answers in words, not in JSON", hint="ask another of /v1/models"
            )
        # Instructions and what tools said are another program's words, and no conversation.
        turns = [(m.role, m.text) for m in chat.messages if m.role in ("user", "assistant")]
        who, known = attempt.who.who, self._steward.conversations
        conversation = known.of(digest(who, turns[:-1]))
        reply = await self._steward.answer(last.text, conversation, attempt)
        known.keep(digest(who, [*turns, ("assistant", reply)]), conversation)
        return reply


def json_of(answer: BaseModel) -> Response:
    """Return `answer` as JSON, without what it does not say."""
    return Response(answer.model_dump_json(exclude_none=True), media_type="application/json")


def event_of(data: BaseModel) -> str:
    """Return `data` as a server-sent event."""
    return f"data: {data.model_dump_json(exclude_none=True)}\n\n"


async def _from(first: str, rest: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


def _said(chat: Chat, text: list[str]) -> tuple[Said, Finish]:
    whole = "".join(text)
    if chat.model == STEWARD:
        return Said(content=whole), "stop"
    if (call := called(chat, whole)) is not None:
        return Said(tool_calls=(call,)), "tool_calls"
    return Said(content=whole), "length" if len(text) >= chat.most else "stop"


async def _stream(chat: Chat, answer: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    name, text = f"chatcmpl-{uuid.uuid4().hex}", list[str]()

    def chunk(said: Said, finish: Finish | None = None) -> str:
        choice = ChunkChoice(delta=said, finish_reason=finish)
        return event_of(Chunk(id=name, model=chat.model, choices=(choice,)))

    # Whether it is a call of a tool is known at its end.
    waits = chat.model != STEWARD and bool(tools_of(chat))
    yield chunk(Said(content=""))
    try:
        async with aclosing(answer):
            async for piece in answer:
                text.append(piece)
                if piece and not waits:
                    yield chunk(Said(role=None, content=piece))
    except StewardError as error:
        # The status has been sent: the error is the last event, as OpenAI's servers send it.
        yield f"data: {json.dumps(shaped(error)[1])}\n\n"
        return
    said, finish = _said(chat, text)
    if waits:
        yield chunk(said.model_copy(update={"role": None}))
    yield chunk(Said(role=None), finish)
    yield "data: [DONE]\n\n"
