"""Outcomes into words."""
