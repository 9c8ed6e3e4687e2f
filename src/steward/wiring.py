"""Which parts a butler is made of, and how a Config becomes them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from steward.audit import Audit
from steward.config import Config, VoiceConfig
from steward.events import Hub
from steward.hearing import Acquaintance, Attention, Ear
from steward.home.open import open_home
from steward.home.services.table import foresee
from steward.lazy import Lazy
from steward.models.cases import Cases
from steward.models.meter import Meter
from steward.models.open import Models
from steward.models.reader import OnnxReader
from steward.models.store import Store
from steward.persona import Persona, VoiceOf, load_persona
from steward.plan.asking.stage import asking_stage, reading_stage
from steward.plan.cascade import Stage
from steward.plan.dialogue.context import first_stage
from steward.plan.general.general import general_stage
from steward.plan.owner.stage import owned
from steward.plan.reply.answer import answer
from steward.plan.reply.manner import in_manner, occasion
from steward.plan.risk import USUAL, Rules, rules
from steward.plan.speaking import speaking_stage
from steward.plan.talk.smalltalk import talk_stage
from steward.plan.tools.sentences import Tool, Tools
from steward.rehearsal import Rehearsal
from steward.skills.clock import Clock
from steward.skills.dispatch import Dispatch, refuse_twins
from steward.skills.mcp.tools import McpTools
from steward.skills.schedule import Schedule
from steward.skills.speaking import Chosen, Speaking
from steward.skills.timers import Timers
from steward.skills.words import Words
from steward.speech.delivery import FAINTEST, FASTEST, LOUDEST, SLOWEST, Delivery
from steward.speech.voices import Voices
from steward.thinking import LanguageModel, Reader
from steward.types import (
    AudioChunk,
    Call,
    Capability,
    Home,
    Outcome,
    Plan,
    Recognizer,
    Reply,
    Risk,
    Skill,
    Voice,
    World,
)

if TYPE_CHECKING:
    from steward.audio.wake import WakeDetector
    from steward.speech.activity import SpeechDetector
    from steward.speech.known import KnownVoices
    from steward.speech.speaker import SpeakerEncoder
    from steward.speech.whisper import WhisperRecognizer


Wording = Callable[[Plan, Sequence[Outcome], World], Reply]
"""Words the reply to a plan, from what came of it."""
Watch = Callable[[], Coroutine[Any, Any, None]]
"""Follows something until it is cancelled."""


VOICE = "voice.json"
"""The file in which is kept how he was told to speak."""
SOFT = 0.5
"""How loud he is at night where he is to be soft."""


def local_time() -> datetime:
    """Return what the clock of this device shows, with its zone."""
    return datetime.now().astimezone()


@dataclass(frozen=True)
class Parts:
    """What a Butler is made of. `stages` are asked in order; `skills` come after the home.

    `attend` waits in a sound for the wake word, `word` makes the reply of a turn.
    `watchers` run as long as the butler does. `area` is the id of the area he stands in, `rules`
    say what needs a yes, `clock` tells seconds and never goes back, `now` the home's own time.
    """

    hub: Hub
    home: Home
    skills: Sequence[Skill]
    stages: Sequence[Stage]
    recognizer: Lazy[Recognizer]
    ear: Lazy[Ear]
    known: Callable[[], Acquaintance]
    attend: Callable[[AsyncIterator[AudioChunk]], Awaitable[Attention]]
    model: Lazy[LanguageModel]
    voice: Voice
    reader: Reader
    meter: Meter = field(default_factory=Meter)
    models: Mapping[str, Lazy[LanguageModel]] = field(default_factory=dict)
    word: Wording = answer
    watchers: Sequence[Watch] = ()
    area: str | None = None
    rules: Rules = USUAL
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = local_time


def assemble(config: Config) -> Parts:
    """Wire the parts that `config` names; costly ones are loaded at their first use.

    Raises:
        StateError: the state of the home cannot be read or written.
        ConfigError: the persona is none, a tool has the name of something he can do himself, or a
            tier cannot be asked as it is configured.
    """
    store, state, threads = Store(config.paths.cache), config.paths.state, _threads(config)
    hub, meter = _hub(config), Meter()
    home = open_home(config, hub.emit)
    timers = Timers(state / "timers.db", hub.emit, local_time)
    acting = Dispatch((home, timers))
    schedule = Schedule(state / "schedule.db", hub.emit, local_time, acting.perform)
    words = Words(state / "words.db", local_time)
    tools, speaking = McpTools(config.mcp.servers), Speaking(state / VOICE, local_time)
    skills: tuple[Skill, ...] = (tools, Clock(local_time), timers, schedule, words, speaking)
    capabilities = tuple(c for skill in (home, *skills) for c in skill.capabilities)
    refuse_twins(capabilities)
    voice = voices(config)
    models = Models(config.models, store)
    model = Lazy(lambda: meter.on(models.open(config.model)))
    known = cache(partial(known_voices, config))
    ears = cache(partial(_ears, config, store, threads, lambda: home.seen))
    recognizer = Lazy(partial(_recognizer, ears, known))
    guard = _guard(config, capabilities)
    reader = OnnxReader(threads=threads)
    alone = speaking_stage(
        first_stage(config.languages, capabilities, reader, tool_sentences(config))
    )
    further = _further(config, models)
    asking, waiting = _asking(config, hub, home, further)
    own = owned(alone, guard, words.learned)
    at_home = (own, *_by_model(config, model, home, guard))
    word = _wording(load_persona(config.persona), capabilities)
    rehearsal = _rehearsal(hub, home, alone, voice, word)
    return Parts(
        hub=hub,
        home=home,
        skills=skills,
        stages=(*(reading_stage(stage, asking) for stage in at_home), *asking),
        recognizer=recognizer,
        ear=Lazy(partial(_ear, store, recognizer)),
        known=known,
        attend=_attend(config, store, recognizer, ears),
        model=model,
        meter=meter,
        models=further,
        voice=voice,
        reader=reader,
        word=word,
        watchers=(home.watch, timers.watch, schedule.watch, tools.watch, rehearsal.run, *waiting),
        area=config.area,
        rules=guard,
    )


def tool_sentences(config: Config) -> Tools:
    """Return what is said to use the tools of other programs.

    Raises:
        ConfigError: a sentence is no template, or would fit anything.
    """
    return Tools(
        [
            Tool(f"{name}.{tool}", given.says, given.arguments)
            for name, server in config.mcp.servers.items()
            for tool, given in server.tools.items()
        ]
    )


def voices(config: Config) -> Voices:
    """Return the voices as the persona, the configuration, the hour and whoever asked want them.

    Raises:
        ConfigError: the persona is none.
    """
    own = load_persona(config.persona).voice
    speaking = Speaking(config.paths.state / VOICE, local_time)
    return Voices(
        Store(config.paths.cache).root,
        _threads(config),
        config.paths.cache / "phrases",
        how=lambda: delivery(own, config.voice, speaking.chosen(), local_time()),
        chinese=own.chinese,
    )


def delivery(own: VoiceOf, usual: VoiceConfig, chosen: Chosen, now: datetime) -> Delivery:
    """Return how he speaks `now`: his persona, times what is configured, times what he was told."""
    asleep = usual.asleep(now.time())
    whisper = usual.at_night == "whisper" and asleep if chosen.whisper is None else chosen.whisper
    soft = SOFT if asleep and usual.at_night == "soft" and chosen.whisper is None else 1.0
    loudness = usual.loudness * chosen.loudness * soft
    return Delivery(
        speed=min(FASTEST, max(SLOWEST, own.speed * usual.speed * chosen.speed)),
        loudness=min(LOUDEST, max(FAINTEST, loudness)),
        size=own.size,
        whisper=whisper,
    )


def _rehearsal(hub: Hub, home: Home, alone: Stage, voice: Voices, word: Wording) -> Rehearsal:
    def foreseen(call: Call) -> Outcome:
        return foresee(home.seen, call, local_time())

    return Rehearsal(hub, alone, lambda: home.seen, foreseen, voice, word)


def _guard(config: Config, capabilities: Sequence[Capability]) -> Rules:
    risk = config.risk
    return rules(capabilities, risk.confirm, risk.heat, risk.only)


def _hub(config: Config) -> Hub:
    noted = [Audit(config.paths.state, config.audit.days).note]
    if config.tiers.cases == "on":
        noted.append(Cases(config.paths.state, config.tiers.most_cases).note)
    return Hub(*noted)


def _by_model(
    config: Config, model: Lazy[LanguageModel], home: Home, guard: Rules
) -> Sequence[Stage]:
    stages: list[Stage] = []
    if config.model.tools == "on":
        stages.append(general_stage(model.get, home.capabilities, guard))
    if config.model.smalltalk == "on":
        stages.append(talk_stage(model.get))
    return stages


def _asking(
    config: Config, hub: Hub, home: Home, models: Mapping[str, Lazy[LanguageModel]]
) -> tuple[Sequence[Stage], Sequence[Watch]]:
    """Return the stage that asks the tiers, and what answers later, where there are tiers."""
    if not config.tiers.asked:
        return (), ()
    # Lazy: what asks other machines, and hides what is personal, takes memory.
    from steward.speech.people import People
    from steward.tiers import open_tiers

    people = People(config.paths.state / "people")

    def words() -> tuple[World, tuple[str, ...]]:
        return home.seen, tuple(person.name for person in people.known())

    waiting = open_tiers(config, hub.emit, words, models, local_time).waiting
    return (asking_stage(waiting.ask, config.tiers.wait),), (waiting.watch,)


def _further(config: Config, models: Models) -> Mapping[str, Lazy[LanguageModel]]:
    named = config.models.named.items()
    return {name: Lazy(partial(models.open, each)) for name, each in named}


def _threads(config: Config) -> int:
    return config.speech.threads or psutil.cpu_count(logical=False) or 1


def _wording(persona: Persona, capabilities: Sequence[Capability]) -> Wording:
    reads = {c.name for c in capabilities if c.risk is Risk.READ}

    def word(plan: Plan, outcomes: Sequence[Outcome], world: World) -> Reply:
        reply = answer(plan, outcomes, world)
        return in_manner(reply, occasion(plan, outcomes, reads), persona.manner, world)

    return word


# What hears is imported where it is made: it takes a fifth of a second, and typed words need none.


def known_voices(config: Config) -> KnownVoices:
    """Return who is known by his voice; the networks are loaded at the first voice to compare."""
    from steward.speech.known import KnownVoices
    from steward.speech.people import People

    store = Store(config.paths.cache)
    people = People(config.paths.state / "people")
    return KnownVoices(
        people, Lazy(partial(_encoder, store)).get, Lazy(partial(_detector, store)).get
    )


def _ears(
    config: Config, store: Store, threads: int, world: Callable[[], World]
) -> WhisperRecognizer:
    from steward.speech.hotwords import names
    from steward.speech.whisper import WhisperRecognizer

    model = store.locate(config.speech.model)
    return WhisperRecognizer(
        model, _vad(store), threads, config.languages, names=lambda: names(world())
    )


def _recognizer(
    ears: Callable[[], WhisperRecognizer], known: Callable[[], KnownVoices]
) -> Recognizer:
    from steward.speech.known import KnowingRecognizer

    return KnowingRecognizer(ears(), known())


def _ear(store: Store, recognizer: Lazy[Recognizer]) -> Ear:
    from steward.speech.listener import Listener

    return Listener(recognizer.get, _detector(store))


def _detector(store: Store) -> SpeechDetector:
    from steward.speech.activity import SpeechDetector

    return SpeechDetector(_vad(store))


def _encoder(store: Store) -> SpeakerEncoder:
    from steward.speech.speaker import WEIGHTS_SET, SpeakerEncoder

    return SpeakerEncoder(store.folder(WEIGHTS_SET))


def _attend(
    config: Config,
    store: Store,
    recognizer: Lazy[Recognizer],
    ears: Callable[[], WhisperRecognizer],
) -> Callable[[AsyncIterator[AudioChunk]], Awaitable[Attention]]:
    detectors = Lazy(partial(_words, config, store))

    async def likelihood(sound: AudioChunk, phrases: Sequence[str]) -> float:
        # Loaded once, by whichever needs it first.
        await recognizer.get()
        return await ears().likelihood(sound, phrases)

    async def attend(pieces: AsyncIterator[AudioChunk]) -> Attention:
        from steward.audio.attention import WordAttention
        from steward.audio.diary import FOLDER, Diary

        diary = Diary(config.paths.state / FOLDER, local_time)
        on_wake = diary.keep if config.wake.diary == "on" else lambda _: None
        return WordAttention(await detectors.get(), pieces, on_wake, likelihood)

    return attend


def _words(config: Config, store: Store) -> tuple[WakeDetector, ...]:
    from steward.audio.wake import WakeDetector, find

    embedding = store.file("speech-embedding", "embedding_model.onnx")
    return tuple(WakeDetector(find(word), embedding) for word in wake_words(config))


def wake_words(config: Config) -> tuple[str, ...]:
    """Return the wake words of `config`, each once."""
    word = config.wake.word
    return tuple(dict.fromkeys((word,) if isinstance(word, str) else word))


def _vad(store: Store) -> Path:
    return store.file("silero-vad", "silero_vad.onnx")
