"""A process with one GGUF model: llama.cpp's server on loopback, for whoever has the key.

`python -m steward.models.worker` reads one line of JSON, an `Order`, and writes one, a `Started`.
It ends when its input does, so it never outlives whoever started it. Alone in a process, a model
gives all of its memory back, and what kills llama.cpp kills nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from typing import Any

from steward.models.engine import EngineSettings, Scheme

SLOTS = 2
"""Generations at a time; they share the context memory."""
_QUIET = -1
_CHATTY = 3
_NO_PINGS = -1
_SPINS = "100"
"""How often a thread looks for work before it sleeps: nearly as fast as never sleeping on an idle
machine, faster than sleeping at once on a busy one (bench/LOG.md)."""
_SCHEMES: dict[Scheme, str] = {
    "none": "NONE",
    "ngram-map": "NGRAM_MAP_K",
    "ngram-mod": "NGRAM_MOD",
}
_FLASH = {"auto": "AUTO", "on": "ENABLED", "off": "DISABLED"}


@dataclass(frozen=True, slots=True)
class Order:
    """Which model to load, and how; `key` opens the server, `folder` holds saved prompts."""

    path: str
    settings: EngineSettings
    cores: int
    key: str
    folder: str
    verbose: bool = False

    def to_json(self) -> str:
        """Return this as one line."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(line: str) -> Order:
        """Read what `to_json` wrote."""
        given = json.loads(line)
        settings = given.pop("settings")
        settings["adapters"] = tuple((name, file) for name, file in settings["adapters"])
        return Order(settings=EngineSettings(**settings), **given)


@dataclass(frozen=True, slots=True)
class Started:
    """What came of an order: the address of the server, or why there is none."""

    url: str = ""
    version: str = ""
    failure: str = ""


def parameters(runtime: Any, order: Order) -> Any:
    """Return llama.cpp's parameters for a small box that others use too."""
    chosen, settings = runtime.CommonParams(), order.settings
    chosen.model.path = order.path
    chosen.n_ctx = settings.context
    chosen.n_parallel = SLOTS
    chosen.kv_unified = True
    chosen.n_batch, chosen.n_ubatch = settings.batch, settings.ubatch
    chosen.n_gpu_layers = 0
    chosen.fit_params = False
    chosen.cache_type_k = _cache(runtime, settings.cache_k)
    chosen.cache_type_v = _cache(runtime, settings.cache_v)
    flash = f"LLAMA_FLASH_ATTN_TYPE_{_FLASH[settings.flash_attention]}"
    chosen.flash_attn_type = getattr(runtime.llama_flash_attn_type, flash)
    # Loaded, but at work only in requests that name them.
    chosen.lora_adapters = [
        runtime.CommonAdapterLoraInfo(file, 0.0) for _, file in settings.adapters
    ]
    # Memory: no copies of old prompts beyond what the slots hold anyway.
    chosen.cache_ram_mib = 0
    chosen.n_ctx_checkpoints = 0
    chosen.slot_save_path = f"{order.folder}/"
    chosen.api_keys = [order.key]
    chosen.endpoint_slots = chosen.endpoint_metrics = True
    chosen.ui = False
    # A ping is no sign that the model still computes, which is what silence has to tell.
    chosen.sse_ping_interval = _NO_PINGS
    chosen.verbosity = _CHATTY if order.verbose else _QUIET
    chosen.speculative.types = [_scheme(runtime, settings.scheme)]
    for pool in (chosen.cpuparams, chosen.cpuparams_batch):
        pool.n_threads = settings.threads or order.cores
        # Waiting threads sleep: spinning ones make a shared two-core box ten times slower.
        pool.poll = 0
    return chosen


def _cache(runtime: Any, name: str) -> Any:
    return getattr(runtime.ggml_type, f"GGML_TYPE_{name.upper()}")


def _scheme(runtime: Any, name: Scheme) -> Any:
    kind = f"COMMON_SPECULATIVE_TYPE_{_SCHEMES[name]}"
    return getattr(runtime.common_speculative_type, kind)


def _start(order: Order) -> tuple[Any, Started]:
    import xllamacpp

    try:
        server = xllamacpp.Server(parameters(xllamacpp, order))
        # The first answer tells that its loop runs.
        server.handle_metrics()
    except RuntimeError as error:
        return None, Started(failure=str(error))
    return server, Started(server.listening_address, xllamacpp.__version__)


def main() -> None:
    """Serve until the input ends."""
    # The one who started this ends it; a key pressed in the terminal is not for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # llama.cpp starts a debugger when it gives up, which takes seconds.
    os.environ["GGML_NO_BACKTRACE"] = "1"
    # What llama.cpp prints must not be taken for the answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    order = Order.from_json(sys.stdin.readline())
    # Read by OpenMP when it is loaded.
    if not order.settings.spin:
        os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
    server, started = _start(order)
    print(json.dumps(asdict(started)), file=answers, flush=True)
    if server is not None:
        sys.stdin.read()
    # Nothing is left to be kept, and freeing a model in order takes longer than ending.
    os._exit(0)


if __name__ == "__main__":
    main()
