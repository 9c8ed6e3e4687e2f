"""Tools of other programs: the sentences that ask for them, and what is said of their answers."""
