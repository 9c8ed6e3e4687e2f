"""Making the Chinese voice fast: Kokoro in two graphs, the second of which streams."""
