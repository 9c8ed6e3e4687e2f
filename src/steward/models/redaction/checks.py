"""Checksums and forms of numbers that are personal: pure functions on text."""

from __future__ import annotations

import ipaddress
import re
from datetime import date

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_DIGITS = "10X98765432"


def luhn(number: str) -> bool:
    """Tell whether the digits in `number` pass the check of bank cards (ISO/IEC 7812-1)."""
    digits = [int(character) for character in number if character.isascii() and character.isdigit()]
    if len(digits) < 2:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def iban(number: str) -> bool:
    """Tell whether `number`, spaces aside, passes the check of account numbers (ISO 13616)."""
    plain = re.sub(r"[\s-]", "", number).upper()
    if not re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", plain, re.ASCII):
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def resident_digit(body: str) -> str:
    """Return the last character for the 17 digits of a Chinese resident's number (GB 11643)."""
    total = sum(weight * int(digit) for weight, digit in zip(_RESIDENT_WEIGHTS, body, strict=True))
    return _RESIDENT_DIGITS[total % 11]


def resident(number: str) -> bool:
    """Tell whether `number` is a Chinese resident's: 18 characters, a real birthday, the check."""
    if not re.fullmatch(r"[1-9]\d{16}[\dXx]", number, re.ASCII):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return resident_digit(number[:17]) == number[17].upper()


def ssn(number: str) -> bool:
    """Tell whether `number` can be a social security number: no part is all zeros, not 666."""
    digits = re.sub(r"\D", "", number)
    return (
        len(digits) == 9
        and digits[:3] not in {"000", "666"}
        and digits[3:5] != "00"
        and digits[5:] != "0000"
    )


def ip(text: str) -> bool:
    """Tell whether `text` is an address of the Internet Protocol, version 4 or 6."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
