"""Later and repeated: when something is to be done."""
