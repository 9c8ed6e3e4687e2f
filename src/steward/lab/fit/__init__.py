"""Which model a device carries, and how fast: `predict.predict(shape, device, settings)`."""
