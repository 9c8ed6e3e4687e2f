"""OPC UA, by asyncua (extra `industry`)."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from steward.errors import ConfigError, DeviceError, FixturesError, PeerError
from steward.home.following import ending
from steward.home.plant.driver import LinkLostError, Readings
from steward.home.plant.map import Map, OpcUa, Point
from steward.home.plant.points import Raw

if TYPE_CHECKING:
    from asyncua.client.client import Client
    from asyncua.ua import DataValue, NodeId, Variant

_AGAIN = "nothing to do: the connection is tried again and again"
_SINGLE_DIGITS = 7
"""Decimal digits that a number of single precision holds."""


class OpcUaDriver:
    """A session with an OPC UA server, in which all nodes are read by one request at a time."""

    def __init__(self, plant: Map, server: OpcUa) -> None:
        """Speak to `server` about the points of `plant`.

        Raises:
            DeviceError: asyncua is not installed.
            FixturesError: a node's id cannot be one.
        """
        try:
            from asyncua import ua
            from asyncua.client.client import Client
            from asyncua.ua.uaerrors import UaError
        except ImportError as error:
            raise DeviceError("asyncua is not installed", hint="make extra-industry") from error
        # It logs every try to connect; this home says once what is wrong.
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self._make = Client
        self._ua = ua
        self._failures = (OSError, TimeoutError, UaError)
        self._plant = plant
        self._server = server
        self._client: Client | None = None
        self._nodes = {
            str(place): self._node(str(place))
            for point in plant.points
            for place in (point.at, point.target)
        }

    async def run(self, report: Callable[[Readings], None]) -> None:
        """Open a session, then report all points at every look."""
        server = self._server
        client = self._make(server.url, timeout=server.timeout)
        await self._identify(client)
        try:
            await client.connect()
        except self._failures as error:
            raise PeerError(
                f"cannot connect to {self._plant.peer}: {_why(error)}",
                hint="check the address, the user and the security in the map",
            ) from error
        self._client = client
        points = [point for point in self._plant.points if point.domain != "button"]
        try:
            while not ending():
                report(await self._read(client, points))
                await asyncio.sleep(server.interval)
        finally:
            self._client = None
            await self._leave(client)

    async def read(self, point: Point) -> Raw:
        """Return what `point` is now."""
        found = (await self._read(self._connected(), [point]))[point.id]
        if isinstance(found, ValueError):
            raise found
        return found

    async def write(self, point: Point, value: float) -> Raw:
        """Write `value` once, as the type that the node has."""
        ua, client, node = self._ua, self._connected(), self._nodes[str(point.target)]
        try:
            known = (await client.uaclient.read_attributes([node], ua.AttributeIds.Value))[0]
            if known.Value is None or known.Value.is_array:
                raise ValueError(f"{point.target}: {_status(known)}")
            raw = _cast(known.Value.VariantType.name, value)
            # Without times: many servers refuse a value that brings its own.
            data = ua.DataValue(ua.Variant(raw, known.Value.VariantType))
            answer = (await client.uaclient.write_attributes([node], [data]))[0]
        except self._failures as error:
            raise self._lost(error) from error
        if not answer.is_good():
            raise ValueError(f"the server refuses: {answer.name}")
        return _number(data.Value) if data.Value is not None else value

    async def _read(self, client: Client, points: list[Point]) -> dict[str, Raw | ValueError]:
        ua = self._ua
        nodes = [self._nodes[str(point.at)] for point in points]
        try:
            values = await client.uaclient.read_attributes(nodes, ua.AttributeIds.Value)
        except self._failures as error:
            raise self._lost(error) from error
        if len(values) != len(points):
            raise self._lost(ValueError(f"{len(values)} values for {len(points)} nodes"))
        return {point.id: _value(point, value) for point, value in zip(points, values, strict=True)}

    async def _identify(self, client: Client) -> None:
        server = self._server
        try:
            if server.security:
                await client.set_security_string(server.security)
            if server.user:
                client.set_user(server.user)
            if server.password_file:
                secret = server.password_file.expanduser().read_text(encoding="utf-8")
                client.set_password(secret.strip())
        except (*self._failures, ValueError, AttributeError) as error:
            raise ConfigError(
                f"opcua: the security or the password cannot be used: {_why(error)}",
                hint='write security: "Basic256Sha256,SignAndEncrypt,certificate.der,key.pem"',
            ) from error

    async def _leave(self, client: Client) -> None:
        try:
            await client.disconnect()
        except self._failures:
            # It is gone already, and has said so to whoever asked.
            return

    def _connected(self) -> Client:
        if self._client is None:
            raise PeerError(f"{self._plant.peer} is not connected", hint=_AGAIN)
        return self._client

    def _node(self, text: str) -> NodeId:
        try:
            return self._ua.NodeId.from_string(text)
        except (*self._failures, ValueError) as error:
            raise FixturesError(
                f"{text} is not the id of a node: {_why(error)}",
                hint='write it like "ns=2;s=Pressure" or "ns=2;i=1001"',
            ) from error

    def _lost(self, error: Exception) -> LinkLostError:
        return LinkLostError(f"{self._plant.peer} does not answer: {_why(error)}", hint=_AGAIN)


def _value(point: Point, data: DataValue) -> Raw | ValueError:
    if data.Value is None or (data.StatusCode is not None and not data.StatusCode.is_good()):
        return ValueError(f"{point.at}: {_status(data)}")
    try:
        return _number(data.Value)
    except ValueError as error:
        return ValueError(f"{point.at}: {error}")


def _number(variant: Variant) -> Raw:
    """Return the one plain value in `variant`, without the digits that its type does not have.

    Raises:
        ValueError: it holds something else.
    """
    value = variant.Value
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, bool | int | float | str):
        raise ValueError(f"{type(value).__name__} is no plain value")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number")
        if variant.VariantType.name == "Float":
            return float(f"{value:.{_SINGLE_DIGITS}g}")
    return value


def _cast(name: str, value: float) -> bool | int | float:
    """Return `value` as a node of the type `name` takes it.

    Raises:
        ValueError: such a node takes no number.
    """
    if name == "Boolean":
        return bool(value)
    if name in ("Float", "Double"):
        return float(value)
    if name.removeprefix("U") in ("SByte", "Byte", "Int16", "Int32", "Int64"):
        return round(value)
    raise ValueError(f"a node of type {name} takes no number")


def _status(data: DataValue) -> str:
    if data.StatusCode is not None and not data.StatusCode.is_good():
        return str(data.StatusCode.name)
    return "there is no plain value"


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
