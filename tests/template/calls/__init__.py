"""The calls that the stack's roles make, and whether their policies allow them."""
