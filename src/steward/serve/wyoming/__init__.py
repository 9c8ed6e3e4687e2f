"""The Wyoming protocol's door: services for Home Assistant's Assist, and the home's satellites."""
