"""What remains open: the configured language model, which can name only what this home has."""
