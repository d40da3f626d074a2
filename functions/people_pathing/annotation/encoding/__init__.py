"""Writes annotated videos."""
