"""Decoding that looks ahead: guess several tokens, compute them at once, keep what is right.

A small processor computes eight tokens in one batch in half the time of eight single ones. So the
next tokens are guessed: those that the grammar forces (`rules.py`), those that followed the same
words before, those of a smaller model or of trained heads (`guess.py`). One batch then tells what
the model itself would have said at every place, and `decode.py` keeps the guesses that agree:
the answer is the model's own, only sooner.
"""
