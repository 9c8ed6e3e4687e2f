"""Thresholds for what is kept on this device, certified on questions with known answers."""
