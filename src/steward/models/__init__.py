"""Weights, language-model runtimes and what chooses among them."""
