"""Checks what callers give to the engine, and says what would be right."""
