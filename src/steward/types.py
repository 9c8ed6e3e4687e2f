"""The vocabulary of Steward: frozen values and the Protocols between its parts.

The data flows one way, and every arrow emits an Event (`steward.events`):

    AudioChunk -> Utterance -> Plan -> Outcome(s) -> Reply -> AudioChunk
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias, runtime_checkable

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""Any value that JSON can hold."""


Mouth: TypeAlias = tuple[tuple[float, str], ...]
"""The shapes of a mouth (`speech/visemes.py`), each from so many seconds on."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Mono sound from `time` seconds on: signed 16-bit little-endian `pcm`, `rate` samples/s.

    `mouth` is how a mouth would move to it, where a voice of ours made it.
    """

    pcm: bytes
    rate: int
    time: float = 0.0
    mouth: Mouth = ()

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / 2 / self.rate


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose voice it was: one of the people who are known, or with no `name` a guest.

    `score` is how likely, 0 to 1, the voice is that of the known person whom it resembles most,
    were it as often a stranger's; 0 where that was not looked into.
    """

    name: str | None
    score: float


GUEST = Speaker(None, 0.0)
"""A voice that is not compared with anybody's."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody said or typed. None stands for what nobody knows.

    `language` is a primary language subtag ("en", "zh"), `confidence` the recogniser's, 0 to 1, and
    1 for typed text, `speaker` whose voice it was, None for typed text, `area` the id of the area
    that "here" means, `at` when it was said, in the home's own time. `words` are those that were
    heard, in Chinese its characters, each with how likely the recogniser found it, 0 to 1.
    """

    text: str
    language: str | None = None
    confidence: float = 1.0
    speaker: Speaker | None = None
    area: str | None = None
    at: datetime | None = None
    words: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was asked: through which `door` ("page", "cli", "openai", "microphone", …)
    and `who` asked there, a token's name or a peer's address. Both are empty where nobody asked.
    """

    door: str = ""
    who: str = ""


UNASKED = Origin()
"""What this program does by itself."""


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey. `aliases` are other names for it, in any language."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A room or another part of the home, on at most one floor (`floor` is a floor's id)."""

    id: str
    name: str
    floor: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that has a state, in Home Assistant's terms: `id` is "domain.object".

    `area` is an area's id. `attributes` use Home Assistant's names and
    ranges: brightness 0-255, current_position 0-100, volume_level 0-1, percentage 0-100.
    """

    id: str
    name: str
    state: str
    area: str | None = None
    aliases: tuple[str, ...] = ()
    unit: str | None = None
    attributes: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def domain(self) -> str:
        """The part of the id before the dot: "light", "cover", …"""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class World:
    """One consistent snapshot of the home.

    `as_of` is when it, or the oldest part of it, was last known to be so, with a zone; None: now.
    """

    floors: tuple[Floor, ...] = ()
    areas: tuple[Area, ...] = ()
    entities: tuple[Entity, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    """What the owner means by a `phrase` of his own, which he taught in `language`.

    `meaning` is for a "name" the id of a floor, an area or an entity, for a "routine" the sentence
    that is carried out when the phrase is said.
    """

    phrase: str
    language: str
    kind: Literal["name", "routine"]
    meaning: str


class Risk(StrEnum):
    """How much harm a capability can do when it is called by mistake."""

    READ = "read"
    ACT = "act"
    GUARDED = "guarded"


@dataclass(frozen=True, slots=True)
class Capability:
    """Something a Call may ask for: `name` ("light.turn_on"), its arguments as JSON schema."""

    name: str
    schema: Mapping[str, Json] = field(default_factory=dict[str, Json])
    risk: Risk = Risk.ACT


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a Call is for, in the words of the request; the reply is made from it.

    `intent` is a Home Assistant intent ("HassTurnOn") or one of ours, `response` the key of the
    answer's form, `slots` the words of the request by slot name ("area": "kitchen").
    """

    intent: str
    response: str = "default"
    slots: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a capability. `needs` names the ids of Calls that must be done before it.

    To the home, `arguments["entity_id"]` lists entity ids; the rest is Home Assistant's data.
    """

    id: str
    capability: str
    meaning: Meaning
    arguments: Mapping[str, Json] = field(default_factory=dict[str, Json])
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """A plan that acts: a directed acyclic graph of Calls, in an order that satisfies it."""

    calls: tuple[Call, ...]
    kind: Literal["calls"] = "calls"


@dataclass(frozen=True, slots=True)
class Question:
    """A plan that asks back: `text`, in the user's language.

    `calls` are what a "yes" carries out; there are none when that is not what is asked.
    """

    text: str
    calls: tuple[Call, ...] = ()
    kind: Literal["question"] = "question"


@dataclass(frozen=True, slots=True)
class Words:
    """A plan that only talks."""

    text: str
    kind: Literal["words"] = "words"


class Gap(StrEnum):
    """Why a sentence did not become a plan."""

    NOT_UNDERSTOOD = "not_understood"
    NO_SUCH_AREA = "no_such_area"
    NO_SUCH_DEVICE = "no_such_device"
    AMBIGUOUS = "ambiguous"
    UNSUPPORTED = "unsupported"
    NOTHING_HEARD = "nothing_heard"


@dataclass(frozen=True, slots=True)
class Unknown:
    """No plan: `gap` says what was missing, `about` the words that it concerns ("attic")."""

    gap: Gap = Gap.NOT_UNDERSTOOD
    about: str = ""
    kind: Literal["unknown"] = "unknown"


@dataclass(frozen=True, slots=True)
class Plan:
    """A stage's answer to an Utterance, with a calibrated `confidence` of 0 to 1."""

    body: Calls | Question | Words | Unknown
    language: str
    stage: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Done:
    """A Call that was carried out, with what it gave back."""

    call: str
    value: Json = None
    kind: Literal["done"] = "done"


Reason: TypeAlias = Literal[
    "unavailable", "unsupported", "invalid", "not_found", "skipped", "unconfirmed", "error"
]


@dataclass(frozen=True, slots=True)
class Failed:
    """A Call that was not carried out. `reason` is a code, `message` prose.

    Nothing changed, but for "unconfirmed": it was sent, and nothing shows that it was done.
    """

    call: str
    reason: Reason
    message: str
    kind: Literal["failed"] = "failed"


Outcome: TypeAlias = Done | Failed


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say, in `language`, and the ids of the entities to show with it."""

    text: str
    language: str
    show: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn that is over: what was said, what it was taken for, what became of it.

    `before` are the entities that its Calls named or changed, as they were before it, `time` is
    when it was over, in seconds of a clock that never goes back.
    """

    utterance: Utterance
    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    before: tuple[Entity, ...] = ()
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Context:
    """What a sentence may lean on: the last turns of its conversation, the oldest first.

    `pending` are the Calls that the last turn asked leave for, as long as a "yes" still counts.
    `conversation` and `turn` are the names of both, where there are any.
    """

    exchanges: tuple[Exchange, ...] = ()
    pending: tuple[Call, ...] = ()
    conversation: str = ""
    turn: str = ""


@runtime_checkable
class Recognizer(Protocol):
    """Turns sound into words."""

    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        """Return what was said in `audio`, empty when nothing was; without `language` in any.

        A `draft` is quick and may be wrong.
        """


@runtime_checkable
class Voice(Protocol):
    """Turns words into sound."""

    @property
    def languages(self) -> frozenset[str]:
        """The primary language subtags that this voice speaks."""

    def speak(self, text: str, language: str) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound of `text` piece by piece, the first as early as can be."""


@runtime_checkable
class Skill(Protocol):
    """Something that carries out Calls."""

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What may be called."""

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call` wholly or not at all."""


@runtime_checkable
class Home(Skill, Protocol):
    """A Skill with a world behind it. Every change is emitted as a StateChanged while `watch` runs.

    The value of a Done has the "states" of the entities named, and which were "changed". What a
    reading of states cannot know anew is told with "as_of", a time in ISO 8601. Where some entities
    did it and others did not, "failed" lists for these "entity_id", "reason" and "message".
    """

    @property
    def seen(self) -> World:
        """The home as it was when last read, at once and from any thread."""

    async def world(self) -> World:
        """Return the home as it is now, or with `as_of` as it was."""

    async def watch(self) -> None:
        """Follow what happens to the home, until cancelled."""
