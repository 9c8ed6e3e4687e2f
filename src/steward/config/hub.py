"""The table of the door for paired machines: `[hub]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from steward.config.section import Section


class HubConfig(Section):
    """`[hub]`: where machines that `steward pair` has let in use this one, by TLS.

    They are satellites, and Stewards that ask it what they cannot answer.
    """

    listen: Literal["on", "off"] = "off"
    """Off, because few need it."""
    host: str = "0.0.0.0"  # noqa: S104 - nobody gets in without a pairing
    """Every address of this machine: who is not paired can do nothing but try a code while one is
    shown."""
    port: Annotated[int, Field(ge=0, le=65535)] = 10378
    """0 lets the system choose one."""
    name: Annotated[str, Field(pattern=r"^(\w[\w .-]{0,31})?$")] = ""
    """What others call it; without it, this machine's own name."""
