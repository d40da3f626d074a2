"""Positions on the floor in metres."""
