"""The commands of `steward pair`: machines that use each other by a code of six digits."""

from __future__ import annotations

import socket
import sys
import time
from typing import Annotated

import typer

from steward.cli.console import AsJson, log, out, print_json, run
from steward.config import Config
from steward.errors import ConfigError, PeerError, UserError
from steward.pairing.address import address
from steward.pairing.finding import find
from steward.pairing.identity import fingerprint, identity
from steward.pairing.joining import PATIENCE, Asked, join
from steward.pairing.pairings import SECONDS, Hub, Pairings, opened
from steward.serve.tokens import guests_token
from steward.serve.tokens import opened as tokens_opened

app = typer.Typer(
    help="Show a code by which a machine is paired with this hub; or pair this one, list, remove.",
    epilog="Example: steward pair",
    invoke_without_command=True,
)
POLL = 0.2
"""Seconds between two looks whether the code was used."""
CODE = Annotated[str, typer.Option(help="The six digits that `steward pair` on the hub shows.")]


@app.callback()
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show a code for one machine, good for two minutes, and wait until it is paired."""
    if context.invoked_subcommand is not None:
        return
    config: Config = context.obj
    if config.hub.listen != "on":
        raise ConfigError(
            "the door for paired machines is closed",
            hint='put [hub] and listen = "on" into the configuration, and start steward again',
        )
    with opened(config.paths.state) as pairings:
        shown = pairings.invite()
        spaced = f"{shown.code[:3]} {shown.code[3:]}"
        if as_json:
            print_json({"code": shown.code, "seconds": SECONDS})
            sys.stdout.flush()
        else:
            out.print(f"The code is {spaced}, for two minutes.", highlight=False)
            out.print("On the other machine: steward satellite --hub discovered", highlight=False)
            out.print("or, where a Steward shall ask this one: steward pair with discovered")
        try:
            guest = _used(pairings, shown.code)
        finally:
            pairings.withdraw(shown.code)
    log.print(f"{guest} is paired with this hub", highlight=False, markup=False)


def _used(pairings: Pairings, code: str) -> str:
    """Wait until `code` is used, and return by whom."""
    tried_out = 0.0
    while (shown := pairings.invitation()) is not None and shown.code == code:
        now = time.time()
        if shown.guest:
            return shown.guest
        if now >= shown.until:
            raise UserError(
                "nobody has used the code", hint="is steward running? steward pair shows another"
            )
        if shown.tries <= 0:
            tried_out = tried_out or now
            # The last try may be the right one, and under way.
            if now > tried_out + PATIENCE:
                raise PeerError(
                    "wrong codes were tried until this one was used up",
                    hint="steward pair shows another; if nobody mistyped it, somebody guesses",
                )
        time.sleep(POLL)
    raise UserError("another code was shown since", hint="use that one")


@app.command("with", epilog="Example: steward pair with 192.168.1.10 --code 042137")
def with_hub(
    context: typer.Context,
    hub: Annotated[str, typer.Argument(help="Its address, its name, or: discovered.")],
    code: CODE = "",
    name: Annotated[str, typer.Option(help="What the hub shall call this machine.")] = "",
    as_json: AsJson = False,
) -> None:
    """Pair this machine with a hub, and print the table by which Steward asks it for answers."""
    kept = pair(context.obj, hub, code, name)
    entry = tier(kept)
    if as_json:
        print_json({"name": kept.name, **entry})
        return
    log.print(f"this machine is paired with {kept.name}", highlight=False, markup=False)
    lines = [f'[tiers."{kept.name}"]', *(f'{key} = "{value}"' for key, value in entry.items())]
    out.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


def tier(hub: Hub) -> dict[str, str]:
    """Return the values of the table `[tiers.NAME]` by which this machine asks `hub`."""
    where = address(hub.address)
    return {"url": where.url, "model": "steward", "certificate": fingerprint(hub.certificate)}


def pair(config: Config, wanted: str, code: str, name: str) -> Hub:
    """Pair this machine with the hub that is `wanted`; a code that is not given is asked for."""
    where = run(find(wanted))
    if not code:
        if not sys.stdin.isatty():
            raise UserError(
                f"this machine is not paired with the hub at {where}",
                hint="`steward pair` on the hub shows a code; give it: --code 042137",
            )
        code = typer.prompt(f"The code that the hub at {where} shows")
    asked = Asked(code, name or socket.gethostname()[:32])
    with opened(config.paths.state) as pairings:
        return run(join(identity(config.paths.state), where, asked, pairings))


@app.command("list", epilog="Example: steward pair list --json")
def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """List the machines that this one is paired with."""
    with opened(context.obj.paths.state) as pairings:
        hubs, guests = pairings.hubs(), pairings.guests()
    rows = [
        {"name": hub.name, "is": "hub", "address": hub.address, "since": hub.since} for hub in hubs
    ]
    rows += [{"name": one.name, "is": "guest", "since": one.since} for one in guests]
    if as_json:
        print_json(rows)
        return
    for hub in hubs:
        out.print(f"{hub.name}: a hub at {hub.address}, since {hub.since}", highlight=False)
    for one in guests:
        out.print(f"{one.name}: may use this machine, since {one.since}", highlight=False)


@app.command(epilog="Example: steward pair remove kitchen")
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(help="Its name in the list.")]
) -> None:
    """Forget a machine, at once, also where the server runs; it must be paired anew."""
    state = context.obj.paths.state
    with opened(state) as pairings, tokens_opened(state) as tokens:
        hub, guest = pairings.remove("hub", name), pairings.remove("guest", name)
        if guest:
            tokens.revoke(guests_token(name))
        names = [*(one.name for one in pairings.hubs()), *(one.name for one in pairings.guests())]
    if not (hub or guest):
        raise UserError(
            f"this machine is not paired with {name!r}",
            hint=f"it is with: {', '.join(names) or 'none'}",
        )
    log.print(f"{name} is paired no more", highlight=False, markup=False)
