"""What `bench/voice.py` measures on a folder of recordings."""
