"""The small device: a microphone, a loudspeaker and a wake word, and a hub that does the rest."""
