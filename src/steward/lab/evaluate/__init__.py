"""Evaluation on homes that nobody has: a sentence, and what must be true afterwards."""
