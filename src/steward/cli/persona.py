"""The command `steward persona`: who he can be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from steward.cli.console import AsJson, out, print_json, run
from steward.config import Config
from steward.persona import Persona, load_persona, shipped
from steward.plan.reply.manner import Occasion, in_manner
from steward.types import Entity, Reply, World

SAMPLES = {
    "en": {
        Occasion.DONE: "The kitchen light is on.",
        Occasion.TOLD: "Yes, the front door is locked.",
        Occasion.LOST: "Sorry, I didn't understand that.",
    },
    "zh": {
        Occasion.DONE: "厨房灯已打开。",
        Occasion.TOLD: "是的，前门锁着。",
        Occasion.LOST: "抱歉，我没听懂。",
    },
}
"""What a persona is heard by: replies as they are without one."""
_HOME = World(entities=(Entity("light.kitchen", "Kitchen Light", "on"),))


def persona(
    context: typer.Context,
    named: Annotated[
        str | None, typer.Argument(metavar="PERSONA", help="Show this one: a name or a TOML file.")
    ] = None,
    say: Annotated[
        Path | None, typer.Option(help="Write what the persona says, and how, to this WAV.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List who he can be, or show one; `persona` in steward.toml chooses."""
    config: Config = context.obj
    if named is None and say is None:
        every = {name: load_persona(name) for name in sorted({*shipped(), config.persona})}
        if as_json:
            print_json([{"persona": name, "about": one.about} for name, one in every.items()])
            return
        table = Table("persona", "", box=None)
        for name, one in every.items():
            table.add_row(name + (" *" if name == config.persona else ""), one.about)
        out.print(table)
        return
    chosen = named or config.persona
    shown = load_persona(chosen)
    lines = samples(shown)
    if as_json:
        print_json({**shown.model_dump(mode="json"), "says": lines})
    else:
        out.print(f"{shown.name}: {shown.about}", highlight=False, markup=False)
        for language, said in lines.items():
            out.print(f"  {language}  {' '.join(said)}", highlight=False, markup=False)
    if say is not None:
        run(_speak(config.model_copy(update={"persona": chosen}), lines, say))


def samples(shown: Persona) -> dict[str, list[str]]:
    """Return how a persona words the samples, by language."""
    return {
        language: [
            in_manner(Reply(text, language, ("light.kitchen",)), about, shown.manner, _HOME).text
            for about, text in replies.items()
        ]
        for language, replies in SAMPLES.items()
    }


async def _speak(config: Config, lines: dict[str, list[str]], file: Path) -> None:
    from steward.audio.files import write_wav
    from steward.wiring import voices

    voice = voices(config)
    write_wav(
        file,
        [
            sound
            for language, said in lines.items()
            for text in said
            async for sound in voice.speak(text, language)
        ],
    )
