"""Training of heads that guess what a language model says next."""
