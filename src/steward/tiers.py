"""Which tiers a Config names, and what they become: who is asked open questions, and how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

from steward.config import Config
from steward.errors import ConfigError
from steward.events import Emit
from steward.lazy import Lazy
from steward.models.certificates import Certificates
from steward.models.leaving.answers import Answers
from steward.models.leaving.documents import Embed
from steward.models.leaving.home import home_words
from steward.models.leaving.parts import picking
from steward.models.leaving.prepare import Leaving
from steward.models.redact import Kind, Recognisers
from steward.models.redaction.home import Words
from steward.models.store import Store
from steward.models.tiers import accounts, questions
from steward.models.tiers.accounts import Accounts
from steward.models.tiers.here import Here
from steward.models.tiers.ladder import Ladder, Rung
from steward.models.tiers.waiting import Waiting
from steward.plan.asking.words import HERE
from steward.thinking import LanguageModel
from steward.types import World


@dataclass(frozen=True)
class Tiers:
    """The tiers of a home: their rungs, what is kept of each, and the questions that wait."""

    rungs: tuple[Rung, ...]
    accounts: Accounts
    waiting: Waiting


def open_tiers(
    config: Config,
    emit: Emit,
    words: Callable[[], tuple[World, Sequence[str]]],
    models: Mapping[str, Lazy[LanguageModel]],
    now: Callable[[], datetime],
) -> Tiers:
    """Return the tiers that `config` names.

    `words` are the home and who is known in it, which do not leave as they are, `models` those on
    this device, and `now` tells the time of this home.

    Raises:
        UserError: a tier's key, its pairing or the device's model is not there.
        StateError: what is kept of them cannot be read or written.
    """
    rungs = rungs_of(config, models)
    state, tiers = config.paths.state, config.tiers
    kept = Accounts(state / accounts.FILE)
    never = frozenset(Kind[name.upper()] for name in tiers.never)
    embed = _embedding(Store(config.paths.cache)) if tiers.meaning == "on" else None
    pick = picking(models[tiers.device].get) if tiers.device else None

    def own() -> Words:
        return home_words(*words())

    ladder = Ladder(
        rungs,
        kept,
        emit,
        prepare=Leaving(own, partial(_recognisers, never=never), embed=embed, pick=pick),
        judge=Certificates(state).judge,
        seconds=tiers.seconds,
        late=tiers.late,
        now=now,
    )
    kept_questions = questions.Questions(state / questions.FILE)
    answers = Answers(
        ladder.ask,
        lambda text: bool(_recognisers(own(), never).find(text)),
        embed=embed,
        seconds=3600 * tiers.remember,
    )
    queue = Waiting(kept_questions, answers.ask, ladder.ready, emit, now, seconds=tiers.seconds)
    return Tiers(rungs, kept, queue)


def rungs_of(config: Config, models: Mapping[str, Lazy[LanguageModel]]) -> tuple[Rung, ...]:
    """Return the tiers of `config`, the nearest first.

    Raises:
        UserError: a tier's key, its pairing or the device's model is not there.
    """
    tiers, found = config.tiers, list[Rung]()
    if tiers.device:
        if tiers.device not in models:
            raise ConfigError(
                f"tiers.device: there is no [models.{tiers.device}]",
                hint="name one of the tables [models.NAME], or leave `device` away",
            )
        found.append(Rung(Here(HERE, models[tiers.device].get), here=True, seconds=tiers.late))
    for name, each in tiers.named.items():
        # Lazy: its HTTP client takes 7 MB, for those who have a bigger machine only.
        from steward.models.tiers.client import Remote, key_of

        key, tls = key_of(name, each), None
        if each.certificate is not None:
            from steward.pairing.trust import trust

            paired = trust(config.paths.state, each.certificate)
            key, tls = key or paired.token, paired.context
        found.append(
            Rung(
                Remote(name, each, key, tls),
                send=each.send,
                price_in=each.price_in,
                price_out=each.price_out,
                money=float("inf") if each.money is None else each.money,
                tokens=each.tokens,
                seconds=each.seconds,
            )
        )
    return tuple(found)


@lru_cache(maxsize=2)
def _recognisers(words: Words, never: frozenset[Kind]) -> Recognisers:
    return Recognisers(words, kept={Kind.SECRET, *never})


def _embedding(store: Store) -> Callable[[], Awaitable[Embed]]:
    # Lazy: numpy and the tokenizer take memory, for those who want this only.
    from steward.models.embedding import Embedder

    made = Lazy(lambda: Embedder(store))

    async def embed() -> Embed:
        return (await made.get()).embed

    return embed
