"""A model as it runs: its memory and speed, measured in a process of its own.

`python -m steward.lab.fit.running SETTINGS` loads a model, answers, and prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from steward.errors import ModelError
from steward.models.reading import read_shape

_TIME = 600.0
_QUIET = -1
_FIRST_TOKEN = 300
_TOKENS = 3000
"""Tokens with numbers in this range stand for a prompt: which ones makes no difference."""


@dataclass(frozen=True)
class Trial:
    """What to run: `prompt` and `answer` tokens, `times` times, in a cache for `context`."""

    model: Path
    context: int = 1024
    prompt: int = 256
    answer: int = 48
    times: int = 3
    threads: int = 0
    batch: int = 128
    cache: str = "F16"


@dataclass(frozen=True)
class Run:
    """What came of it: tokens/s of the best time, seconds to load, bytes held in the end."""

    prefill: float
    decode: float
    memory: int


def measure(trial: Trial) -> Run:
    """Run a model in another process.

    Raises:
        ModelError: it could not be loaded, or took longer than ten minutes.
    """
    request = json.dumps(asdict(trial), default=str)
    hint = "run: steward models check, to see whether the file is whole"
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", __name__, request],
            capture_output=True,
            text=True,
            timeout=_TIME,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{trial.model.name} ran for over ten minutes", hint=hint) from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ModelError(f"{trial.model.name} could not be run: {said}", hint=hint) from error
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def _child(request: Mapping[str, Any]) -> Run:
    """Run the model in this process: the best time of each is the one that was disturbed least."""
    trial = Trial(**{**request, "model": Path(request["model"])})
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    server = _server(trial)
    known = read_shape(str(trial.model)).vocabulary
    tokens = [(_FIRST_TOKEN + at % _TOKENS) % known for at in range(trial.prompt)]
    timings = [_answer(server, tokens, trial.answer) for _ in range(trial.times)]
    return Run(
        prefill=max(float(each["prompt_per_second"]) for each in timings),
        decode=max(float(each["predicted_per_second"]) for each in timings),
        memory=psutil.Process().memory_info().rss,
    )


def _server(trial: Trial) -> Any:
    import xllamacpp

    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(trial.model)
    chosen.n_ctx = trial.context
    chosen.n_parallel = 1
    chosen.n_batch = chosen.n_ubatch = trial.batch
    chosen.n_gpu_layers = 0
    chosen.fit_params = False
    chosen.cache_ram_mib = chosen.n_ctx_checkpoints = 0
    chosen.cache_type_k = chosen.cache_type_v = getattr(
        xllamacpp.ggml_type, f"GGML_TYPE_{trial.cache}"
    )
    chosen.api_keys = [secrets.token_hex(32)]
    chosen.ui = False
    chosen.verbosity = _QUIET
    for pool in (chosen.cpuparams, chosen.cpuparams_batch):
        pool.n_threads = trial.threads or psutil.cpu_count(logical=False) or 1
        pool.poll = 0
    server = xllamacpp.Server(chosen)
    server.handle_metrics()
    return server


def _answer(server: Any, tokens: list[int], answer: int) -> Mapping[str, Any]:
    """Return llama.cpp's own timings of one prompt and answer."""
    chunks: list[Any] = []
    request = {
        "prompt": tokens,
        "n_predict": answer,
        "temperature": 0,
        "ignore_eos": True,
        "cache_prompt": False,
    }
    server.handle_completions(json.dumps(request), chunks.append)
    last = json.loads(chunks[-1]) if isinstance(chunks[-1], str) else chunks[-1]
    timings: Mapping[str, Any] = last["timings"]
    return timings


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_child(json.loads(sys.argv[1])))) + "\n")
    sys.stdout.flush()
    # Freeing llama.cpp's server takes its time; all that matters has been said.
    os._exit(0)
