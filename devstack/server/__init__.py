"""Extends MiniStack with function processes, verified Function URLs and ranges of object versions.

This package runs in the tools' virtual environment, as a process of its own.
"""
