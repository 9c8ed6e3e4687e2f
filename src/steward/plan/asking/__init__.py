"""Open questions: which sentences are, and what is said of their answers. Pure."""
