"""Reads each function's settings and creates its clients, once per process.

These are the service's only modules that read the environment and create clients. Each kind of function has a
module of its own, so that the zip files need not contain what only the worker's image has.
"""
