"""One TOML file becomes one frozen `Config`; every default is explained here, once."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import (
    Field,
    IPvAnyNetwork,
    JsonValue,
    ValidationError,
    model_validator,
)

from steward.config.hub import HubConfig
from steward.config.models import ButlerModelConfig, ModelsConfig
from steward.config.section import Section
from steward.config.tiers import TiersConfig
from steward.errors import ConfigError
from steward.types import Risk

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Server(Section):
    """`[server]`: where the page and the API listen."""

    host: str = "127.0.0.1"
    """Loopback, so that nobody else on the network gets in unless the owner says so."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8377
    """0 lets the system choose one."""
    local_page: Literal["on", "off"] = "on"
    """Whether a browser on this machine gets the page without a token. Turn it off behind a reverse
    proxy, whose requests all seem to come from this machine, and where others have accounts here.
    Everybody and everything else needs a token: `steward token create`."""
    cert: Path | None = None
    """The certificate of https, with its chain, in PEM; its private key is `key`."""
    key: Path | None = None
    rate: Annotated[float, Field(gt=0, le=100_000)] = 50.0
    """Requests a second that each token, or peer, may send in the long run."""

    @model_validator(mode="after")
    def _key_with_cert(self) -> Server:
        if (self.cert is None) != (self.key is None):
            raise ValueError("https takes both, `cert` and `key`")
        return self


class Paths(Section):
    """`[paths]`: where things are kept."""

    state: Path = Field(default_factory=lambda: platformdirs.user_data_path("steward"))
    """What must not be lost: the home's state, timers."""
    cache: Path = Field(default_factory=lambda: platformdirs.user_cache_path("steward"))
    """What can be fetched again: model weights."""


class Speech(Section):
    """`[speech]`: hearing and speaking."""

    model: str = "whisper-base"
    """The recogniser: a name in the weights list, or the folder of a CTranslate2 Whisper model."""
    threads: Annotated[int, Field(ge=0, le=256)] = 0
    """Threads of the recogniser and the voices; 0 means the physical cores."""


class VoiceConfig(Section):
    """`[voice]`: how he speaks, beside what is his persona's and what he was told by voice."""

    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    """How fast, of the persona's pace."""
    loudness: Annotated[float, Field(ge=0.1, le=2)] = 1.0
    """How loud, of what the voices make; above 1 the loudest sounds are bent, not clipped."""
    night: Annotated[str, Field(pattern=f"^{_CLOCK}-{_CLOCK}$")] | None = None
    """Hours in which people sleep, "22:30-07:00"; what rings then is said so, too."""
    at_night: Literal["whisper", "soft"] = "whisper"
    """A whisper is breath instead of voice; soft is half as loud."""

    def asleep(self, now: time) -> bool:
        """Tell whether `now` is at night; the hours may go over midnight."""
        if self.night is None:
            return False
        begin, end = (time.fromisoformat(hour) for hour in self.night.split("-"))
        return begin <= now < end if begin <= end else now >= begin or now < end


class WakeConfig(Section):
    """`[wake]`: the word that he answers to where nobody presses a button."""

    word: str | Annotated[tuple[str, ...], Field(min_length=1)] = "jarvis"
    """A word that comes with Steward, or the folder that `steward wake train` wrote; or several."""
    listen: Literal["on", "off"] = "off"
    """Whether the server listens for the word by this machine's own microphone, as `steward listen`
    does. Off, because nobody should be listened to unasked; a page asks its own user."""
    diary: Literal["on", "off"] = "on"
    """Whether the two seconds of sound that woke him are kept for a day, on this machine only, so
    that a false wake can be marked and learnt from: `steward wake diary`."""


class RiskConfig(Section):
    """`[risk]`: what is not done before somebody has said yes, which counts for a minute."""

    confirm: Literal["on", "off"] | tuple[str, ...] = "on"
    """"on": unlocking, opening outer doors, gates, garages and gas valves, disarming, heating
    beyond `heat`. "off": nothing. A list: only what is of these domains, such as ["lock"]."""
    heat: Annotated[float, Field(ge=5, le=40)] = 28.0
    """The highest target of a room, in degrees Celsius, that needs no yes."""
    only: Mapping[str, tuple[str, ...]] = {}
    """Who may ask aloud for what is risky, by domain: {lock = ["Anna"]}. The names are those of
    `steward people`; others are told for whom it is done. Typed words and the page's buttons are
    not asked who they are. A voice is no lock: a recording of it passes."""


class McpTool(Section):
    """`[mcp.servers.NAME.tools.TOOL]`: a tool that he may use, by the server's name for it."""

    says: tuple[str, ...] = ()
    """The sentences that ask for it: ["search my notes for {query}", "在笔记里找{query}"]. What is
    in braces becomes the tool's argument of that name; [maybe] and (one|other) are understood."""
    arguments: Mapping[str, JsonValue] = {}
    """What is always given with it."""
    risk: Risk = Risk.GUARDED
    """"read" looks only, "act" changes something, "guarded" is done only after a yes. What a server
    says of itself is not believed, so that a tool is guarded until its owner says otherwise."""


class McpServer(Section):
    """`[mcp.servers.NAME]`: another program whose tools he may use, by the MCP."""

    command: tuple[str, ...] = ()
    """How it is started on this machine; it speaks by its standard input and output."""
    environment: Mapping[str, str] = {}
    """With a command: variables for it. Of ours it sees only PATH, HOME and the like."""
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    """Instead of a command: where it is, by streamable HTTP."""
    token: str | None = None
    """With a url: sent as `Authorization: Bearer`."""
    seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """How long it may take to answer."""
    tools: Mapping[str, McpTool] = {}
    """The tools that he may use: no others, whatever the server offers."""

    @model_validator(mode="after")
    def _one_way(self) -> McpServer:
        if bool(self.command) == bool(self.url):
            raise ValueError("give either `command` or `url`")
        return self


class Mcp(Section):
    """`[mcp]`: the Model Context Protocol, both ways."""

    serve: Literal["on", "off"] = "off"
    """Whether other programs may use him at /mcp of the page's address, as `steward mcp serve`
    lets one do."""
    servers: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")], McpServer] = {}
    """Whose tools he uses, by names that his owner gives them."""


class WyomingConfig(Section):
    """`[wyoming]`: the door through which Home Assistant's Assist hears, speaks and asks by him.

    The protocol knows no passwords: whoever may connect may say whatever one may say aloud.
    """

    listen: Literal["on", "off"] = "off"
    """Off, because few need it."""
    host: str = "127.0.0.1"
    """Loopback; an address of the network where Home Assistant runs on another machine."""
    port: Annotated[int, Field(ge=0, le=65535)] = 10377
    """0 lets the system choose one."""
    allow: tuple[IPvAnyNetwork, ...] = ()
    """Addresses and networks that may connect, beside this machine itself: ["192.168.1.20"];
    required when `host` is not loopback."""

    @model_validator(mode="after")
    def _named_off_loopback(self) -> WyomingConfig:
        if self.host not in LOOPBACK and not self.allow:
            raise ValueError(
                f"host {self.host} is open to the network, so `allow` must say to whom"
            )
        return self


class SatelliteConfig(Section):
    """`[satellites.NAME]`: a microphone and a loudspeaker elsewhere in the home."""

    host: str
    """Where `steward satellite`, or another satellite of the Wyoming protocol, runs."""
    port: Annotated[int, Field(ge=1, le=65535)] = 10700
    area: str | None = None
    """Id of the area that it stands in: what "here" means there. Without it, the area of the name
    that the satellite itself gives."""


class MqttConfig(Section):
    """`[mqtt]`: a broker. Its devices are part of the home, and Steward is a device to others."""

    host: str = ""
    """The broker's name or address; without it there is none."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """1883 without, and 8883 with TLS, where nothing else is said."""
    user: str | None = None
    """Whom to log in as; nobody, where the broker lets everybody in."""
    password_file: Path | None = None
    """The file that holds the password and nothing else."""
    tls: Literal["on", "off"] = "off"
    """Whether the connection is encrypted and the broker's certificate checked."""
    ca: Path | None = None
    """With TLS: the certificate of who signed the broker's; the system's are used without it."""
    certificate: Path | None = None
    """With TLS: a certificate of our own, where the broker asks for one."""
    key: Path | None = None
    """The key of that certificate."""
    discovery: str = "homeassistant"
    """The topic below which devices announce themselves, as for Home Assistant; empty: the home
    has none of them, and Steward is a device only."""
    areas: Mapping[str, str] = {}
    """Rooms of devices that do not say where they are: {"Floor Lamp" = "Living Room"}."""
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,40}$")] = "steward"
    """What Steward is called as a device, and the topic below which it tells of itself."""
    ask: Literal["on", "off"] = "off"
    """Whether it also takes sentences, at NAME/ask. Off, because whoever may write to the broker
    could then command the home."""

    @property
    def at_port(self) -> int:
        """The port that is meant."""
        return self.port or (8883 if self.tls == "on" else 1883)


class PlantConfig(Section):
    """`[plant]`: workshops and plants that are spoken to over Modbus TCP or OPC UA."""

    maps: tuple[Path, ...] = ()
    """The map files, each of which names the registers or nodes of one device; a path that is
    relative begins at the folder in which Steward is started."""


class Webhook(Section):
    """`[[webhooks]]`: a program that is told by HTTP POST what happens."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: Annotated[str, Field(min_length=16)]
    """What each POST is signed with, as Standard Webhooks say (standardwebhooks.com)."""
    kinds: tuple[str, ...] = ("state_changed", "timer_finished", "job_done")
    """Which Events: as `steward events` shows them. "heard" and "replied" tell what is said."""


class AuditConfig(Section):
    """`[audit]`: the log of what was done, for whom and why, which stays on this machine."""

    days: Annotated[int, Field(ge=1, le=3650)] = 90
    """How long an entry is kept."""


class HomeAssistantConfig(Section):
    """`[home_assistant]`: a Home Assistant whose home is this one's."""

    url: str = ""
    """Where it is, as a browser shows it: "http://homeassistant.local:8123". Nothing: there is
    none. `steward connect home-assistant URL` writes this, and keeps the token elsewhere."""


class Config(Section):
    """The whole configuration."""

    languages: tuple[str, ...] = ("en", "zh")
    """Languages tried, in this order, on typed text, and likelier than others in what is said: a
    spoken sentence is in whatever language the recogniser hears, which may be another."""
    area: str | None = None
    """Id of the area that this device stands in: what "here" means."""
    persona: str = "steward"
    """Who he is: the name of a persona that comes with Steward, or the path of a TOML file."""
    server: Server = Server()
    paths: Paths = Field(default_factory=Paths)
    speech: Speech = Speech()
    voice: VoiceConfig = VoiceConfig()
    wake: WakeConfig = WakeConfig()
    model: ButlerModelConfig = ButlerModelConfig()
    models: ModelsConfig = ModelsConfig()
    tiers: TiersConfig = TiersConfig()
    risk: RiskConfig = RiskConfig()
    mcp: Mcp = Mcp()
    wyoming: WyomingConfig = WyomingConfig()
    satellites: Mapping[str, SatelliteConfig] = {}
    hub: HubConfig = HubConfig()
    plant: PlantConfig = PlantConfig()
    audit: AuditConfig = AuditConfig()
    webhooks: tuple[Webhook, ...] = ()
    home_assistant: HomeAssistantConfig = HomeAssistantConfig()
    mqtt: MqttConfig = MqttConfig()


def default_path() -> Path:
    """Return where the configuration is looked for: $STEWARD_CONFIG, else the user's own place."""
    named = os.environ.get("STEWARD_CONFIG")
    return Path(named) if named else platformdirs.user_config_path("steward") / "steward.toml"


def load(path: Path | None = None) -> Config:
    """Read `path`; without it the default place, where a missing file means all defaults.

    Raises:
        ConfigError: the file is missing, is not TOML, or holds an unknown key or a bad value.
    """
    file = path or default_path()
    if path is None and "STEWARD_CONFIG" not in os.environ and not file.exists():
        return Config()
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration {file}: {error.strerror}",
            hint="create the file, or leave --config away to run with the defaults",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}", hint="mend that line") from error
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise _config_error(file, error) from error


def add_table(file: Path, name: str, **values: str) -> None:
    """Write the table `name` at the end of the configuration `file`; all else stays as it is.

    Raises:
        ConfigError: there is such a table, or the file cannot be read or written.
    """
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if name in tomllib.loads(before):
            raise ConfigError(f"{file} already has a table [{name}]", hint="change that one")
        # A basic string of TOML is written as JSON writes it.
        lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as writing:
            writing.write(gap + "\n".join((f"[{name}]", *lines)) + "\n")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}", hint="mend that line") from error
    except OSError as error:
        raise ConfigError(
            f"cannot write the configuration {file}: {error.strerror}",
            hint="mend its permissions, or name another file with --config",
        ) from error


def _config_error(file: Path, error: ValidationError) -> ConfigError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] == "extra_forbidden":
        known = _known_keys()
        close = difflib.get_close_matches(where, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known keys: {', '.join(known)}"
        return ConfigError(f"{file}: unknown key {where}", hint=hint)
    return ConfigError(f"{file}: {where}: {first['msg']}", hint="mend that value")


def _known_keys() -> list[str]:
    keys: list[str] = []
    for name, info in Config.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            keys += [f"{name}.{key}" for key in kind.model_fields]
        else:
            keys.append(name)
    return keys
