"""Which homes a configuration names, and the one Home that they make."""

from __future__ import annotations

from datetime import datetime

from steward.config import Config, MqttConfig, PlantConfig
from steward.events import Emit
from steward.home.joined import JoinedHome
from steward.home.local import LocalHome
from steward.types import Home


def open_home(config: Config, emit: Emit) -> Home:
    """Return the home of `config`, which emits its changes.

    It is the one on this device where `config` names no other, and several are joined.

    Raises:
        ConfigError: the token of Home Assistant, or a broker's password or certificate, is missing.
        UserError: its address is none.
        StateError: the state of the home on this device cannot be read or written.
        FixturesError: a map file cannot be used.
        DeviceError: the library of a protocol is not installed.
    """
    homes: list[Home] = [
        *_home_assistant(config, emit),
        *_brokers(config.mqtt, emit),
        *_plants(config.plant, emit),
    ]
    if not homes:
        homes.append(LocalHome(config.paths.state / "home.db", emit))
    return homes[0] if len(homes) == 1 else JoinedHome(homes)


def _home_assistant(config: Config, emit: Emit) -> list[Home]:
    if not config.home_assistant.url:
        return []
    # Imported where it is needed: a command on a home of this device is at once.
    from steward.home.homeassistant.home import HomeAssistantHome
    from steward.home.homeassistant.token import read_token

    token = read_token(config.paths.state)
    return [HomeAssistantHome(config.home_assistant.url, token, emit)]


def _brokers(config: MqttConfig, emit: Emit) -> list[Home]:
    if not (config.host and config.discovery):
        return []
    # Imported where there is a broker: jinja takes a while.
    from steward.home.mqtt.home import MqttHome

    return [MqttHome(config, emit, _now)]


def _plants(config: PlantConfig, emit: Emit) -> list[Home]:
    if not config.maps:
        return []
    # Imported where there is a plant: the libraries of its protocols take a while.
    from steward.home.plant import map as maps
    from steward.home.plant.home import PlantHome, driver

    plants = [maps.read(path.expanduser()) for path in config.maps]
    return [PlantHome(plant, driver(plant), emit, _now) for plant in plants]


def _now() -> datetime:
    return datetime.now().astimezone()
