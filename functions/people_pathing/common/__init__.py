"""Conventions that the other packages share. Imports none of them."""
