"""Messages of the pairing that others write: garbage is refused, and proves nothing."""

from __future__ import annotations

import json
import string

import pytest
from hubs import Machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spake2 import SPAKE2_A, SPAKE2_B

from steward.errors import PeerError, UserError
from steward.pairing.exchange import LONGEST, Guest, Host, code, named, parsed
from steward.pairing.identity import identity, read

FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
ELEMENT = SPAKE2_A(b"123456").start().hex()
OTHER_SIDE = SPAKE2_B(b"123456").start().hex()


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=300, deadline=None)
def test_a_line_is_an_object_or_refused(line: bytes) -> None:
    try:
        assert isinstance(parsed(line), dict)
    except PeerError as error:
        assert error.hint


def test_a_long_line_or_a_deep_one_is_refused() -> None:
    for line in (b'{"a": "' + b"x" * LONGEST + b'"}', b"[" * LONGEST, b'{"a":' * 1000):
        with pytest.raises(PeerError):
            parsed(line)


@given(
    hello=st.fixed_dictionaries(
        {},
        optional={
            "name": JSON | st.just("kitchen"),
            "certificate": JSON | st.text(string.printable),
            "message": JSON
            | st.just(ELEMENT)
            | st.just(OTHER_SIDE)
            | st.binary(min_size=33, max_size=33).map(bytes.hex)
            | st.binary(min_size=32, max_size=32).map(lambda b: "41" + b.hex()),
        },
    ),
    right=st.booleans(),
    proof=JSON | st.binary(min_size=32, max_size=32).map(bytes.hex),
)
@FEW
def test_a_hub_takes_no_garbage_and_lets_nobody_in(
    machines: list[Machine], hello: dict[str, object], right: bool, proof: object
) -> None:
    if right:
        hello = {**hello, "name": "kitchen", "certificate": machines[1].own.certificate}
    try:
        host = Host("123456", machines[0].own.certificate, hello)  # type: ignore[arg-type]
    except PeerError:
        return
    assert not host.check({"proof": proof})  # type: ignore[dict-item]


@given(answer=st.fixed_dictionaries({}, optional={"message": JSON | st.just(ELEMENT), "x": JSON}))
@FEW
def test_a_guest_takes_no_garbage(machines: list[Machine], answer: dict[str, object]) -> None:
    guest = Guest("123456", machines[1].own.certificate, b"der")
    guest.hello("kitchen")
    with pytest.raises(PeerError):
        guest.proof(answer)  # type: ignore[arg-type]


def test_what_was_sent_once_proves_nothing_again(machines: list[Machine]) -> None:
    hub, kitchen = machines[0].own, machines[1].own
    from ssl import PEM_cert_to_DER_cert

    guest = Guest("123456", kitchen.certificate, PEM_cert_to_DER_cert(hub.certificate))
    hello = guest.hello("kitchen")
    first = Host("123456", hub.certificate, hello)
    proof = guest.proof(first.answer())
    assert first.check(proof)
    guest.check(first.proof())
    again = Host("123456", hub.certificate, hello)
    assert not again.check(proof)
    assert not again.check({"proof": "\ud800"}), "half a character is none"


def test_a_certificate_that_is_exchanged_on_the_way_fits_no_proof(machines: list[Machine]) -> None:
    hub, kitchen, other = (machine.own for machine in machines)
    from ssl import PEM_cert_to_DER_cert

    guest = Guest("123456", kitchen.certificate, PEM_cert_to_DER_cert(hub.certificate))
    hello = {**guest.hello("kitchen"), "certificate": other.certificate}
    host = Host("123456", hub.certificate, hello)
    assert not host.check(guest.proof(host.answer()))
    with pytest.raises(PeerError):
        guest.check(host.proof())


@given(st.text() | st.text("0123456789 -", max_size=12))
def test_a_code_is_six_digits(text: str) -> None:
    try:
        digits = code(text)
    except UserError:
        return
    assert len(digits) == 6
    assert set(digits) <= set("0123456789")


@given(JSON)
def test_a_name_is_short_and_plain(value: object) -> None:
    try:
        name = named(value)
    except UserError:
        return
    assert len(name) <= 32
    assert name.isprintable()


def test_only_a_certificate_is_read_as_one(machines: list[Machine]) -> None:
    pem = machines[0].own.certificate
    assert read(pem) == pem
    private = machines[0].own.file.read_text(encoding="ascii")
    for wrong in (None, "", pem[:-60], pem + pem, "x" * 5000, private.replace(pem, "")):
        with pytest.raises(PeerError):
            read(wrong)


def test_the_identity_stays(machines: list[Machine]) -> None:
    assert identity(machines[0].state) == machines[0].own
    assert machines[0].own.certificate != machines[1].own.certificate
