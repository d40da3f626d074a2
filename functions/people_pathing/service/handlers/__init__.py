"""Lambda entry points. Each parses its event, calls one function and returns its value."""
