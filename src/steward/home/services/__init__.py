"""Home Assistant's services as pure functions on entities, one family of domains a file."""
