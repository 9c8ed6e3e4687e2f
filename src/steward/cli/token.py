"""The commands of `steward token`: who may talk to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from steward.cli.console import AsJson, log, out, print_json
from steward.errors import UserError
from steward.serve.tokens import Scope, opened

if TYPE_CHECKING:
    from steward.config import Server

app = typer.Typer(
    help="Create, list or revoke the tokens that let others talk to the server.",
    epilog="Example: steward token create phone --scope control",
    no_args_is_help=True,
)
NAME = Annotated[str, typer.Argument(help="Whose token it is, or what for.")]


@app.command(epilog="Example: steward token create phone --scope control")
def create(
    context: typer.Context,
    name: NAME,
    scope: Annotated[
        Scope, typer.Option(help="talk; control: also act directly; admin: also see the audit log.")
    ] = Scope.TALK,
    as_json: AsJson = False,
) -> None:
    """Print a new token, this once; only a hash of it is kept."""
    with opened(context.obj.paths.state) as tokens:
        token = tokens.create(name, scope)
    if as_json:
        print_json({"name": name, "scope": scope, "token": token})
        return
    out.print(token, highlight=False, markup=False)
    log.print(_use(context.obj.server, token), highlight=False, markup=False, soft_wrap=True)


def _use(server: Server, token: str) -> str:
    scheme = "https" if server.cert else "http"
    return (
        f"A program sends it as: Authorization: Bearer {token}\n"
        f"A browser opens once: {scheme}://THIS-MACHINE:{server.port}/?token={token}"
    )


@app.command("list", epilog="Example: steward token list --json")
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens: names, scopes, and since when; never the tokens themselves."""
    with opened(context.obj.paths.state) as tokens:
        kept = tokens.all()
    rows = [{"name": one.name, "scope": one.scope, "created": one.created} for one in kept]
    if as_json:
        print_json(rows)
    for one in kept if not as_json else ():
        out.print(f"{one.name}: {one.scope}, since {one.created}", highlight=False, markup=False)


@app.command(epilog="Example: steward token revoke phone")
def revoke(context: typer.Context, name: NAME) -> None:
    """Let a token in no more, at once, also where the server runs."""
    with opened(context.obj.paths.state) as tokens:
        gone = tokens.revoke(name)
        others = ", ".join(token.name for token in tokens.all()) or "none"
    if not gone:
        raise UserError(f"there is no token {name!r}", hint=f"the tokens: {others}")
    log.print(f"{name} is let in no more", highlight=False, markup=False)
