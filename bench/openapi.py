"""Does any request that the OpenAPI document allows, or nearly allows, break the server?

    python bench/openapi.py [--examples 200]

Schemathesis makes requests from /openapi.json, right ones and wrong ones, and sends them to a real
server with a fresh demo home. Counted are the requests, and those answered by a 5xx status.
`/api/events` is left out, for its answer has no end.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from results import publish, table
from steward.butler import Butler
from steward.config import Config
from steward.serve.run import serve
from steward.serve.tokens import Scope, opened
from steward.wiring import assemble

SEED = 1


async def fuzz(url: str, token: str, examples: int, phases: str) -> dict[str, int]:
    """Send some `examples` of each operation and phase; return how many were answered how."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.ndjson"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}openapi.json"),
            *("--url", url, "--header", f"Authorization: Bearer {token}"),
            *("--checks", "not_a_server_error", "--max-examples", str(examples)),
            *("--exclude-path", "/api/events", "--phases", phases),
            *("--suppress-health-check", "all", "--seed", str(SEED), "--request-timeout", "60"),
            *("--report-ndjson-path", str(report), "--no-color", "--continue-on-failure"),
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        text = said.decode()
        codes = re.findall(r'"status_code":\s*(\d+)', report.read_text()) if report.exists() else []
    if process.returncode:
        print(text[-4000:])
    kinds = Counter(f"{code[0]}xx" for code in codes)
    return {"requests": len(codes), "exit": process.returncode or 0, "5xx": 0, **kinds}


async def measure(examples: int) -> dict[str, int]:
    """Serve a fresh demo home, and let it be asked everything."""
    with tempfile.TemporaryDirectory() as state:
        config = Config.model_validate(
            {"server": {"port": 0, "rate": 100_000}, "paths": {"state": state}}
        )
        with opened(Path(state)) as tokens:
            token = tokens.create("fuzz", Scope.ADMIN)
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(Butler(assemble(config)), config, ready.set_result))
        try:
            return await fuzz(await ready, token, examples, "examples,coverage,fuzzing")
        finally:
            serving.cancel()
            await asyncio.wait({serving})


def main() -> None:
    """Measure, and publish the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    found = asyncio.run(measure(parser.parse_args().examples))
    headings = ["requests made from /openapi.json", "answered 2xx", "4xx", "5xx"]
    rows = [[found["requests"], found.get("2xx", 0), found.get("4xx", 0), found["5xx"]]]
    title = "Requests that the OpenAPI document allows, and nearly allows"
    publish("openapi", title, found, table(headings, rows))


if __name__ == "__main__":
    main()
