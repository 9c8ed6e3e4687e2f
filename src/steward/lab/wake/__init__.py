"""A wake word from text alone: generated speech, two small networks, thresholds, a report."""
