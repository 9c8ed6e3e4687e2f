"""Which Skill carries out a Call."""

from __future__ import annotations

from collections.abc import Sequence

from steward.types import Call, Failed, Outcome, Skill


class Dispatch:
    """Hands Calls to the one of `skills` that has the capability; a later one wins."""

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
