from __future__ import annotations

import pytest

from steward.models.redaction import checks


@pytest.mark.parametrize("number", ["4111 1111 1111 1111", "378282246310005", "6212345678901232"])
def test_luhn_takes_card_numbers(number: str) -> None:
    assert checks.luhn(number)


@pytest.mark.parametrize("number", ["4111 1111 1111 1112", "378282246310006", "", "7"])
def test_luhn_refuses_others(number: str) -> None:
    assert not checks.luhn(number)


def test_iban() -> None:
    # The examples of the registry of ISO 13616.
    assert checks.iban("GB29 NWBK 6016 1331 9268 19")
    assert checks.iban("DE89370400440532013000")
    assert not checks.iban("DE89370400440532013001")
    assert not checks.iban("XX")


def test_resident_number() -> None:
    # The example of GB 11643-1999.
    assert checks.resident("11010519491231002X")
    assert checks.resident("11010519491231002x")
    assert not checks.resident("110105194912310021")
    assert not checks.resident("11010519491331002X"), "there is no thirteenth month"


def test_social_security_number() -> None:
    assert checks.ssn("219-09-9999")
    assert not checks.ssn("000-12-3456")
    assert not checks.ssn("666-12-3456")
    assert not checks.ssn("219-00-9999")


def test_ip() -> None:
    assert checks.ip("192.168.1.20")
    assert checks.ip("fe80::1")
    assert not checks.ip("192.168.1.256")
