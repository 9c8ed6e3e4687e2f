"""How a person behind another program says yes to what could do harm.

The program asks its user by *elicitation*; older ones are asked while the call waits, newer ones
(protocol 2026-07-28) get the question as an answer and call again. Who cannot ask gets a refusal.
A model's own word is no yes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp_types import CallToolRequestParams, ClientCapabilities, InputRequiredResult

SECONDS = 55.0
"""How long a question stands; to the butler it does so for a minute."""
MAX_ASKED = 64
"""Questions that stand at once; the oldest make room."""
CANNOT_ASK = (
    "Not done: this needs a yes of a person, and this client cannot ask one (it has no "
    "elicitation). They can say it to the butler themselves, on his page or aloud."
)
REFUSED = "Not done: the person did not say yes."
OVER = "Not done: that question is over. Call again without an answer, and he asks once more."

_KEY = "yes"
_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {_KEY: {"type": "boolean", "title": "Yes", "description": "Shall he do it?"}},
    "required": [_KEY],
}


@dataclass(frozen=True)
class Asked:
    """A question that was given to a client: what `about`, and until when it stands."""

    about: str
    until: float


class Consent:
    """Asks the person behind a client, and remembers which questions stand."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember nothing yet; `clock` tells seconds and never goes back."""
        self._clock = clock
        self._asked: dict[str, Asked] = {}

    async def ask(
        self, context: ServerRequestContext[Any, Any], question: str, about: str, state: str
    ) -> bool | str | InputRequiredResult:
        """Return whether the person said yes, or why not, or what the client has to ask first.

        `about` is what the yes will be for, `state` what nobody can guess, by which the client
        names the question when it calls again.
        """
        from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult
        from mcp_types.version import is_version_at_least

        if not _can_ask(context.session.client_capabilities):
            return f"He asks: {question} {CANNOT_ASK}"
        if not is_version_at_least(context.protocol_version, "2026-07-28"):
            try:
                async with asyncio.timeout(SECONDS):
                    answer = await context.session.elicit_form(
                        question, _FORM, related_request_id=context.request_id
                    )
            except TimeoutError:
                return OVER
            return _agreed(answer) or REFUSED
        self._asked[state] = Asked(about, self._clock() + SECONDS)
        for old in list(self._asked)[:-MAX_ASKED]:
            del self._asked[old]
        form = ElicitRequestFormParams(message=question, requested_schema=_FORM)
        return InputRequiredResult(
            input_requests={_KEY: ElicitRequest(params=form)}, request_state=state
        )

    def taken(self, params: CallToolRequestParams, about: str) -> bool | str | None:
        """Return the answer that comes with a call: yes, or why not; None where there is none.

        A question is answered once, and only for what it was about.
        """
        if params.request_state is None and not params.input_responses:
            return None
        asked = self._asked.pop(params.request_state or "", None)
        if asked is None or asked.until < self._clock() or asked.about != about:
            return OVER
        return _agreed((params.input_responses or {}).get(_KEY)) or REFUSED


def _can_ask(capabilities: ClientCapabilities | None) -> bool:
    asking = capabilities.elicitation if capabilities is not None else None
    # A client that names no mode has the one that there was first.
    return asking is not None and (asking.form is not None or asking.url is None)


def _agreed(answer: object) -> bool:
    from mcp_types import ElicitResult

    if not isinstance(answer, ElicitResult) or answer.action != "accept":
        return False
    return (answer.content or {}).get(_KEY) is True
