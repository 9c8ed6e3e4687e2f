"""Machines that are asked what this device cannot answer, and what is kept of each."""
