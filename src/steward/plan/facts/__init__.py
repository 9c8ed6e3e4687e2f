"""Conditions: what must be the case for something to be done."""
