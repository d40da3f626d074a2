"""Counting error against ground truth, and the cost of counting."""
