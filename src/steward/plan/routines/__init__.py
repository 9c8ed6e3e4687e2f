"""Scenes and scripts of the home, by what people say when they want them."""
