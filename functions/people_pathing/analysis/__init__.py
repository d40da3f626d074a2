"""Counts in the results of a video: zones, lines, flows and metres. docs/counting.md defines the rules.

Everything here is computed from observations. It needs no pixels, no AWS and no library: another program can
repeat it step by step. The vectors in tests/vectors/counting are for such programs.
"""
