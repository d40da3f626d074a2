"""Builds the worker's image and runs the steps of a job in it, without rights and without a network."""
