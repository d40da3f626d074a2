"""A simulator of the whole system. docs/simulation.md describes it."""
