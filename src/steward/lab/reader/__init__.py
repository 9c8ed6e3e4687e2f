"""Training of the small reader: corpus, homes, examples, network, export; the extra `train`."""
