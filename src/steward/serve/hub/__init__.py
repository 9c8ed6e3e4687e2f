"""The door for machines that are paired with this one: satellites, and Stewards that ask it."""
