"""Modbus TCP, by pymodbus (extra `industry`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from steward.errors import DeviceError, PeerError
from steward.home.following import ending
from steward.home.plant.driver import LinkLostError, Readings
from steward.home.plant.map import Map, Modbus, Point, Register
from steward.home.plant.points import Raw
from steward.home.plant.registers import BITS, KINDS, decode, encode

if TYPE_CHECKING:
    from pymodbus.client import AsyncModbusTcpClient
    from pymodbus.pdu import ModbusPDU

MAX_REGISTERS = 125
MAX_BITS = 2000
"""Most registers and bits of one request; Modbus Application Protocol 1.1b3, 6.1 and 6.3."""
_AGAIN = "nothing to do: the connection is tried again and again"


@dataclass(frozen=True, slots=True)
class Block:
    """Points whose registers lie side by side: `count` entries of `table` from `address` on."""

    table: str
    address: int
    count: int
    points: tuple[Point, ...]


def blocks(points: Sequence[Point]) -> tuple[Block, ...]:
    """Return which requests read all `points`: registers side by side are read at once.

    No register is read that the map does not name: some devices refuse the whole request.
    """
    found: list[Block] = []
    placed = [(point.at, point) for point in points if isinstance(point.at, Register)]
    for at, point in sorted(placed, key=lambda each: (each[0].table, each[0].address)):
        end = at.address + KINDS[point.type].registers
        limit = MAX_BITS if at.table in BITS else MAX_REGISTERS
        last = found[-1] if found else None
        if (
            last is not None
            and last.table == at.table
            and at.address <= last.address + last.count
            and end - last.address <= limit
        ):
            count = max(last.count, end - last.address)
            found[-1] = Block(last.table, last.address, count, (*last.points, point))
        else:
            found.append(Block(at.table, at.address, end - at.address, (point,)))
    return tuple(found)


class ModbusDriver:
    """A Modbus device over TCP. One request at a time: many devices know no more."""

    def __init__(self, plant: Map, device: Modbus) -> None:
        """Speak to `device` about the points of `plant`.

        Raises:
            DeviceError: pymodbus is not installed.
        """
        try:
            from pymodbus.client import AsyncModbusTcpClient
        except ImportError as error:
            raise DeviceError("pymodbus is not installed", hint="make extra-industry") from error
        # It logs every try to connect; this home says once what is wrong.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
        self._make = AsyncModbusTcpClient
        self._plant = plant
        self._device = device
        self._client: AsyncModbusTcpClient | None = None
        self._lock = asyncio.Lock()

    async def run(self, report: Callable[[Readings], None]) -> None:
        """Connect, then report all points at every look."""
        device = self._device
        # One try each: a request that is sent again could do a thing twice.
        client = self._make(
            device.host, port=device.port, timeout=device.timeout, retries=0, reconnect_delay=0
        )
        try:
            if not await client.connect():
                raise PeerError(
                    f"cannot connect to {self._plant.peer}",
                    hint="check the address in the map, the cable, and that the device is on",
                )
            self._client = client
            parts = blocks(tuple(point for point in self._plant.points if point.domain != "button"))
            while not ending():
                readings: dict[str, Raw | ValueError] = {}
                for block in parts:
                    readings |= await self._block(block)
                report(readings)
                await asyncio.sleep(device.poll)
        finally:
            self._client = None
            client.close()

    async def read(self, point: Point) -> Raw:
        """Return what `point` is now."""
        block = blocks((point,))[0]
        found = (await self._block(block))[point.id]
        if isinstance(found, ValueError):
            raise found
        return found

    async def write(self, point: Point, value: float) -> Raw:
        """Write `value` once."""
        place = point.target
        if not isinstance(place, Register):
            raise ValueError(f"{place} is no register")
        registers = encode(value, point.type, point.order)
        if place.table == "coil":
            await self._ask(
                lambda client: client.write_coil(
                    place.address, bool(registers[0]), device_id=self._device.unit
                )
            )
        elif len(registers) == 1:
            await self._ask(
                lambda client: client.write_register(
                    place.address, registers[0], device_id=self._device.unit
                )
            )
        else:
            await self._ask(
                lambda client: client.write_registers(
                    place.address, registers, device_id=self._device.unit
                )
            )
        return decode(registers, point.type, point.order)

    async def _block(self, block: Block) -> dict[str, Raw | ValueError]:
        """Read a block; where the device refuses it, each of its points by itself."""
        try:
            values = await self._values(block)
        except ValueError as error:
            if len(block.points) == 1:
                return {block.points[0].id: error}
            found: dict[str, Raw | ValueError] = {}
            for point in block.points:
                found |= await self._block(blocks((point,))[0])
            return found
        return {point.id: _value(point, block, values) for point in block.points}

    async def _values(self, block: Block) -> Sequence[int]:
        unit, table = self._device.unit, block.table

        async def ask(client: AsyncModbusTcpClient) -> ModbusPDU:
            read = {
                "coil": client.read_coils,
                "discrete": client.read_discrete_inputs,
                "input": client.read_input_registers,
                "holding": client.read_holding_registers,
            }[table]
            return await read(block.address, count=block.count, device_id=unit)

        answer = await self._ask(ask)
        values = [int(bit) for bit in answer.bits] if table in BITS else list(answer.registers)
        if len(values) < block.count:
            raise ValueError(f"{len(values)} values where {block.count} were asked for")
        return values[: block.count]

    async def _ask(self, ask: Callable[[AsyncModbusTcpClient], Awaitable[ModbusPDU]]) -> ModbusPDU:
        from pymodbus.exceptions import ModbusException

        async with self._lock:
            client = self._client
            if client is None or not client.connected:
                raise PeerError(f"{self._plant.peer} is not connected", hint=_AGAIN)
            try:
                answer = await ask(client)
            except (ModbusException, OSError, TimeoutError) as error:
                # An answer that comes late must not be taken for that to the next request.
                client.close()
                raise self._lost(str(error) or "does not answer") from error
            except asyncio.CancelledError:
                client.close()
                raise
        if answer.isError():
            code = getattr(answer, "exception_code", 0)
            raise ValueError(f"the device refuses: {REFUSALS.get(code, f'error {code}')}")
        return answer

    def _lost(self, why: str) -> LinkLostError:
        return LinkLostError(f"{self._plant.peer} {why}", hint=_AGAIN)


REFUSALS = {
    1: "it does not know this function",
    2: "it has no such register",
    3: "it does not accept this value",
    4: "it has failed",
    5: "it is still at it",
    6: "it is busy",
    10: "no path to the unit",
    11: "the unit does not answer",
}
"""What a device may answer; Modbus Application Protocol 1.1b3, chapter 7."""


def _value(point: Point, block: Block, values: Sequence[int]) -> Raw | ValueError:
    at = point.at
    if not isinstance(at, Register):
        return ValueError(f"{at} is no register")
    start = at.address - block.address
    words = values[start : start + KINDS[point.type].registers]
    if at.bit is not None:
        return words[0] >> at.bit & 1
    try:
        return decode(words, point.type, point.order)
    except ValueError as error:
        return error
