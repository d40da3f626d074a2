"""Calculates what AWS bills for tracked videos and for a stack without uploads."""
