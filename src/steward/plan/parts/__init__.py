"""The second reading: a sentence by its words, when no template fits."""
