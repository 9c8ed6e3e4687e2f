"""How a language model runs fastest on this machine: `steward tune`."""
