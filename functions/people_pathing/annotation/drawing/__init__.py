"""Draws annotations into frames."""
