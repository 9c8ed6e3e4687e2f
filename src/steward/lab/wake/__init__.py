"""A wake word from text and recordings: speech, two small networks, thresholds, a report."""
