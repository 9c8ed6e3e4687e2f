"""Home Assistant as the home: its WebSocket API, read and spoken to."""
