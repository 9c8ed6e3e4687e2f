"""Candidates for the trained reader, each trained for as long as the others: `bench/readers.py`."""
