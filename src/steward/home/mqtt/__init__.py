"""A home behind an MQTT broker, whose devices are found by Home Assistant's discovery."""
