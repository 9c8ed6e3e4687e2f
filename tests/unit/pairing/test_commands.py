"""`steward pair` and what leads to a hub: addresses, names, and what announces itself."""

from __future__ import annotations

import asyncio
import json
import tomllib
from pathlib import Path
from socket import AddressFamily
from types import SimpleNamespace

import pytest
from hubs import Machine, Served
from typer.testing import CliRunner, Result
from waiting import eventually

from steward.cli import app
from steward.config.tiers import TierConfig
from steward.errors import ConfigError, UserError
from steward.pairing import discovery
from steward.pairing.address import PORT, Address, address
from steward.pairing.discovery import KIND, Found, properties
from steward.pairing.finding import DISCOVERED, chosen, paired
from steward.pairing.identity import fingerprint
from steward.pairing.pairings import Hub
from steward.serve.announce import announced

STUDY = Found("study", Address("192.168.1.10", 10378), "ab")
ATTIC = Found("attic", Address("192.168.1.11", 10378), "cd")


def steward(machine: Machine, *arguments: str, more: str = "") -> Result:
    file = machine.state / "steward.toml"
    file.write_text(f'[paths]\nstate = "{machine.state}"\n{more}', encoding="utf-8")
    return CliRunner().invoke(app, ["--config", str(file), "pair", *arguments])


def test_a_door_that_is_closed_has_no_code(machines: list[Machine]) -> None:
    done = steward(machines[0])
    assert isinstance(done.exception, ConfigError)
    assert 'listen = "on"' in done.exception.hint


async def test_a_code_is_shown_until_it_is_used(hub: Served, machines: list[Machine]) -> None:
    listen = '[hub]\nlisten = "on"\n'
    showing = asyncio.create_task(asyncio.to_thread(steward, machines[0], "--json", more=listen))
    await eventually(lambda: machines[0].pairings.invitation() is not None)
    shown = machines[0].pairings.invitation()
    assert shown is not None
    machines[0].now = shown.until - 100
    where, name = str(hub.address), "kitchen"
    done = await asyncio.to_thread(
        steward, machines[1], "with", where, "--code", shown.code, "--name", name
    )
    assert done.exception is None, done.exception
    table = tomllib.loads(done.stdout)["tiers"]["study"]
    assert TierConfig.model_validate(table).url == f"https://{hub.address}/v1"
    assert table["certificate"] == fingerprint(machines[0].own.certificate)
    told = await showing
    assert told.exception is None, told.exception
    assert json.loads(told.stdout)["code"] == shown.code
    assert "kitchen is paired" in told.stderr
    assert machines[0].pairings.invitation() is None


async def test_pairings_are_listed_and_removed(hub: Served, machines: list[Machine]) -> None:
    shown = machines[0].pairings.invite()
    arguments = ("with", str(hub.address), "--code", shown.code, "--name", "kitchen", "--json")
    done = await asyncio.to_thread(steward, machines[1], *arguments)
    assert json.loads(done.stdout)["name"] == "study"
    (guest,) = json.loads(steward(machines[0], "list", "--json").stdout)
    assert (guest["name"], guest["is"]) == ("kitchen", "guest")
    assert "study: a hub at 127.0.0.1" in steward(machines[1], "list").stdout
    assert "paired no more" in steward(machines[0], "remove", "kitchen").stderr
    assert "paired no more" in steward(machines[1], "remove", "study").stderr
    assert machines[0].pairings.guests() == ()
    assert machines[1].pairings.hubs() == ()
    gone = steward(machines[1], "remove", "study")
    assert isinstance(gone.exception, UserError)


def test_without_a_code_nothing_is_tried(machines: list[Machine]) -> None:
    done = steward(machines[1], "with", "127.0.0.1:1")
    assert isinstance(done.exception, UserError)
    assert "--code" in done.exception.hint


async def test_a_hub_that_announces_itself_is_found(machines: list[Machine]) -> None:
    key = fingerprint(machines[0].own.certificate)
    name = f"study {key[:8]}"
    async with announced(name, "127.0.0.1", 12345, KIND, properties(key)):
        found = await discovery.hubs(20, key=key, on=["127.0.0.1"])
    assert Found(name, Address("127.0.0.1", 12345), key) in found


def test_a_hub_is_reached_by_the_network_that_both_are_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interface(address: str, mask: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(family=AddressFamily.AF_INET, address=address, netmask=mask)]

    own = {
        "docker0": interface("172.17.0.1", "255.255.0.0"),
        "eth0": interface("192.168.1.20", "255.255.255.0"),
    }
    monkeypatch.setattr("psutil.net_if_addrs", lambda: own)
    announced_ones = ["172.17.0.1", "10.0.3.1", "fe80::1", "192.168.1.10"]
    assert discovery.likeliest(announced_ones)[0] == "192.168.1.10"
    assert discovery.likeliest(["172.17.0.1"]) == ["172.17.0.1"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("192.168.1.10", Address("192.168.1.10", PORT)),
        ("hub.local:1234", Address("hub.local", 1234)),
        ("https://hub.local/v1", Address("hub.local", PORT)),
        ("[fe80::1]:1234", Address("fe80::1", 1234)),
    ],
)
def test_an_address_is_read(text: str, wanted: Address) -> None:
    assert address(text) == wanted
    assert address(str(wanted)) == wanted
    assert address(wanted.url) == wanted


@pytest.mark.parametrize("text", ["", "http://hub", "hub:port", "hub:70000", "hub:0", "a@hub", "["])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        address(text)


def test_a_hub_is_chosen_by_what_was_typed() -> None:
    assert chosen(DISCOVERED, [STUDY]) == STUDY.address
    assert chosen("attic", [STUDY, ATTIC]) == ATTIC.address
    assert chosen("cellar", [STUDY]) == Address("cellar", PORT)
    for found in ([], [STUDY, ATTIC]):
        with pytest.raises(UserError, match="exactly one"):
            chosen(DISCOVERED, found)


def test_a_paired_hub_is_known_by_its_name_and_its_address(tmp_path: Path) -> None:
    study, attic = (Hub(name, "", f"{name}:1", "", "") for name in ("study", "attic"))
    assert paired("study", [study, attic]) is study
    assert paired("attic:1", [study, attic]) is attic
    assert paired(DISCOVERED, [study]) is study
    assert paired(DISCOVERED, [study, attic]) is None
    assert paired("cellar", [study]) is None
