"""Reidentifiers: one module each, listed and loaded by `registries.REIDENTIFIERS`.

A module offers what `registries.NetworkModule` describes.
"""
