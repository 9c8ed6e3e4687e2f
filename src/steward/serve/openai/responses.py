"""POST /v1/responses: what newer programs use in the place of chats; text only."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response as HttpResponse
from starlette.responses import StreamingResponse

from steward.errors import StewardError, UserError
from steward.serve.body import read_body
from steward.serve.endpoint import parse
from steward.serve.engines import Engines
from steward.serve.openai.answers import OutputMessage, OutputText, Responded
from steward.serve.openai.chat import BODY_SECONDS, MAX_BYTES, json_of
from steward.serve.openai.errors import refused
from steward.serve.openai.names import STEWARD, Names, named
from steward.serve.openai.raw import pieces
from steward.serve.openai.shapes import Chat, ChatMessage, Response
from steward.serve.openai.steward import Attempt, StewardModel, attempt_of, digest


class Responses:
    """Answers requests for a response, each of which may go on from an earlier one."""

    def __init__(self, steward: StewardModel, engines: Engines, names: Names) -> None:
        self._steward = steward
        self._engines = engines
        self._names = names

    async def respond(self, request: Request) -> HttpResponse:
        """Answer with text; `previous_response_id` goes on with a conversation with `steward`."""
        try:
            asked = parse(Response, await read_body(request, MAX_BYTES, BODY_SECONDS))
            attempt = attempt_of(request, asked.model_dump(mode="json"))
            earlier = digest(attempt.who.who, asked.previous_response_id or uuid.uuid4().hex)
            conversation = self._steward.conversations.of(earlier)
            text = await self._text(asked, conversation, attempt)
        except StewardError as error:
            return refused(error)
        said = OutputMessage(content=(OutputText(text=text),))
        made = Responded(
            model=asked.model, output=(said,), previous_response_id=asked.previous_response_id
        )
        self._steward.conversations.keep(digest(attempt.who.who, made.id), conversation)
        if asked.stream:
            return StreamingResponse(_stream(made, text), media_type="text/event-stream")
        return json_of(made)

    async def _text(self, asked: Response, conversation: str, attempt: Attempt) -> str:
        messages = (
            (ChatMessage(role="user", content=asked.input),)
            if isinstance(asked.input, str)
            else asked.input
        )
        if asked.model == STEWARD:
            if messages[-1].role != "user":
                raise UserError("the last of `input` is not the user's", hint="end with a question")
            return await self._steward.answer(messages[-1].text, conversation, attempt)
        model = await named(asked.model, self._names, self._engines)
        if asked.instructions:
            messages = (ChatMessage(role="system", content=asked.instructions), *messages)
        chat = Chat(
            model=asked.model,
            messages=messages,
            max_tokens=asked.max_output_tokens,
            temperature=asked.temperature,
        )
        return "".join([piece async for piece in pieces(model, chat)])


async def _stream(made: Responded, text: str) -> AsyncGenerator[bytes, None]:
    item = made.output[0]
    begun = made.model_copy(update={"status": "in_progress", "output": ()})
    where = {"item_id": item.id, "output_index": 0, "content_index": 0}
    steps: list[tuple[str, dict[str, object]]] = [
        ("response.created", {"response": begun}),
        ("response.output_text.delta", {**where, "delta": text, "logprobs": []}),
        ("response.output_text.done", {**where, "text": text, "logprobs": []}),
        ("response.completed", {"response": made}),
    ]
    for number, (kind, body) in enumerate(steps):
        data = to_json({"type": kind, "sequence_number": number, **body})
        yield b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
