"""The first reading: sentence templates over the names of this home."""
