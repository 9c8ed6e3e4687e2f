"""The graph of the speaker's voice, made from Resemblyzer's weights."""
