from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from steward.config import Config
from steward.events import Hearing, Hub, Replied
from steward.home.fixtures import demo
from steward.home.services.table import foresee
from steward.rehearsal import MOST, Rehearsal, sentences
from steward.types import Call, Entity, Gap, Outcome, Reply, World
from steward.wiring import assemble

REST = 0.05


class Voice:
    """Takes what it is to rehearse; the first time it hangs."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.begun, self.hangs, self.stopped = asyncio.Event(), True, False

    async def rehearse(self, text: str, language: str) -> None:
        self.begun.set()
        try:
            if self.hangs:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        assert language == "zh"
        self.kept.append(text)


@asynccontextmanager
async def rehearsing(tmp_path: Path, voice: Voice, hub: Hub) -> AsyncIterator[Rehearsal]:
    parts = assemble(Config.model_validate({"paths": {"state": tmp_path}}))
    home = parts.home
    before = await home.world()

    def foreseen(call: Call) -> Outcome:
        return foresee(home.seen, call, parts.now())

    rehearsal = Rehearsal(
        hub, parts.stages[0], lambda: home.seen, foreseen, voice, parts.word, REST
    )
    task = asyncio.create_task(rehearsal.run())
    await asyncio.sleep(0)
    yield rehearsal
    task.cancel()
    await asyncio.wait({task})
    assert await home.world() == before


async def test_it_begins_after_a_reply_in_chinese_and_stops_for_a_word(tmp_path: Path) -> None:
    hub, voice = Hub(), Voice()
    async with rehearsing(tmp_path, voice, hub):
        hub.emit(Replied("t", time.time(), Reply("The light is on.", "en"), 1.0))
        await asyncio.sleep(3 * REST)
        assert not voice.begun.is_set()
        hub.emit(Replied("t", time.time(), Reply("灯打开了。", "zh"), 1.0))
        await asyncio.wait_for(voice.begun.wait(), 10)
        voice.hangs = False
        hub.emit(Hearing("t", time.time(), "", "", None))
        async with asyncio.timeout(30):
            while len(voice.kept) < 8:  # noqa: ASYNC110 - the voice has no event for it
                await asyncio.sleep(0.01)
    assert voice.stopped
    # What he will say, in the very words; what was interrupted is not left out.
    assert voice.kept[0] == "抱歉，我没听懂。"
    assert any("灯" in text and "打开了" in text for text in voice.kept)


def test_what_is_said_in_this_home() -> None:
    said = list(sentences(demo()))
    assert "打开客厅的灯" in said
    assert "关上客厅窗帘" in said or "关上客厅的窗帘" in said
    assert said[0] is Gap.NOT_UNDERSTOOD
    many = tuple(Entity(f"light.l{n}", f"灯{n}", "off") for n in range(MOST))
    assert len(list(sentences(World(entities=many)))) == MOST
