"""The third reading: a trained reader says what is wanted, the words of this home say of what."""
