"""Talk that asks nothing of the home."""
