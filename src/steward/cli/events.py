"""`steward events`: what happens at a running server."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import typer

from steward.cli.console import AsJson, out, run
from steward.config import Config
from steward.errors import PeerError


def events(
    context: typer.Context,
    kinds: Annotated[
        list[str] | None, typer.Argument(help="Only these, such as state_changed or heard.")
    ] = None,
    url: Annotated[
        str, typer.Option(help="Where the server is, if it is not this machine's.")
    ] = "",
    token: Annotated[
        str, typer.Option(envvar="STEWARD_TOKEN", help="With --url: a token of that server.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Watch what happens at a running server, until Ctrl-C."""
    run(_watch(context.obj, tuple(kinds or ()), url, token, as_json))


async def _watch(
    config: Config, kinds: tuple[str, ...], url: str, token: str, as_json: bool
) -> None:
    async for event in listen(config, kinds, url, token):
        if as_json:
            print(json.dumps(event, ensure_ascii=False), flush=True)  # noqa: T201 - stdout is data
        else:
            out.print(_line(event), highlight=False, markup=False, soft_wrap=True)


async def listen(
    config: Config, kinds: tuple[str, ...], url: str = "", token: str = ""
) -> AsyncIterator[dict[str, Any]]:
    """Yield the Events of the server at `url`, or of the one that `config` is of.

    Raises:
        PeerError: the server cannot be reached, refuses, or has stopped.
    """
    # Lazy: an HTTP client takes a while, which other commands need not wait for.
    import httpx

    from steward.serve.tokens import local_key

    server = config.server
    scheme = "https" if server.cert else "http"
    base = url.rstrip("/") or f"{scheme}://127.0.0.1:{server.port}"
    own = ssl.create_default_context(cafile=server.cert) if server.cert and not url else True
    key = token if url else local_key(config.paths.state)
    patience = httpx.Timeout(10, read=60)
    hint = "start it with: steward; for another machine give --url and --token"
    try:
        async with (
            httpx.AsyncClient(verify=own, trust_env=bool(url), timeout=patience) as client,
            client.stream(
                "GET",
                f"{base}/api/events",
                params={"kinds": ",".join(kinds)},
                headers={"Authorization": f"Bearer {key}"},
            ) as answer,
        ):
            if not answer.is_success:
                said = (await answer.aread()).decode(errors="replace")[:200]
                raise PeerError(f"{base} answered {answer.status_code}: {said}", hint=hint)
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))
    except httpx.TransportError as error:
        raise PeerError(
            f"cannot reach {base}: {error or type(error).__name__}", hint=hint
        ) from error
    raise PeerError(f"{base} has ended the stream", hint="the server has stopped: start it again")


def _line(event: dict[str, Any]) -> str:
    when = datetime.fromtimestamp(event["time"]).astimezone().strftime("%H:%M:%S")
    match event["kind"]:
        case "state_changed":
            what = f"{event['entity']['name']}: {event['entity']['state']}"
        case "heard":
            asked = event["origin"]
            what = f"{asked['door']} {asked['who']}: {event['utterance']['text']}"
        case "planned":
            what = event["plan"]["stage"]
        case "replied":
            what = event["reply"]["text"]
        case "acted" | "performed":
            what = event["outcome"]["kind"]
        case "ended":
            what = event["how"]
        case "job_done":
            what = f"{event['text']}: {event['how']}"
        case _:
            what = ""
    return f"{when}  {event['kind']:<14}  {what}".rstrip()
