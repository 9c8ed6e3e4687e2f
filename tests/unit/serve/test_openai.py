"""The API of OpenAI, asked by OpenAI's own client."""

from __future__ import annotations

import io
import json
import math
import time
import wave
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI

from steward.audit import Audit
from steward.config import Paths
from steward.errors import StateError
from steward.events import Heard, Planned
from steward.models.scripted import Scripted
from steward.serve.openai.names import EMBEDS
from steward.serve.openai.steward import digest
from steward.serve.tokens import Scope, opened
from steward.thinking import Token
from steward.types import AudioChunk, Call, Calls, Meaning, Origin, Plan, Utterance

MODEL = "smollm2-135m-instruct"
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@pytest.fixture
async def ai(address: str, paths: Paths) -> AsyncIterator[AsyncOpenAI]:
    with opened(paths.state) as tokens:
        token = tokens.create("notebook", Scope.TALK)
    async with AsyncOpenAI(
        api_key=token,
        base_url=f"{address}v1",
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(trust_env=False),
    ) as client:
        yield client


def said(text: str) -> Any:
    return [{"role": "user", "content": text}]


async def test_the_models_are_listed(ai: AsyncOpenAI) -> None:
    names = [model.id async for model in ai.models.list()]
    assert names[:4] == ["steward", MODEL, "big", "whisper-base"]
    assert (await ai.models.retrieve("steward")).id == "steward"
    with pytest.raises(openai.NotFoundError) as caught:
        await ai.models.retrieve("gpt-9")
    assert caught.value.code == "model_not_found"


async def test_steward_is_the_butler(ai: AsyncOpenAI, butler: Any) -> None:
    answer = await ai.chat.completions.create(model="steward", messages=said("light on"))
    assert answer.choices[0].message.content == "echo: light on"
    assert answer.choices[0].finish_reason == "stop"
    assert butler.heard == [Utterance("light on")]
    assert butler.origins == [Origin("openai", "notebook")]


async def test_a_chat_is_one_conversation_and_another_is_not(ai: AsyncOpenAI, butler: Any) -> None:
    chat = said("unlock the door")
    for text in ("yes", "and lock it again"):
        answer = await ai.chat.completions.create(model="steward", messages=chat)
        chat += [{"role": "assistant", "content": answer.choices[0].message.content}, *said(text)]
    await ai.chat.completions.create(
        model="steward", messages=[{"role": "system", "content": "Be brief."}, *chat]
    )
    await ai.chat.completions.create(model="steward", messages=said("unlock the door"))
    first, second, third, other = butler.conversations
    assert first == second == third != other


async def test_steward_in_a_stream(ai: AsyncOpenAI) -> None:
    stream = await ai.chat.completions.create(model="steward", messages=said("hi"), stream=True)
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "echo: hi"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert len({chunk.id for chunk in chunks}) == 1


async def test_further_models_are_asked_by_their_names(ai: AsyncOpenAI) -> None:
    answer = await ai.chat.completions.create(model="big", messages=said("hello"))
    assert answer.choices[0].message.content == "I am the big one"
    response = await ai.responses.create(model="big", input="hello")
    assert response.output_text == "I am the big one"


async def test_adapters_are_switched_on_by_the_request(ai: AsyncOpenAI, butler: Any) -> None:
    chosen = {"adapters": {"formal": 1, "brief": 0.5}}
    await ai.chat.completions.create(model=MODEL, messages=said("hello"), extra_body=chosen)
    _, options = butler.scripted.says.asked[0]
    assert options.adapters == (("brief", 0.5), ("formal", 1.0))
    with pytest.raises(openai.BadRequestError, match="adapters"):
        wrong = {"adapters": {"formal": 99}}
        await ai.chat.completions.create(model=MODEL, messages=said("hello"), extra_body=wrong)


async def test_other_models_are_asked_as_they_are(ai: AsyncOpenAI, butler: Any) -> None:
    messages: Any = [{"role": "developer", "content": "Be kind."}, *said("hello")]
    answer = await ai.chat.completions.create(model=MODEL, messages=messages, temperature=0.5)
    assert answer.choices[0].message.content == "It is a fine day"
    short = await ai.chat.completions.create(model=MODEL, messages=messages, max_tokens=2)
    assert short.choices[0].message.content == "It is"
    assert short.choices[0].finish_reason == "length"
    stream = await ai.chat.completions.create(model=MODEL, messages=messages, stream=True)
    pieces = [chunk.choices[0].delta.content async for chunk in stream]
    assert [piece for piece in pieces if piece] == ["It", " is", " a", " fine", " day"]
    asked, options = butler.scripted.says.asked[0]
    assert [message.role for message in asked] == ["system", "user"]
    assert options.temperature == 0.5
    assert butler.heard == []


async def test_a_json_schema_becomes_a_grammar(ai: AsyncOpenAI, butler: Any) -> None:
    form: Any = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON}}
    await ai.chat.completions.create(model=MODEL, messages=said("who?"), response_format=form)
    _, options = butler.scripted.says.asked[0]
    assert "age" in options.grammar
    for bad in ({"$ref": "https://elsewhere/x"}, {"minLength": 10**9}, {"type": "wibble"}):
        form["json_schema"]["schema"] = bad
        with pytest.raises(openai.BadRequestError, match="schema"):
            await ai.chat.completions.create(
                model=MODEL, messages=said("who?"), response_format=form
            )


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_tool_is_called(ai: AsyncOpenAI, butler: Any, streamed: bool) -> None:
    call = '{"name": "weather", "arguments": {"city": "Bath"}}'
    butler.scripted.says = Scripted(lambda *_: [Token(call[:20], -0.1), Token(call[20:], -0.1)])
    create = ai.chat.completions.create
    if streamed:
        stream = await create(model=MODEL, messages=said("?"), tools=[WEATHER], stream=True)
        chunks = [chunk async for chunk in stream]
        called: Any = next(c.choices[0].delta.tool_calls for c in chunks if _calls(c))
        finish = chunks[-1].choices[0].finish_reason
    else:
        answer = await create(model=MODEL, messages=said("?"), tools=[WEATHER])
        called, finish = answer.choices[0].message.tool_calls, answer.choices[0].finish_reason
    assert finish == "tool_calls"
    assert called[0].function.name == "weather"
    assert json.loads(called[0].function.arguments) == {"city": "Bath"}
    messages, options = butler.scripted.says.asked[0]
    assert "Tells the weather" in messages[0].content
    assert "start: call | WORDS" in options.grammar


def _calls(chunk: Any) -> bool:
    return bool(chunk.choices[0].delta.tool_calls)


async def test_words_may_be_said_in_the_place_of_a_call(ai: AsyncOpenAI) -> None:
    answer = await ai.chat.completions.create(model=MODEL, messages=said("?"), tools=[WEATHER])
    assert answer.choices[0].message.content == "It is a fine day"
    assert answer.choices[0].finish_reason == "stop"


async def test_the_result_of_a_tool_is_read(ai: AsyncOpenAI, butler: Any) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    messages: Any = [
        *said("?"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "rain"},
    ]
    await ai.chat.completions.create(model=MODEL, messages=messages)
    asked, _ = butler.scripted.says.asked[0]
    assert [message.role for message in asked] == ["user", "assistant", "user"]
    assert "rain" in asked[-1].content


async def test_responses_go_on_from_one_another(ai: AsyncOpenAI, butler: Any) -> None:
    first = await ai.responses.create(model="steward", input="unlock the door")
    assert first.output_text == "echo: unlock the door"
    second = await ai.responses.create(model="steward", input="yes", previous_response_id=first.id)
    await ai.responses.create(model="steward", input="yes")
    one, two, three = butler.conversations
    assert one == two != three
    assert second.previous_response_id == first.id
    raw = await ai.responses.create(model=MODEL, input=said("hi"), instructions="Be kind.")
    assert raw.output_text == "It is a fine day"
    stream = await ai.responses.create(model="steward", input="hi", stream=True)
    kinds = [event.type async for event in stream]
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"


def wav(seconds: float) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 16000, 0, "NONE", ""))
        out.writeframes(b"\x10\x00" * int(16000 * seconds))
    return file.getvalue()


async def test_sound_is_written_down(ai: AsyncOpenAI) -> None:
    create: Any = ai.audio.transcriptions.create
    heard = await create(model="whisper-1", file=("in.wav", wav(1.5)))
    assert heard.text == "1.5 seconds"
    heard = await create(
        model="whisper-base", file=("in.wav", wav(2)), response_format="verbose_json", language="zh"
    )
    assert (heard.language, float(heard.duration)) == ("zh", 2.0)
    assert await create(model="whisper-1", file=wav(1), response_format="text") == "1.0 seconds\n"
    with pytest.raises(openai.BadRequestError) as caught:
        await create(model="whisper-1", file=("in.wav", b"no sound at all"))
    assert "the file is no sound file" in caught.value.message
    assert "/tmp" not in caught.value.message


@pytest.mark.parametrize(
    ("form", "begins"),
    [("wav", b"RIFF"), ("mp3", b"\xff"), ("flac", b"fLaC"), ("opus", b"OggS"), ("pcm", b"\x10\0")],
)
async def test_text_is_spoken(ai: AsyncOpenAI, butler: Any, form: Any, begins: bytes) -> None:
    answer = await ai.audio.speech.create(
        model="tts-1", voice="alloy", input="打开灯", response_format=form
    )
    assert answer.content.startswith(begins)
    assert butler.scripted.voice.language == "zh"


async def test_texts_have_directions(ai: AsyncOpenAI) -> None:
    texts = ["turn on the lamp", "打开台灯", "the stock market fell"]
    answer = await ai.embeddings.create(model=EMBEDS, input=texts)
    lamp, other, stocks = (item.embedding for item in answer.data)
    assert len(lamp) == 384
    assert math.isclose(sum(x * x for x in lamp), 1, abs_tol=1e-4)
    assert _near(lamp, other) > _near(lamp, stocks) + 0.05
    plain = await ai.embeddings.create(model=EMBEDS, input=texts[0], encoding_format="float")
    assert plain.data[0].embedding == pytest.approx(lamp, abs=1e-6)


def _near(one: list[float], two: list[float]) -> float:
    return sum(a * b for a, b in zip(one, two, strict=True))


async def test_missing_weights_are_named(ai: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steward.models.store.Store.missing", lambda *_: (EMBEDS,))
    with pytest.raises(openai.InternalServerError, match="steward setup --with"):
        await ai.embeddings.create(model=EMBEDS, input="x")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"model": "steward", "messages": []}', 400),
        (b'{"model": "steward", "messages": [{"role": "assistant", "content": "hi"}]}', 400),
        (b'{"model": "gpt-9", "messages": [{"role": "user", "content": "hi"}]}', 404),
        (
            b'{"model": "gpt-9", "messages": [{"role": "user", "content": "hi"}], "stream": true}',
            404,
        ),
        (b"x" * 1_100_000, 400),
    ],
)
async def test_refusals_are_of_openai_s_form(
    client: httpx.AsyncClient, butler: Any, body: bytes, status: int
) -> None:
    answer = await client.post("/v1/chat/completions", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert butler.heard == []


async def test_with_a_wrong_token_the_client_says_so(address: str) -> None:
    async with AsyncOpenAI(
        api_key="wrong",
        base_url=f"{address}v1",
        http_client=openai.DefaultAsyncHttpxClient(trust_env=False),
    ) as ai:
        with pytest.raises(openai.AuthenticationError, match="this token is not known"):
            await ai.models.list()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_failed_turn_is_an_error(ai: AsyncOpenAI, butler: Any, stream: Any) -> None:
    butler.failure = StateError("the disk is full", hint="free some space")
    with pytest.raises(openai.APIError, match="the disk is full"):
        await ai.chat.completions.create(model="steward", messages=said("hi"), stream=stream)


async def test_a_second_try_is_not_carried_out_again(
    ai: AsyncOpenAI, butler: Any, paths: Paths
) -> None:
    with closing(Audit(paths.state, 90)) as log:
        plan = Plan(Calls((Call("c1", "light.toggle", Meaning("x")),)), "en", "templates", 1.0)
        turn = f"{digest('notebook', [('user', 'toggle it')])}.abc"
        log.note(Heard(turn, 1.0, Utterance("x"), 1.0, Origin("openai", "notebook")))
        log.note(Planned(turn, time.time(), plan, 1.0))
    retry = {"x-stainless-retry-count": "1"}
    with pytest.raises(openai.ConflictError, match="not carried out again"):
        await ai.chat.completions.create(
            model="steward", messages=said("toggle it"), extra_headers=retry
        )
    assert butler.heard == []
    await ai.chat.completions.create(model="steward", messages=said("toggle it"))
    assert len(butler.heard) == 1


def test_pcm_has_the_rate_that_clients_expect() -> None:
    from steward.serve.openai.audio import PCM_RATE, _encoded

    sound = AudioChunk(b"\0\0" * 22050, 22050)
    assert len(_encoded([sound], "pcm").body) == 2 * PCM_RATE
