"""How a chat is written for a model: the template in its file, by Jinja in a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NoReturn

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from steward.errors import ModelError
from steward.thinking import Message

_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""What llama.cpp takes for a model whose file has none."""


def prompt_of(template: str | None, messages: Sequence[Message]) -> str:
    """Return the text that ends where the answer begins.

    Raises:
        ModelError: the template is wrong, or refuses these messages.
    """
    chat = [{"role": item.role, "content": item.content} for item in messages]
    try:
        return _read(template or _CHATML).render(
            messages=chat, add_generation_prompt=True, bos_token="", eos_token=""
        )
    except (TemplateError, TypeError) as error:
        raise ModelError(
            f"the chat template of the model cannot be used: {error}",
            hint="run the model without looking ahead: steward tune --forget MODEL",
        ) from error


@lru_cache(maxsize=4)
def _read(template: str) -> Template:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = _refuse
    return environment.from_string(template)


def _refuse(why: str) -> NoReturn:
    raise TemplateError(why)
