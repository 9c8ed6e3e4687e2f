"""The words of the page's WebSocket.

From the page, as JSON text (binary messages are sound, see below):

    {"type": "say", "text": …, "turn"?, "language"?, "aloud"?}   run a turn on typed words
    {"type": "audio_start", "rate": …, "held"?, "wake"?, "triggered"?, "turn"?, "aloud"?}
                                                                 the microphone opens …
    (binary: PCM, signed 16-bit little-endian, mono, at `rate`)   … hears …
    {"type": "audio_end"}                                        … and closes
    {"type": "cancel"}                                           stop the turn, close the microphone
    {"type": "tap", "ref": …, "capability": …, "arguments": {}}  carry out one call

To the page, as JSON text: every Event of the page's own turns, and of all others StateChanged,
TimerFinished and Brought, told apart by `kind`; `{"kind": "world", "world": …}` once at the start;
`{"kind": "tapped", "ref": …, "outcome": …}`; and `{"kind": "refused", "message": …, "hint": …,
"turn": … or null, "ref": … or null}` for what cannot be done. A `Spoke`, of the page's own turns or
of an announcement, is binary: the length of a JSON header as an unsigned 32-bit little-endian
number, the header `{"kind": "spoke", "turn", "time", "ms", "rate", "mouth"}`, then PCM as above;
`mouth` lists the shapes of a mouth that says it: [[seconds, shape], …].
"""

from __future__ import annotations

import json
import struct
import uuid
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import to_json

from steward.errors import UserError
from steward.events import Event, Spoke
from steward.types import Outcome, World

MAX_TEXT_BYTES = 64 * 1024
MAX_WORDS = 10_000
MAX_AUDIO_SECONDS = 60.0

TurnId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Ref = Annotated[int, Field(ge=0, le=2**53)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Say(_Message):
    """Run a turn on `text`. `aloud` asks for the reply's sound; `language` fixes the language.

    `conversation` is for `/api/ask`, where "it" and "yes" lean on the turns of the same one; a page
    has one of its own. There a `turn` that is sent again is not carried out twice.
    """

    type: Literal["say"] = "say"
    text: str
    turn: TurnId = Field(default_factory=lambda: uuid.uuid4().hex)
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    aloud: bool = False
    conversation: TurnId = Field(default_factory=lambda: uuid.uuid4().hex)


class AudioStart(_Message):
    """The microphone opens, at `rate` samples a second; the binary messages after it are its sound.

    While it is `held` all of it is one turn. Else a turn ends when whoever spoke is done, and what
    is said after that, also over the reply, is the next; these turns get names of their own. With
    `wake` a turn begins with each wake word (`Woken`), and nothing else that is said is one. A
    device that opens it because of something (a button, a motion, an arm raised) says that it was
    `triggered`: the word is waited for during five seconds of sound, after each turn anew, and then
    the microphone is closed.
    """

    type: Literal["audio_start"]
    rate: Annotated[int, Field(ge=8000, le=96000)]
    held: bool = True
    wake: bool = False
    triggered: bool = False
    turn: TurnId = Field(default_factory=lambda: uuid.uuid4().hex)
    aloud: bool = True

    @model_validator(mode="after")
    def _not_both(self) -> AudioStart:
        if self.held and self.wake:
            raise ValueError("a button is held, or a wake word waited for")
        if self.triggered and not self.wake:
            raise ValueError("what is triggered waits for a wake word")
        return self


class AudioEnd(_Message):
    """The microphone closes; what was said until then is still heard."""

    type: Literal["audio_end"]


class Cancel(_Message):
    """Stop the turn that is running and those that wait, and close the microphone."""

    type: Literal["cancel"]


class Tap(_Message):
    """Carry out one call of the home; the answer carries the same `ref`."""

    type: Literal["tap"]
    capability: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}\.[a-z0-9_]{1,64}$")]
    arguments: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    ref: Ref = 0


ClientMessage = Annotated[Say | AudioStart | AudioEnd | Cancel | Tap, Field(discriminator="type")]
_CLIENT: TypeAdapter[Say | AudioStart | AudioEnd | Cancel | Tap] = TypeAdapter(ClientMessage)


def read(text: str) -> Say | AudioStart | AudioEnd | Cancel | Tap:
    """Read one JSON message of the page.

    Raises:
        UserError: it is too long, no JSON, or none of the messages above.
    """
    # A limit in bytes first: nothing of an oversized message is parsed.
    if len(text) > MAX_TEXT_BYTES or _size(text) > MAX_TEXT_BYTES:
        raise _too_long()
    try:
        message = _CLIENT.validate_json(text)
    except ValidationError as error:
        raise _not_understood(error) from error
    if isinstance(message, Say):
        _check_words(message)
    return message


def read_say(body: bytes) -> Say:
    """Read the body of a request that asks something.

    Raises:
        UserError: it is too long, no JSON, or not a `Say`.
    """
    if len(body) > MAX_TEXT_BYTES:
        raise _too_long()
    try:
        message = Say.model_validate_json(body)
    except ValidationError as error:
        raise _not_understood(error) from error
    _check_words(message)
    return message


def event_message(event: Event) -> str | bytes:
    """Return what goes over the wire for `event`."""
    if not isinstance(event, Spoke):
        return to_json(event, inf_nan_mode="null").decode()
    header = {"kind": event.kind, "turn": event.turn, "time": event.time, "ms": event.ms}
    head = json.dumps(header | {"rate": event.audio.rate, "mouth": event.audio.mouth}).encode()
    return struct.pack("<I", len(head)) + head + event.audio.pcm


def world_message(world: World) -> str:
    """Return the message that shows the whole home."""
    return to_json({"kind": "world", "world": world}, inf_nan_mode="null").decode()


def tapped_message(ref: int, outcome: Outcome) -> str:
    """Return the answer to a tap."""
    return to_json({"kind": "tapped", "ref": ref, "outcome": outcome}).decode()


def refused_message(
    message: str, hint: str, *, turn: str | None = None, ref: int | None = None
) -> str:
    """Return the message that says what cannot be done, why, and what to do about it."""
    refusal = {"kind": "refused", "message": message, "hint": hint, "turn": turn, "ref": ref}
    return json.dumps(refusal)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _check_words(message: Say) -> None:
    if len(message.text.split()) > MAX_WORDS:
        raise _too_long()


def _not_understood(error: ValidationError) -> UserError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the message"
    return UserError(
        f"message not understood: {where}: {first['msg']}",
        hint="the messages are listed in steward/serve/messages.py",
    )


def _too_long() -> UserError:
    return UserError(
        f"the text is longer than {MAX_WORDS} words or {MAX_TEXT_BYTES // 1024} KB",
        hint="say it in several shorter sentences",
    )
