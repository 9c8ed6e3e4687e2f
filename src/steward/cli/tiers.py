"""The commands of `steward tiers`: the machines that may be asked what this one cannot answer."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table

from steward.cli import calibrate, cases
from steward.cli.console import AsJson, log, out, print_json, run
from steward.config import Config
from steward.errors import UserError

if TYPE_CHECKING:
    from steward.models.tiers.accounts import Account
    from steward.models.tiers.questions import Questions, Waiter

app = typer.Typer(
    help="The machines that may be asked open questions, and when.",
    epilog="Example: steward tiers --json",
    invoke_without_command=True,
)
app.command(epilog="Example: steward tiers calibrate questions.jsonl --alpha 0.05")(
    calibrate.calibrate
)
app.command(epilog="Example: steward tiers plot --html risk-coverage.html")(calibrate.plot)
app.command(epilog="Example: steward tiers cases --erase 12")(cases.cases)
app.command(epilog="Example: steward tiers judge 12 same")(cases.judge)

_STATES = {"closed": "well", "open": "left alone for a while", "half-open": "tried next time"}
"""What the states of a breaker mean."""


@app.callback()
def tiers(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the tiers: what each may see, whether it answers, its money today, and what waits."""
    if context.invoked_subcommand is not None:
        return
    config: Config = context.obj
    if not config.tiers.asked:
        if as_json:
            print_json({"tiers": [], "waiting": []})
            return
        log.print(
            "nobody is asked open questions: the configuration has no [tiers.NAME]",
            highlight=False,
            markup=False,
        )
        return
    found, waiting = run(_look(config))
    if as_json:
        print_json({"tiers": found, "waiting": [_told(each) for each in waiting]})
        return
    where = Column("where", overflow="fold")  # an address that is cut off tells nothing
    table = Table("tier", where, "may see", "state", "spent today", "last trouble")
    for each in found:
        limit = "" if each["money"] is None else f" of {each['money']:g}"
        spent = f"{each['spent']:.4f}{limit}" if each["costs"] else "-"
        state = _STATES[each["state"]]
        row = (each["tier"], each["where"], each["send"], state, spent, each["trouble"])
        table.add_row(*row)
    out.print(table, markup=False)
    if waiting:
        out.print(_questions(waiting), markup=False)


@app.command(epilog="Example: steward tiers drop 3")
def drop(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The number of a question that waits.")],
) -> None:
    """Forget a question that waits, or its answer."""
    if not run(_drop(context.obj, number)):
        raise UserError("there is no such question", hint="steward tiers lists them")
    log.print(f"deleted: {number}", highlight=False)


async def _look(config: Config) -> tuple[list[dict[str, Any]], tuple[Waiter, ...]]:
    from steward.models.shown import shown
    from steward.models.tiers import accounts

    now = datetime.now().astimezone()
    found: list[dict[str, Any]] = []
    with closing(accounts.Accounts(config.paths.state / accounts.FILE)) as kept:
        if config.tiers.device:
            from steward.plan.asking.words import HERE

            account = await kept.read(HERE)
            found.append(_row(HERE, f"models.{config.tiers.device}", "stays here", account, now))
        for name, each in config.tiers.named.items():
            row = _row(name, shown(each.url), each.send, await kept.read(name), now)
            found.append(
                row | {"money": each.money, "costs": bool(each.price_in or each.price_out)}
            )
    with closing(_opened(config)) as queue:
        return found, await queue.all()


async def _drop(config: Config, number: int) -> bool:
    with closing(_opened(config)) as queue:
        return await queue.drop(number)


def _opened(config: Config) -> Questions:
    from steward.models.tiers import questions

    return questions.Questions(config.paths.state / questions.FILE)


def _row(name: str, where: str, send: str, account: Account, now: datetime) -> dict[str, Any]:
    today = account.on(now.date().isoformat())
    return {
        "tier": name,
        "where": where,
        "send": send,
        "state": today.breaker.state(now.timestamp()),
        "failures": today.breaker.failures,
        "spent": today.spent,
        "money": None,
        "costs": False,
        "trouble": today.trouble,
    }


def _told(waiter: Waiter) -> dict[str, Any]:
    told = asdict(waiter)
    return {"question": told.pop("inquiry")["text"], **told}


def _questions(waiting: tuple[Waiter, ...]) -> Table:
    table = Table("number", "asked", "question", "answered by", "answer")
    for each in waiting:
        asked = datetime.fromtimestamp(each.asked).astimezone().strftime("%Y-%m-%d %H:%M")
        tier = each.tier if each.answered is not None else "waits"
        table.add_row(str(each.id), asked, each.inquiry.text, tier, each.answer)
    return table
