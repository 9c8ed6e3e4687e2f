"""Text and the words of a language: spelling, numbers, the lexicon."""
