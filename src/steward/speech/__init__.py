"""Hearing and speaking: recogniser, voices, voice activity."""
