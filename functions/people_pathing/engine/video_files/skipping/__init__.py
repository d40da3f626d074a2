"""Leaves out frames that are not sampled if no other frame depends on them."""
