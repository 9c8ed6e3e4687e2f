"""Steward: a private AI butler for hardware you own."""

__version__ = "0.1.0"
