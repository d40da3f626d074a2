"""Measures how fast the report page is."""
