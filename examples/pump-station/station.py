"""A pump station that exists only here, to try Steward with: Modbus TCP and OPC UA servers.

    python examples/pump-station/station.py --modbus 5020 --opcua 4840

Needs the extra `industry`. Each command that it gets is printed, one a line.
"""

from __future__ import annotations

import argparse
import asyncio
import struct
import time
from dataclasses import dataclass, field

from asyncua import Server, ua
from asyncua.common.callback import CallbackService, CallbackType, ServerItemCallback
from asyncua.common.node import Node
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

STARTING = 0.2
"""Seconds that a pump takes to start or stop."""


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201


@dataclass
class Station:
    """Two pumps, a tank, a wish for the flow. What is written here is what the pumps do."""

    flow: float = 8.0
    mode: int = 0
    told: list[bool] = field(default_factory=lambda: [True, False])
    since: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def tell(self, pump: int, on: bool) -> None:
        """Start or stop a pump."""
        say(f"pump {pump + 1} {'on' if on else 'off'}")
        if self.told[pump] != on:
            self.told[pump], self.since[pump] = on, time.monotonic()

    def want(self, flow: float) -> None:
        """Set the flow, in m³/h."""
        say(f"flow {flow:.7g}")
        self.flow = flow

    def switch(self, mode: int) -> None:
        """Set the mode of operation."""
        say(f"mode {mode}")
        self.mode = mode

    @property
    def running(self) -> list[bool]:
        """Which pumps run: those told to, once they have started."""
        now = time.monotonic()
        return [
            on if now - since >= STARTING else not on
            for on, since in zip(self.told, self.since, strict=True)
        ]

    @property
    def pressure(self) -> float:
        """The pressure at the outlet, in bar."""
        return 1.0 + 1.6 * sum(self.running)

    level = 63.5


class Registers:
    """The station as a Modbus device sees it: see modbus.yaml."""

    def __init__(self, station: Station) -> None:
        self._station = station

    async def act(
        self,
        function: int,
        _start: int,
        address: int,
        _count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Bring the registers up to date before they are read, and the station after a write."""
        station = self._station
        if function in (5, 15) and values:
            for number, value in enumerate(values, address):
                if number in (0, 1):
                    station.tell(number, bool(value))
                elif number == 8 and value:
                    say("acknowledged")
                    return None
        if function in (6, 16) and values:
            words = [int(value) for value in values]
            if (address, len(words)) == (10, 2):
                station.want(struct.unpack(">f", struct.pack(">HH", *words))[0])
            elif address == 20 and words[0] in (0, 1, 2):
                station.switch(words[0])
            else:
                return ExcCodes.ILLEGAL_VALUE
        if function == 1:
            registers[0] = sum(on << bit for bit, on in enumerate(station.told))
        if function == 2:
            registers[0] = sum(on << bit for bit, on in enumerate(station.running))
        if function == 3:
            registers[10:12] = struct.unpack(">HH", struct.pack(">f", station.flow))
            registers[20], registers[30] = station.mode, 0b1000
        if function == 4:
            low, high = struct.unpack(">HH", struct.pack(">f", station.level))[::-1]
            registers[0:3] = [round(station.pressure * 100), low, high]
        return None


async def modbus(station: Station, port: int) -> None:
    """Serve `station` over Modbus TCP."""
    bits = [SimData(0, count=1, values=[False] * 16, datatype=DataType.BITS)]
    few = [SimData(0, count=3, values=0, datatype=DataType.REGISTERS)]
    many = [SimData(0, count=31, values=0, datatype=DataType.REGISTERS)]
    device = SimDevice(1, (bits, list(bits), many, few), action=Registers(station).act)
    server = ModbusTcpServer(device, address=("127.0.0.1", port))
    await server.serve_forever()


async def opcua(station: Station, port: int) -> None:
    """Serve `station` over OPC UA."""
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    space = await server.register_namespace("http://example.org/pump-station")
    objects = server.nodes.objects

    async def node(name: str, value: float | bool, kind: ua.VariantType, told: bool) -> Node:
        made = await objects.add_variable(ua.NodeId(name, space), name, value, kind)
        if told:
            await made.set_writable()
        return made

    kind = ua.VariantType
    await node("Flow", station.flow, kind.Float, True)
    await node("Mode", station.mode, kind.Int16, True)
    for n in (1, 2):
        await node(f"Pump{n}.Start", n == 1, kind.Boolean, True)
    runs = [await node(f"Pump{n}.Running", n == 1, kind.Boolean, False) for n in (1, 2)]
    pressure = await node("Pressure", station.pressure, kind.Double, False)
    await node("Level", station.level, kind.Float, False)
    await node("DryRun", False, kind.Boolean, False)
    await node("Acknowledge", False, kind.Boolean, True)

    def written(event: ServerItemCallback, _: CallbackService) -> None:
        for write in event.request_params.NodesToWrite if event.is_external else ():
            name, value = str(write.NodeId.Identifier), write.Value.Value.Value
            if name == "Flow":
                station.want(value)
            elif name == "Mode":
                station.switch(value)
            elif name == "Acknowledge":
                say("acknowledged")
            elif name.endswith(".Start"):
                station.tell(int(name[4]) - 1, value)

    server.subscribe_server_callback(CallbackType.PostWrite, written)
    async with server:
        while True:
            for run, on in zip(runs, station.running, strict=True):
                await run.write_value(on)
            await pressure.write_value(station.pressure)
            await asyncio.sleep(0.02)


async def main() -> None:
    """Serve until interrupted."""
    example = "Example: python examples/pump-station/station.py --modbus 5020"
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], epilog=example)
    parser.add_argument("--modbus", type=int, help="port of the Modbus server")
    parser.add_argument("--opcua", type=int, help="port of the OPC UA server")
    chosen = parser.parse_args()
    if chosen.modbus is None and chosen.opcua is None:
        parser.error("say where to serve: --modbus PORT, --opcua PORT, or both")
    async with asyncio.TaskGroup() as group:
        if chosen.modbus is not None:
            group.create_task(modbus(Station(), chosen.modbus))
        if chosen.opcua is not None:
            group.create_task(opcua(Station(), chosen.opcua))


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        say("stopped")
