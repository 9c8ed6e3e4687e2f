"""POST /v1/audio/transcriptions and /v1/audio/speech: the butler's ears and voices."""

from __future__ import annotations

import asyncio
import io
import tempfile
from contextlib import aclosing
from pathlib import Path

import numpy as np
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from steward.errors import AudioError, StewardError, UserError
from steward.serve.body import read_body
from steward.serve.endpoint import parse
from steward.serve.engines import Engines
from steward.serve.openai.answers import Transcription
from steward.serve.openai.chat import json_of
from steward.serve.openai.errors import refused
from steward.serve.openai.names import HEARS, SPEAKS, VOICE, Names, no_such_model
from steward.serve.openai.shapes import Speak, Transcribe
from steward.types import AudioChunk

MAX_UPLOAD = 25 * 1024 * 1024
"""Bytes of a sound file, as with OpenAI."""
UPLOAD_SECONDS = 60.0
PCM_RATE = 24_000
"""Samples a second of the format `pcm`, as with OpenAI."""
_KINDS = {
    "mp3": ("MP3", "MPEG_LAYER_III", "audio/mpeg"),
    "opus": ("OGG", "OPUS", "audio/ogg"),
    "flac": ("FLAC", "PCM_16", "audio/flac"),
    "wav": ("WAV", "PCM_16", "audio/wav"),
}
_OPUS_RATE = 24_000
_HAN = range(0x4E00, 0xA000)


class Sounds:
    """Hears and speaks for other programs."""

    def __init__(self, engines: Engines, names: Names) -> None:
        self._engines = engines
        self._names = names

    async def transcribe(self, request: Request) -> Response:
        """Write down what is said in a sound file, in the language that is spoken.

        `file` is any sound that libsndfile reads (WAV, FLAC, OGG, MP3), of at most five minutes.
        """
        try:
            asked = await _upload(request)
            if asked.model not in (self._names.recognizer, HEARS):
                raise no_such_model(asked.model)
            sound = await asyncio.to_thread(_decode, asked.file)
            recognizer = await self._engines.recognizer.get()
            heard = await recognizer.recognize(sound, asked.language)
        except StewardError as error:
            return refused(error)
        if asked.response_format == "text":
            return PlainTextResponse(f"{heard.text}\n")
        said = Transcription(text=heard.text)
        if asked.response_format == "verbose_json":
            more = {"task": "transcribe", "language": heard.language, "duration": sound.seconds}
            said = said.model_copy(update=more)
        return json_of(said)

    async def speak(self, request: Request) -> Response:
        """Say a text, in the voice that there is for its language."""
        try:
            asked = parse(Speak, await read_body(request, 65_536, 10.0))
            if asked.model not in (VOICE, SPEAKS):
                raise no_such_model(asked.model)
            language = "zh" if any(ord(letter) in _HAN for letter in asked.input) else "en"
            async with aclosing(self._engines.voice.speak(asked.input, language)) as sounds:
                pieces = [sound async for sound in sounds]
            if not pieces:
                raise UserError("there is nothing to say", hint="send a text with words")
            return await asyncio.to_thread(_encoded, pieces, asked.response_format)
        except StewardError as error:
            return refused(error)


async def _upload(request: Request) -> Transcribe:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or len(length) > 12 or int(length) > MAX_UPLOAD:
        raise UserError(
            f"the upload is longer than {MAX_UPLOAD // 1024**2} MB, or does not say how long",
            hint="send a shorter or compressed sound, with Content-Length",
        )
    try:
        async with (
            asyncio.timeout(UPLOAD_SECONDS),
            request.form(max_files=1, max_fields=16) as form,
        ):
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise UserError("there is no file", hint="send multipart/form-data with a `file`")
            return parse(Transcribe, {**fields, "file": await file.read()})
    except TimeoutError as error:
        raise UserError("the upload did not arrive in time", hint="send it again") from error
    except (HTTPException, ClientDisconnect) as error:
        raise UserError(
            "the upload is no multipart/form-data, or cut off", hint="send it again"
        ) from error


def _decode(data: bytes) -> AudioChunk:
    # Lazy: reading sound takes a fifth of a second at start.
    from steward.audio.files import read_audio

    with tempfile.NamedTemporaryFile(prefix="steward-") as file:
        file.write(data)
        file.flush()
        try:
            return read_audio(Path(file.name))
        except AudioError as error:
            # Where it lies on this machine is nobody's business.
            message = error.message.replace(file.name, "the file")
            raise AudioError(message, hint=error.hint) from error


def _encoded(pieces: list[AudioChunk], kind: str) -> Response:
    import soundfile

    from steward.audio.pcm import join, resample

    sound = join(pieces)
    if kind == "pcm":
        return Response(resample(sound, PCM_RATE).pcm, media_type="audio/pcm")
    if kind == "opus":
        sound = resample(sound, _OPUS_RATE)
    container, coding, media = _KINDS[kind]
    out = io.BytesIO()
    samples = np.frombuffer(sound.pcm, "<i2")
    soundfile.write(out, samples, sound.rate, format=container, subtype=coding)
    return Response(out.getvalue(), media_type=media)
