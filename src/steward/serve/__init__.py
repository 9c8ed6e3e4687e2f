"""Thin translators between the butler and the outside: the web page and its API."""
