"""What a day of 200 requests sends to a cloud, and what of it is right, in one run.

    python bench/tiers.py            publishes
    python bench/tiers.py --wrong    prints each request that was not right

The requests, English and Chinese, are in bench/data/day.yaml. They go, in their order, through a
whole butler in the demo home, with a cloud on loopback that keeps what it is sent. There is no big
model, so what a big model would make of a request cannot be judged. What is judged is whether it
could answer: the words of the question, of the turns that it leans on, and the phrases of the
document that hold the answer must be in what was sent (placeholders count as what they stand for).
An act is right when the states of the home are, a question about the home when the reply fits, an
answer of before when the same was asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from tokenizers import Tokenizer

from cloud import Cloud, cloud
from results import publish, table
from steward.butler import Butler
from steward.config import Config, Paths
from steward.events import Planned, Replied
from steward.models.checkpoint import read_checkpoint
from steward.models.embedding import WEIGHTS_FILE, WEIGHTS_SET, tokenizer
from steward.models.store import Store
from steward.models.tiers.request import SYSTEM
from steward.plan.asking.open import STAGE
from steward.types import Calls, Unknown, Utterance, World
from steward.wiring import assemble

DAY = Path(__file__).parent / "data" / "day.yaml"
PRICES = (2.5, 10.0)
"""Of a million tokens in and out: chosen, near what large models cost in 2026."""
FRAME = 4
"""Tokens that a message costs besides its words."""


@dataclass
class Turn:
    """One request and what came of it: `local` without any cloud, `right` with ours."""

    said: Mapping[str, Any]
    kind: str
    reply: str = ""
    stage: str = ""
    right: bool = False
    bodies: list[bytes] = field(default_factory=list)
    everything: list[str] = field(default_factory=list)
    unreduced: list[str] = field(default_factory=list)

    @property
    def needs_cloud(self) -> bool:
        """Whether nobody at home can know it."""
        return self.kind in {"open", "doc", "lean"}


async def day(data: Mapping[str, Any], peer: Cloud, state: Path) -> list[Turn]:
    """Let a butler live through the day."""
    tiers = {"cloud": {"url": peer.url, "price_in": PRICES[0], "price_out": PRICES[1]}}
    parts = assemble(Config.model_validate({"paths": Paths(state=state), "tiers": tiers}))
    butler = Butler(parts)
    turns: list[Turn] = []
    history: dict[int, list[Turn]] = {}
    for said in data["requests"]:
        document = data["documents"][said["doc"]]["text"] if "doc" in said else ""
        text = f"{document}\n{said['s']}" if document else said["s"]
        turn = Turn(
            said, next(key for key in ("act", "home", "chat", "open", "doc", "lean") if key in said)
        )
        before = history.setdefault(said["c"], [])
        world = await butler.world()
        past = [part for each in before for part in (*each.everything[-1:], each.reply)]
        turn.everything = [SYSTEM + overview(world), *past, text]
        answered = [each for each in before if each.needs_cloud]
        turn.unreduced = [
            SYSTEM,
            *(part for each in answered for part in (each.everything[-1], each.reply)),
            text,
        ]
        peer.says, first = said.get("a", "I see."), len(peer.bodies)
        plan = None
        async for event in butler.turn(Utterance(text, said["l"]), conversation=str(said["c"])):
            if isinstance(event, Planned):
                plan = event.plan
            if isinstance(event, Replied):
                turn.reply = event.reply.text
        assert plan is not None
        turn.stage, turn.bodies = plan.stage, peer.bodies[first:]
        known = not isinstance(plan.body, Unknown)
        acted = isinstance(plan.body, Calls)
        turn.right = _right(turn, turns, await butler.world(), known, acted, data)
        turns.append(turn)
        before.append(turn)
    return turns


def _right(
    turn: Turn,
    before: Sequence[Turn],
    world: World,
    known: bool,
    acted: bool,
    data: Mapping[str, Any],
) -> bool:
    said = turn.said
    if turn.kind == "act":
        states = {entity.id: entity.state for entity in world.entities}
        return all(states.get(name) == state for name, state in said["act"].items())
    if turn.kind == "home":
        return known and re.search(said["home"], turn.reply) is not None and not turn.bodies
    if turn.kind == "chat":
        return known and not acted and bool(turn.reply)
    if not turn.bodies:
        same = any(each.said.get("g") == said.get("g") and each.bodies for each in before)
        return turn.stage == STAGE and "g" in said and same
    needed = [*said.get("open", ()), *said.get("lean", ()), *said.get("need", ())]
    personal = [*said.get("p", ()), *data["documents"].get(said.get("doc"), {}).get("private", ())]
    document = data["documents"].get(said.get("doc"), {}).get("text", "")
    sent = [_undone(text, document) for text in contents(turn.bodies[-1])]
    whole = " ".join(sent).casefold()
    return all(word.casefold() in whole or hidden(word, personal) for word in needed)


def _undone(text: str, document: str) -> str:
    """Return `text` with what stands in `document` for its placeholders, line by line."""
    lines: list[str] = []
    for line in text.split("\n"):
        parts = re.split(r"<[A-Z]+_\d+>", line)
        pattern = r".{1,80}?".join(map(re.escape, parts))
        found = re.search(pattern + ("" if parts[-1] else r"$"), document, re.MULTILINE)
        lines.append(found.group() if found and len(parts) > 1 else line)
    return "\n".join(lines)


def hidden(word: str, personal: Sequence[str]) -> bool:
    """Tell whether `word` is one of what is personal, for which a placeholder is as good."""
    return any(word in each for each in personal)


def contents(body: bytes) -> list[str]:
    """Return the messages of a request."""
    return [message["content"] for message in json.loads(body)["messages"]]


def overview(world: World) -> str:
    """Return the home as assistants with a language model are told of it: what Home Assistant's
    Assist API puts before a chat, without its tools."""
    areas = {area.id: area.name for area in world.areas}
    lines = [
        f"- names: {entity.name}\n  domain: {entity.domain}\n  state: '{entity.state}'"
        + (f"\n  areas: {areas[entity.area]}" if entity.area in areas else "")
        for entity in world.entities
    ]
    return "\nAn overview of the areas and the devices in this smart home:\n" + "\n".join(lines)


@dataclass
class Way:
    """A way to deal with the day: what it sends, and how many requests come out right."""

    name: str
    sent: list[list[str]]
    replies: list[str]
    right: int

    def row(self, count: Counting, everything: Way | None) -> dict[str, Any]:
        """Return its figures; shares are of `everything`."""
        tokens = sum(count(chat) for chat in self.sent)
        out = sum(count([reply]) for reply in self.replies)
        money = (tokens * PRICES[0] + out * PRICES[1]) / 1e6
        base = tokens if everything is None else sum(count(chat) for chat in everything.sent)
        return {
            "requests_sent": len(self.sent),
            "tokens_sent": tokens,
            "fewer": round(1 - tokens / base, 4),
            "money": round(money, 5),
            "right": self.right,
        }


class Counting:
    """Counts the tokens of a chat, by the pieces of XLM-R, which knows both languages."""

    def __init__(self, pieces: Tokenizer) -> None:
        self._pieces = pieces

    def __call__(self, chat: Sequence[str]) -> int:
        """Return what the messages of `chat` come to."""
        return sum(
            FRAME + len(self._pieces.encode(text, add_special_tokens=False)) for text in chat
        )


def ways(turns: Sequence[Turn]) -> list[Way]:
    """Return the ways that are compared."""
    home = [turn for turn in turns if not turn.bodies and turn.right and not turn.needs_cloud]
    fails = [turn for turn in turns if turn not in home]
    lengths = sorted({len(turn.everything[-1]) for turn in turns})
    best = next(
        limit
        for limit in reversed([0, *lengths])
        if sum(len(t.everything[-1]) > limit or t in home for t in turns) >= 0.98 * len(turns)
    )
    routed = [turn for turn in turns if len(turn.everything[-1]) > best]
    asked = [turn for turn in turns if turn.bodies]
    return [
        Way(
            "everything to the cloud",
            [t.everything for t in turns],
            [t.reply for t in turns],
            len(turns),
        ),
        Way(
            "a router by difficulty, here by length",
            [t.everything for t in routed],
            [t.reply for t in routed],
            sum(t in routed or t in home for t in turns),
        ),
        Way(
            "a router that errs never, whole requests",
            [t.everything for t in fails],
            [t.reply for t in fails],
            len(turns),
        ),
        Way(
            "the same, without the overview of the home",
            [t.unreduced for t in fails],
            [t.reply for t in fails],
            len(turns),
        ),
        Way(
            "Steward",
            [contents(body) for t in asked for body in t.bodies],
            [t.reply for t in asked],
            sum(t.right for t in turns),
        ),
    ]


def leaked(data: Mapping[str, Any], turns: Sequence[Turn]) -> dict[str, int]:
    """Count personal words of requests and documents, and in how many of their sends they were."""
    total = everything = ours = 0
    for turn in turns:
        own = data["documents"].get(turn.said.get("doc"), {}).get("private", ())
        sent = "\n".join(text for body in turn.bodies for text in contents(body))
        for word in (*own, *turn.said.get("p", ())):
            total += 1
            everything += word in "\n".join(turn.everything)
            ours += word in sent
    return {"personal": total, "everything": everything, "ours": ours}


def main() -> None:
    """Live through the day and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="print what was not right, only")
    chosen = parser.parse_args()
    data = yaml.safe_load(DAY.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder, cloud() as peer:
        turns = asyncio.run(day(data, peer, Path(folder)))
    if chosen.wrong:
        for turn in (turn for turn in turns if not turn.right):
            sent = [contents(body)[1:] for body in turn.bodies]
            print(turn.kind, turn.said["s"], "->", turn.stage, turn.reply[:90], sent)
    count = Counting(
        tokenizer(read_checkpoint(Store(Paths().cache).file(WEIGHTS_SET, WEIGHTS_FILE)))
    )
    compared = ways(turns)
    rows = {way.name: way.row(count, compared[0]) for way in compared}
    kinds = Counter(turn.kind for turn in turns)
    right = Counter(turn.kind for turn in turns if turn.right)
    again = sum(not turn.bodies and turn.right and turn.needs_cloud for turn in turns)
    found: dict[str, Any] = {
        "requests": len(turns),
        "ways": rows,
        "kinds": {kind: [right[kind], kinds[kind]] for kind in kinds},
        "answered_from_before": again,
        "personal_words": leaked(data, turns),
    }
    if chosen.wrong:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    publish("tiers", "What a day of requests sends to a cloud", found, _body(found))


def _body(found: Mapping[str, Any]) -> str:
    lines = [
        [
            name,
            row["requests_sent"],
            row["tokens_sent"],
            f"{row['fewer']:.1%}",
            row["money"],
            f"{row['right']} of {found['requests']}",
        ]
        for name, row in found["ways"].items()
    ]
    personal = found["personal_words"]
    kinds = ", ".join(f"{kind} {good} of {all_}" for kind, (good, all_) in found["kinds"].items())
    head = ["way", "requests sent", "tokens sent", "fewer", "money", "right"]
    return (
        f"{table(head, lines)}\n\nThe first row and the two routers are given that the cloud is "
        "always right with everything before it; no big model was asked. The router by length has "
        "the best threshold that hindsight finds, the one that errs never sends just what "
        f"nobody at home gets right. Ours by kind: {kinds}; {found['answered_from_before']} "
        f"were answered from before. Of {personal['personal']} personal words in documents and "
        f"requests {personal['everything']} left with everything, {personal['ours']} with ours."
    )


if __name__ == "__main__":
    main()
