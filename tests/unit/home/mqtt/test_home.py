"""The devices of a real broker as a home; the broker is killed in the middle of use."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from devices import Devices
from processes import Peer, broker
from waiting import eventually

from steward.config import MqttConfig
from steward.errors import ConfigError, PeerError
from steward.events import Event, StateChanged
from steward.home.mqtt.home import MqttHome
from steward.home.mqtt.link import connected
from steward.types import Call, Done, Failed, Json, Meaning, Outcome


def call(capability: str, entity: str, **arguments: Json) -> Call:
    return Call("c1", capability, Meaning("Test"), {"entity_id": [entity], **arguments})


def made(config: MqttConfig, events: list[Event], patience: float = 2.0) -> MqttHome:
    return MqttHome(config, events.append, lambda: datetime.now().astimezone(), patience=patience)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Peer]:
    peer = broker(tmp_path)
    peer.start()
    yield peer
    peer.kill()


@pytest.fixture
async def devices(mosquitto: Peer) -> AsyncIterator[Devices]:
    devices = Devices(mosquitto.port)
    await devices.start()
    yield devices
    devices.stop()
    await asyncio.sleep(0)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
async def home(mosquitto: Peer, devices: Devices, events: list[Event]) -> AsyncIterator[MqttHome]:
    config = MqttConfig(host="127.0.0.1", port=mosquitto.port, areas={"Blind": "Bedroom"})
    home = made(config, events)
    await home.world()
    yield home
    home.close()
    await asyncio.sleep(0)


def states(home: MqttHome) -> dict[str, str]:
    return {entity.id: entity.state for entity in home.seen.entities}


async def publish(mosquitto: Peer, topic: str, payload: str | None, *, retain: bool = True) -> None:
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.publish(topic, payload, qos=1, retain=retain)


async def test_what_is_announced_is_the_home(home: MqttHome) -> None:
    world = home.seen
    assert world.as_of is None
    assert {area.name for area in world.areas} == {"Kitchen", "Bedroom"}
    lamp = next(entity for entity in world.entities if entity.id == "light.lamp")
    assert (lamp.name, lamp.state, lamp.area) == ("Lamp", "off", "kitchen")
    assert lamp.attributes["brightness"] == 100
    assert states(home) == {
        "light.lamp": "off",
        "cover.blind": "open",
        "number.pump_speed": "unknown",
    }


async def test_a_command_is_done_when_the_device_shows_it(
    home: MqttHome, devices: Devices, events: list[Event]
) -> None:
    events.clear()
    outcome = await home.perform(call("light.turn_on", "light.lamp", brightness_pct=30))
    assert isinstance(outcome, Done)
    assert devices.commands == [("z2m/Lamp/set", '{"state": "ON", "brightness": 76}')]
    assert [each.entity.state for each in events if isinstance(each, StateChanged)] == ["on"]
    outcome = await home.perform(call("cover.set_cover_position", "cover.blind", position=40))
    assert isinstance(outcome, Done)
    assert devices.blind["position"] == 40
    outcome = await home.perform(call("cover.close_cover", "cover.blind"))
    assert isinstance(outcome, Done)
    assert states(home)["cover.blind"] == "closed"


async def test_a_device_that_does_not_show_it_is_not_believed(
    mosquitto: Peer, devices: Devices
) -> None:
    impatient = made(MqttConfig(host="127.0.0.1", port=mosquitto.port), [], patience=0.3)
    await impatient.world()
    devices.deaf = True
    outcome = await impatient.perform(call("light.turn_on", "light.lamp"))
    impatient.close()
    assert isinstance(outcome, Failed)
    assert outcome.reason == "unconfirmed"
    assert len(devices.commands) == 1


async def test_what_comes_goes_and_falls_silent(home: MqttHome, mosquitto: Peer) -> None:
    plug = {"name": "Plug", "stat_t": "t/p", "cmd_t": "t/c", "avty_t": "t/l"}
    topic = "homeassistant/switch/plug/config"
    await publish(mosquitto, topic, json.dumps(plug))
    await eventually(lambda: states(home).get("switch.plug") == "unavailable")
    await publish(mosquitto, "t/l", "online")
    await publish(mosquitto, "t/p", "ON")
    await eventually(lambda: states(home).get("switch.plug") == "on")
    await publish(mosquitto, "t/l", "offline")
    await eventually(lambda: states(home).get("switch.plug") == "unavailable")
    outcome = await home.perform(call("switch.turn_off", "switch.plug"))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "unavailable"
    await publish(mosquitto, topic, None)
    await eventually(lambda: "switch.plug" not in states(home))


async def test_a_device_without_a_state_is_as_it_was_told(home: MqttHome, mosquitto: Peer) -> None:
    siren = {"command_topic": "t/siren", "name": "Siren"}
    await publish(mosquitto, "homeassistant/siren/x/config", json.dumps(siren))
    await eventually(lambda: "siren.siren" in states(home))
    outcome = await home.perform(call("siren.turn_on", "siren.siren"))
    assert isinstance(outcome, Done)
    assert states(home)["siren.siren"] == "on"


async def test_a_broker_that_is_away_is_said_to_be(
    home: MqttHome, mosquitto: Peer, devices: Devices
) -> None:
    mosquitto.kill()
    devices.ready.clear()
    await eventually(lambda: home.seen.as_of is not None)
    assert states(home)["light.lamp"] == "off"
    outcome = await home.perform(call("light.turn_on", "light.lamp"))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "unavailable"
    mosquitto.start()
    await eventually(lambda: home.seen.as_of is None)
    assert devices.commands == []
    assert states(home)["light.lamp"] == "off"
    await eventually(devices.ready.is_set)
    outcome = await home.perform(call("light.turn_on", "light.lamp"))
    assert isinstance(outcome, Done)


async def test_killed_in_the_middle_nothing_is_lost_in_silence_or_done_twice(
    home: MqttHome, mosquitto: Peer, devices: Devices
) -> None:
    outcomes: list[tuple[int, Outcome]] = []
    for number in range(1, 61):
        asked = call("number.set_value", "number.pump_speed", value=number)
        under_way = asyncio.create_task(home.perform(asked))
        if number in (15, 30, 45):
            await asyncio.sleep({15: 0, 30: 0.001, 45: 0.002}[number])
            mosquitto.kill()
            devices.ready.clear()
            again = asyncio.create_task(asyncio.to_thread(mosquitto.start))
            outcomes.append((number, await under_way))
            await again
            await eventually(lambda: home.seen.as_of is None and devices.ready.is_set())
        else:
            outcomes.append((number, await under_way))
    for value, outcome in outcomes:
        taken = devices.commands.count(("esp/speed/command", str(value)))
        if isinstance(outcome, Done):
            assert taken == 1, value
        else:
            assert outcome.reason in ("unavailable", "unconfirmed")
            assert taken <= (outcome.reason == "unconfirmed"), value
    assert sum(isinstance(outcome, Done) for _, outcome in outcomes) >= 30
    assert not isinstance(outcomes[14][1], Done)


def secured(folder: Path) -> Peer:
    """Return a broker that speaks TLS, to nobody but "me" with the password "swordfish"."""
    subprocess.run(
        ["/usr/bin/mosquitto_passwd", "-b", "-c", folder / "users", "me", "swordfish"], check=True
    )
    (folder / "users").chmod(0o644)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "server.pem").write_bytes(certificate.public_bytes(pem))
    traditional = serialization.PrivateFormat.TraditionalOpenSSL
    (folder / "server.key").write_bytes(key.private_bytes(pem, traditional, plain))
    return broker(
        folder,
        f"password_file {folder}/users",
        f"certfile {folder}/server.pem",
        f"keyfile {folder}/server.key",
        anonymous=False,
    )


async def refusal(config: MqttConfig) -> str:
    try:
        async with connected(config, patience=5):
            return ""
    except PeerError as error:
        return error.message


# paho leaves the socket of a handshake that fails to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_with_a_user_and_a_password(tmp_path: Path) -> None:
    peer = secured(tmp_path)
    peer.start()
    (tmp_path / "password").write_text("swordfish\n")
    config = MqttConfig(
        host="localhost",
        port=peer.port,
        user="me",
        password_file=tmp_path / "password",
        tls="on",
        ca=tmp_path / "server.pem",
    )
    home = made(config, [])
    assert (await home.world()).as_of is None
    home.close()
    assert "certificate" in await refusal(config.model_copy(update={"ca": None}))
    gc.collect()
    peer.kill()


async def test_what_is_missing_here_is_said_at_once(tmp_path: Path) -> None:
    config = MqttConfig(host="localhost", password_file=tmp_path / "none")
    with pytest.raises(ConfigError, match=r"mqtt\.password_file"):
        made(config, [])
    with pytest.raises(ConfigError, match="certificates"):
        made(MqttConfig(host="localhost", tls="on", ca=tmp_path / "none"), [])


async def test_a_wrong_password_is_said_and_not_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    peer = broker(tmp_path, anonymous=False)
    peer.start()
    secret = tmp_path / "password"
    secret.write_text("swordfish\n")
    config = MqttConfig(host="127.0.0.1", port=peer.port, user="me", password_file=secret)
    home = made(config, [])
    world = await home.world()
    home.close()
    peer.kill()
    assert world.as_of is not None
    assert "ot authori" in caplog.text
    assert "swordfish" not in caplog.text
