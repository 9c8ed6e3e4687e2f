"""What leans on the turns before: it, the other one, undo that."""
