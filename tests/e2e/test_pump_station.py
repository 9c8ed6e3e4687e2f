"""The pump station of the examples, spoken to in both languages, over both protocols."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from processes import STATION, Peer, station

from steward.butler import Butler
from steward.config import Config, Paths, PlantConfig
from steward.events import Replied
from steward.types import Utterance
from steward.wiring import assemble

ADDRESS = {"modbus": "port: 5020", "opcua": "127.0.0.1:4840"}


@pytest.fixture(scope="module", params=["modbus", "opcua"])
def peer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Peer]]:
    peer = station(request.param, tmp_path_factory.mktemp("station"))
    peer.start()
    yield request.param, peer
    peer.kill()


@pytest.fixture
async def butler(peer: tuple[str, Peer], tmp_path: Path) -> AsyncIterator[Butler]:
    protocol, server = peer
    text = (STATION / f"{protocol}.yaml").read_text(encoding="utf-8")
    aimed = ADDRESS[protocol].replace("5020", str(server.port)).replace("4840", str(server.port))
    assert ADDRESS[protocol] in text
    (tmp_path / "map.yaml").write_text(text.replace(ADDRESS[protocol], aimed), encoding="utf-8")
    config = Config(
        paths=Paths(state=tmp_path / "state", cache=Paths().cache),
        plant=PlantConfig(maps=(tmp_path / "map.yaml",)),
    )
    made = Butler(assemble(config))
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.wait({running})


async def ask(butler: Butler, sentence: str) -> str:
    said = Utterance(sentence)
    replies = [event async for event in butler.turn(said, conversation="c")]
    return next(event.reply.text for event in replies if isinstance(event, Replied))


async def reached(butler: Butler, yes: bool) -> None:
    async with asyncio.timeout(20):
        while ((await butler.world()).as_of is None) is not yes:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)


async def test_english(butler: Butler, peer: tuple[str, Peer]) -> None:
    log = peer[1].log
    assert await ask(butler, "what is the pressure") == "The pressure is 2.6 bar."
    assert await ask(butler, "set the flow to 12") == "The flow is 12."
    assert log().splitlines().count("flow 12") == 1
    refused = await ask(butler, "set the flow to 25")
    assert refused == "The flow takes only 0 to 20 cubic metres per hour."
    assert "flow 25" not in log()
    assert await ask(butler, "start pump 2") == "Shall I switch on the pump 2?"
    assert await ask(butler, "no") == "All right, I left it."
    assert "pump 2 on" not in log()
    await ask(butler, "start pump 2")
    assert await ask(butler, "yes") == "The pump 2 is on."
    assert log().splitlines().count("pump 2 on") == 1
    assert await ask(butler, "is pump 2 running") == "Yes, the pump 2 is on."
    assert await ask(butler, "stop pump 1") == "The pump 1 is off."
    assert await ask(butler, "set operating mode to manual") == "The operating mode is manual."
    await ask(butler, "stop pump 2")
    assert await ask(butler, "yes") == "The pump 2 is off."


async def test_chinese(butler: Butler, peer: tuple[str, Peer]) -> None:
    log = peer[1].log
    assert await ask(butler, "压力是多少") in ("压力是1巴。", "压力是2.6巴。")
    assert await ask(butler, "把流量设为11") == "流量11。"
    assert log().splitlines().count("flow 11") == 1
    assert await ask(butler, "把流量设为25") == "流量只能设在0到每小时20立方米之间。"
    assert await ask(butler, "启动二号泵") == "要启动二号泵吗？"
    assert await ask(butler, "是的") == "二号泵打开了。"
    assert await ask(butler, "二号泵在运行吗") == "是的，二号泵开着。"
    assert await ask(butler, "液位多少") == "水箱液位是百分之63.5。"
    assert await ask(butler, "停止一号泵") == "一号泵关了。"


async def test_a_station_that_is_away(butler: Butler, peer: tuple[str, Peer]) -> None:
    await ask(butler, "what is the pressure")
    peer[1].kill()
    await reached(butler, False)
    assert await ask(butler, "set the flow to 9") == "I can't reach the flow."
    answer = await ask(butler, "what is the pressure")
    assert "bar" in answer
    assert "can't reach" in answer
    peer[1].start()
    await reached(butler, True)
    assert await ask(butler, "set the flow to 9") == "The flow is 9."
