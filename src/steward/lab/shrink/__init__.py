"""Make a model small enough for a device, and tell what it cost."""
