"""The Wyoming protocol, in which Home Assistant and satellites pass sound and words on."""
