"""A smoke test of a deployed stack: a clip of drawn people goes through it, and is erased again.

The command `people-pathing smoke` and a scheduled function run the same test.
"""
