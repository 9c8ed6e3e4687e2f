"""The base of all tables of the configuration."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base of the tables: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
