"""Which Skill carries out a Call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from steward.errors import ConfigError
from steward.types import Call, Capability, Failed, Outcome, Skill


def refuse_twins(capabilities: Sequence[Capability]) -> None:
    """See that no two of `capabilities` have one name.

    Raises:
        ConfigError: two have.
    """
    named = Counter(capability.name for capability in capabilities)
    name, count = max(named.items(), key=itemgetter(1), default=("", 0))
    if count > 1:
        raise ConfigError(
            f"the tool {name} has the name of something that he can do himself",
            hint="call the server of that tool something else under [mcp.servers]",
        )


class Dispatch:
    """Hands Calls to the one of `skills` that has the capability."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        self._skills = {
            capability.name: skill for skill in skills for capability in skill.capabilities
        }

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call`; a capability that nothing has is "unsupported"."""
        skill = self._skills.get(call.capability)
        if skill is None:
            return Failed(call.id, "unsupported", f"nothing here can do {call.capability}")
        return await skill.perform(call)
